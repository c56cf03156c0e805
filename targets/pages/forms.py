"""Forms for the response to an alert."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget

from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.models import Alert


def reason_field(label: Any, help_text: Any = "") -> forms.CharField:
    return CleanTextField(label=label, help_text=help_text, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}))


class AcknowledgeForm(forms.Form):
    note = reason_field(text("Note", "Ý kiến"), text("The cause, and what is being done.", "Nguyên nhân và biện pháp."))
    promised_day = forms.DateField(
        label=text("Promised day", "Ngày cam kết"), required=False, widget=UnfoldAdminDateWidget,
        help_text=text(
            "No reminders until this day has passed. Empty: no more reminders.",
            "Không nhắc trước khi hết ngày này. Để trống: không nhắc.",
        ),
    )  # fmt: skip


def given_answer(alert: Alert) -> dict[str, object]:
    """The answer that an alert has already, as initial values: who answers again changes it and starts from it."""
    if alert.acknowledged_at is None:
        return {}
    return {"note": alert.acknowledgement_note, "promised_day": alert.promised_day}
