"""Optimistic locking of admin forms: a hidden field holds the version of the row that the user was shown."""

import hashlib
import json
from typing import Any

from django import forms
from django.utils import timezone

from indicators.admin.words import changes
from kpitracker.lib import writing
from kpitracker.lib.audit import notes
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.texts import text

FIELD = "seen_version"


def version_of(row: Any) -> str:
    """The version number of the row; a digest of its content where the model has no version number."""
    if hasattr(row, "row_version"):
        return str(row.row_version)
    return hashlib.sha256(json.dumps(notes.snapshot(row), sort_keys=True).encode()).hexdigest()[:16]


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form with the row's version. `detect_conflict` adds an error on a conflict and lets the next save pass."""

    seen_version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and FIELD in self.fields:
            self.initial[FIELD] = version_of(self.instance)

    def overtaken(self) -> bool:
        """Whether the row was saved since the user saw it. The row stays locked until the end of the transaction."""
        if self.instance._state.adding:
            return False
        writing.hold_structure(type(self.instance))
        row = type(self.instance)._base_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
        if self.cleaned_data.get(FIELD) == version_of(row):
            return False
        self.add_error(None, _sentence(row))
        # Keep the typed values and put in the new version: a second save overwrites the row on purpose.
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed[FIELD] = version_of(row)
        return True


def _sentence(row: Any) -> str:
    last = AuditEntry.objects.filter(kind=row._meta.label_lower, object_id=str(row.pk)).order_by("-pk").first()
    stays = text(
        "Nothing was saved; what you typed stands below. Save again to overwrite it.",
        "Chưa lưu gì; nội dung bạn nhập vẫn ở dưới. Lưu lần nữa để ghi đè.",
    )
    if last is None:
        return f"{text('This was changed meanwhile.', 'Dữ liệu vừa được người khác sửa.')} {stays}"
    at = f"{timezone.localtime(last.at):%d/%m/%Y %H:%M:%S}"
    changed = "; ".join(f"{each.field}: {each.before} → {each.after}" for each in changes(last))
    who = text(f"{last.actor} changed this at {at}", f"{last.actor} đã sửa lúc {at}")
    return f"{who}{f' ({changed})' if changed else ''}. {stays}"
