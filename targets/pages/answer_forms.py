"""Forms in which people answer: what they say to an alert, and how far an action is."""

from typing import Any

from django import forms
from django.http import QueryDict

from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.models import Action, Alert
from targets.models.action import ACTION_STATE_LABELS
from targets.pages.board_form import day_field
from targets.pages.forms import given_answer
from targets.services.planning.actions import PROGRESS_FIELDS


def _long_text(label: str, *, required: bool = True) -> CleanTextField:
    return CleanTextField(label=label, required=required, widget=forms.Textarea(attrs={"rows": 2}))


class AlertAnswerForm(forms.Form):
    """The answer to an alert: what is the matter and what is done, and until when."""

    note = _long_text(text("Cause, and what is being done", "Nguyên nhân và biện pháp"))
    promised_day = day_field(text("Promised day (empty: none)", "Ngày cam kết (để trống: không)"))

    def __init__(self, data: QueryDict | None, alert: Alert) -> None:
        super().__init__(data, initial=given_answer(alert), auto_id=f"alert-{alert.pk}-%s")


class ActionProgressForm(forms.Form):
    """How far an action is. `seen_version`: of the row that the page showed."""

    state = forms.ChoiceField(
        label=text("State", "Tình trạng"),
        choices=[(state.value, label) for state, label in ACTION_STATE_LABELS.items()],
    )
    outcome = _long_text(text("What was done so far", "Kết quả thực hiện"), required=False)
    closed_day = day_field(text("Ended on (empty: today)", "Ngày kết thúc (để trống: hôm nay)"))
    seen_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, action: Action) -> None:
        self.action, self.posted = action, data
        initial = {name: getattr(action, name) for name in PROGRESS_FIELDS}
        initial["seen_version"] = action.row_version
        super().__init__(data, initial=initial, auto_id=f"action-{action.pk}-%s")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.pop("seen_version", None) != self.action.row_version and self.posted is not None:
            # The stored state stands on the page: who sends again has seen it.
            self.data = self.posted.copy()
            self.data["seen_version"] = str(self.action.row_version)
            raise forms.ValidationError(
                str(
                    text(
                        "Another user has changed this action since you opened the page. Nothing was stored; what stands "
                        "above is new. Send again to overwrite it.",
                        "Người khác đã sửa biện pháp này sau khi bạn mở trang. Chưa lưu gì; nội dung ở trên là mới. "
                        "Gửi lần nữa để ghi đè.",
                    )
                )
            )
        return values
