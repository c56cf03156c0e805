"""Readable texts of audit entries."""

from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry


class FieldChange(NamedTuple):
    """One changed field, before and after; "–" for no value."""

    field: str
    before: str
    after: str


def field_changes(entry: AuditEntry) -> list[FieldChange]:
    names = list(dict.fromkeys([*entry.before, *entry.after]))
    return [
        FieldChange(
            _field_label(entry.kind, name),
            _format_value(entry, name, entry.before),
            _format_value(entry, name, entry.after),
        )
        for name in names
        if entry.before.get(name) not in (None, "") or entry.after.get(name) not in (None, "")
    ]


def model_label(label: str) -> str:
    """Readable name of a model; its label when the model no longer exists."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _model_field(label: str, name: str) -> Any:
    try:
        return apps.get_model(label)._meta.get_field(name)
    except (LookupError, ValueError, FieldDoesNotExist):
        return None


def _field_label(label: str, name: str) -> str:
    return str(getattr(_model_field(label, name), "verbose_name", name))


def _format_value(entry: AuditEntry, name: str, values: dict[str, Any]) -> str:
    value = values.get(name)
    if value in (None, "", []):
        return "–"
    if isinstance(value, bool):
        return str(text("yes", "có") if value else text("no", "không"))
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    choices = dict(getattr(_model_field(entry.kind, name), "flatchoices", ()))
    return str(choices.get(value, value))
