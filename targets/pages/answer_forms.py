"""Forms in which people answer: what they say to an alert, and how far an action is."""

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from indicators.models import Department
from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.models import Action, Alert, Target
from targets.models.action import ACTION_STATE_LABELS
from targets.pages.board_form import day_field
from targets.pages.forms import given_answer
from targets.services.planning.actions import PROGRESS_FIELDS


def _long_text(label: str, *, required: bool = True) -> CleanTextField:
    return CleanTextField(label=label, required=required, widget=forms.Textarea(attrs={"rows": 2}))


class AlertAnswerForm(forms.Form):
    """The answer to an alert: what is the matter and what is done, and until when. `seen_answer`: of the page shown."""

    note = _long_text(text("Cause, and what is being done", "Nguyên nhân và biện pháp"))
    promised_day = day_field(text("Promised day (empty: none)", "Ngày cam kết (để trống: không)"))

    seen_answer = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, alert: Alert) -> None:
        self.posted, self.mark = data, alert.acknowledged_at.isoformat() if alert.acknowledged_at else ""
        initial = given_answer(alert) | {"seen_answer": self.mark}
        super().__init__(data, initial=initial, auto_id=f"alert-{alert.pk}-%s")

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.pop("seen_answer", "") != self.mark and self.posted is not None and "seen_answer" in self.posted:
            # The other answer stands on the page: who sends again has seen it.
            self.data = self.posted.copy()
            self.data["seen_answer"] = self.mark
            raise forms.ValidationError(
                str(
                    text(
                        "Another user has answered this alert since you opened the page. Nothing was stored; their "
                        "answer stands above. Send again to replace it.",
                        "Người khác đã trả lời cảnh báo này sau khi bạn mở trang. Chưa lưu gì; câu trả lời đó ở trên. "
                        "Gửi lần nữa để thay thế.",
                    )
                )
            )
        return values


class ActionRequestForm(forms.Form):
    """What is to be done about a target, by which department or person, and until when."""

    department = forms.ChoiceField(label=text("Responsible department", "Đơn vị chịu trách nhiệm"), required=False)
    person = CleanTextField(label=text("Person", "Người thực hiện"), required=False, max_length=200)
    email = forms.EmailField(
        label=text("The person's e-mail, for reminders", "Thư điện tử của người thực hiện, để nhắc việc"),
        required=False,
    )
    due_day = day_field(text("Due", "Thời hạn"))
    # Last field: below it `text` in this class body is the field, not the function.
    text = _long_text(text("What is to be done", "Việc phải làm"))
    field_order = ("text",)

    def __init__(self, data: QueryDict | None, target: Target, today: date) -> None:
        lead = target.answers_for
        super().__init__(data, initial={"department": lead.code if lead else ""}, auto_id="new-action-%s")
        self.fields["due_day"].required = True
        departments = Department.objects.all()
        choices = sorted(
            ((row.code, str(row)) for row in departments if row.validity.is_valid_on(today)),
            key=lambda choice: choice[1],
        )
        department = self.fields["department"]
        assert isinstance(department, forms.ChoiceField)
        department.choices = [("", text("the one that answers for the target", "đơn vị chủ trì chỉ tiêu")), *choices]


class NewCommentForm(forms.Form):
    text = _long_text(text("Comment", "Ý kiến"))

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data, auto_id="new-comment-%s")


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
