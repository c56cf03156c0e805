"""Writing audit entries, in the transaction of the audited write."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import override

from kpitracker.lib.actor import Actor
from kpitracker.lib.db.plain_sql import insert_row
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.logs import current_request_id
from kpitracker.lib.models.audit import AuditEntry

# Secrets and internal columns that must not appear in the audit.
_EXCLUDED_FIELDS = {"password", "digest", "search_text", "row_version"}


def snapshot_row(row: models.Model) -> JsonObject:
    """The columns of a row for the audit: related rows as codes, numbers and days as texts."""
    return {
        field.name: _json_value(getattr(row, field.name))
        for field in row._meta.concrete_fields
        if field.name not in _EXCLUDED_FIELDS and not field.primary_key
    }


def label_of(row: models.Model) -> str:
    """The label of a row: its code, else another identifier, else its text."""
    for name in ("code", "identifier", "prefix", "username"):
        if value := getattr(row, name, None):
            return str(value)
    # Stored for good: in the language of the service, not in that of the user who happens to write.
    with override(settings.LANGUAGE_CODE):
        return str(row)


def _json_value(value: object) -> Any:
    if isinstance(value, models.Model):
        return label_of(value)
    return value if value is None or isinstance(value, bool | int | str | list | dict) else str(value)


def write_entry(
    *,
    by: Actor,
    verb: str,
    row: models.Model,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    label: str | None = None,
) -> None:
    """Write one entry. For a change, `before` and `after` hold only the changed fields."""
    insert_row(build_entry(by=by, verb=verb, row=row, before=before, after=after, label=label))


def build_entry(
    *,
    by: Actor,
    verb: str,
    row: models.Model,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    label: str | None = None,
) -> AuditEntry:
    """As `write_entry`, but unsaved; `write_entries` saves several."""
    return AuditEntry(
        actor=by.name[:200],
        department=by.department,
        address=by.address,
        request_id=current_request_id.get(),
        verb=verb,
        kind=row._meta.label_lower,
        object_id=str(row.pk),
        label=(label or label_of(row))[:300],
        before=dict(before or {}),
        after=dict(after or {}),
    )


def write_entries(entries: Iterable[AuditEntry]) -> None:
    """Write several entries at once, in their order."""
    AuditEntry.objects.bulk_create(entries)


def diff_snapshots(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[JsonObject, JsonObject]:
    """The fields that differ between two snapshots of a row: old values, new values."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
