"""Whoever saves must have seen what he overwrites: a hidden field says which version of the row he was shown."""

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
    """The row's version, or, of a row that counts none, a digest of what it says."""
    if hasattr(row, "row_version"):
        return str(row.row_version)
    return hashlib.sha256(json.dumps(notes.snapshot(row), sort_keys=True).encode()).hexdigest()[:16]


class SeenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form with the version; `overtaken` complains at the top, and lets the next save pass."""

    seen_version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and FIELD in self.fields:
            self.initial[FIELD] = version_of(self.instance)

    def overtaken(self) -> bool:
        """Whether somebody else was faster. Until the end of the transaction nobody else can be."""
        if self.instance._state.adding:
            return False
        writing.hold_structure(type(self.instance))
        row = type(self.instance)._base_manager.select_for_update(of=("self",)).get(pk=self.instance.pk)
        if self.cleaned_data.get(FIELD) == version_of(row):
            return False
        self.add_error(None, _sentence(row))
        # What was typed stays; whoever has read the sentence and saves again means it.
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
        return f"{text('Somebody changed this meanwhile.', 'Dữ liệu vừa được người khác sửa.')} {stays}"
    at = f"{timezone.localtime(last.at):%d/%m/%Y %H:%M:%S}"
    changed = "; ".join(f"{each.field}: {each.before} → {each.after}" for each in changes(last))
    who = text(f"{last.actor} changed this at {at}", f"{last.actor} đã sửa lúc {at}")
    return f"{who}{f' ({changed})' if changed else ''}. {stays}"
