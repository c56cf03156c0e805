"""Optimistic locking of admin forms: a hidden field holds the version of the row that the user was shown."""

import hashlib
import json
from typing import Any

from django import forms
from django.contrib.admin import site
from django.utils import timezone
from django.utils.formats import date_format

from kpitracker.lib import crud
from kpitracker.lib.admin.audit_text import field_changes
from kpitracker.lib.admin.sites import shown_actor
from kpitracker.lib.audit import log
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import AuditEntry

VERSION_FIELD = "seen_version"


def current_version(row: Any) -> str:
    """The version number of the row; a digest of its content where the model has no version number."""
    if hasattr(row, "row_version"):
        return str(row.row_version)
    return hashlib.sha256(json.dumps(log.snapshot_row(row), sort_keys=True).encode()).hexdigest()[:16]


class OptimisticLockForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form with the row's version. `detect_conflict` adds an error on a conflict and lets the next save pass."""

    seen_version = forms.CharField(
        label=text("version that is shown", "phiên bản đang hiển thị"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and VERSION_FIELD in self.fields:
            self.initial[VERSION_FIELD] = current_version(self.instance)

    def detect_conflict(self) -> bool:
        """Whether the row was saved since the user saw it. The row stays locked until the end of the transaction."""
        if self.instance._state.adding:
            return False
        crud.lock_structure(type(self.instance))
        row = type(self.instance)._base_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
        if self.cleaned_data.get(VERSION_FIELD) == current_version(row):
            return False
        self.add_error(None, _conflict_message(row))
        # Keep the typed values and put in the new version: a second save overwrites the row on purpose.
        data: Any = self.data
        self.data = data = data.copy()
        data[VERSION_FIELD] = current_version(row)
        return True


def _conflict_message(row: Any) -> str:
    last_entry = AuditEntry.objects.filter(kind=row._meta.label_lower, object_id=str(row.pk)).order_by("-pk").first()
    advice = text(
        "Nothing was saved; what you typed stands below. Save again to overwrite it.",
        "Chưa lưu gì; nội dung bạn nhập vẫn ở dưới. Lưu lần nữa để ghi đè.",
    )
    if last_entry is None:
        return f"{text('This was changed meanwhile.', 'Dữ liệu vừa được người khác sửa.')} {advice}"
    changed_at = date_format(timezone.localtime(last_entry.at), "DATETIME_FORMAT")
    author = shown_actor(site, last_entry.actor)
    changed_fields = "; ".join(
        f"{change.field}: {change.before} → {change.after}" for change in field_changes(last_entry)
    )
    author_text = text(f"{author} changed this at {changed_at}", f"{author} đã sửa lúc {changed_at}")
    return f"{author_text}{f' ({changed_fields})' if changed_fields else ''}. {advice}"
