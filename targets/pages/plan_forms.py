"""The forms on the page of a plan: adopt its drafts, and close it."""

from django import forms

from kpitracker.lib.admin.text_fields import CleanTextField
from kpitracker.lib.i18n.text import text
from targets.pages.board_form import day_field


def required_day(label: str, help_text: str = "") -> forms.DateField:
    field = day_field(label)
    field.required, field.help_text = True, help_text
    return field


def act_field(*, required: bool = True) -> forms.CharField:
    return CleanTextField(
        label=text("Act", "Văn bản"), max_length=1000, required=required, widget=forms.TextInput,
        help_text=text("The document that decided it, such as a resolution.", "Văn bản quyết định, ví dụ nghị quyết."),
    )  # fmt: skip


class AdoptForm(forms.Form):
    prefix = "adopt"

    act = act_field()
    announced = required_day(
        text("Announced", "Ngày ban hành"),
        text("The targets count from this day.", "Chỉ tiêu có hiệu lực từ ngày này."),
    )


class CloseForm(forms.Form):
    prefix = "close"

    as_of = day_field(text("As of (empty: today)", "Tính đến ngày (để trống: hôm nay)"))
    reason = CleanTextField(
        label=text("Reason", "Lý do"), widget=forms.Textarea(attrs={"rows": 2}),
        help_text=text("Every reader of the scorecard sees it.", "Người xem bảng kết quả đều đọc được."),
    )  # fmt: skip
