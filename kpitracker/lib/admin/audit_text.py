"""Readable texts of audit entries."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from kpitracker.lib.db.fields import ExactDecimalField
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.numbers import localize_number

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9.]+[+-][0-9]{2}:[0-9]{2}")


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
    field = _model_field(entry.kind, name)
    choices = dict(getattr(field, "flatchoices", ()))
    if isinstance(value, str) and value in choices:
        return str(choices[value])
    return _localize(field, str(value))


def _localize(field: Any, value: str) -> str:
    """A stored number, day or moment in the notation of the page; other texts as they are."""
    try:
        if isinstance(field, ExactDecimalField):
            return localize_number(Decimal(value))
        # The fields of a version stand in the entry of its target, so their types are not known here.
        if isinstance(field, models.DateTimeField) or (field is None and _ISO_MOMENT.fullmatch(value)):
            return date_format(timezone.localtime(datetime.fromisoformat(value)), "DATETIME_FORMAT")
        if isinstance(field, models.DateField) or (field is None and _ISO_DAY.fullmatch(value)):
            return date_format(date.fromisoformat(value))
    except (ArithmeticError, ValueError):
        pass  # the field may have had another type when the entry was written
    return value
