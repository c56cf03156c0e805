"""The form for posting a figure."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from indicators.models import Measurement
from indicators.period_form_field import WrittenPeriodField
from indicators.services.figures.recording import FIGURE_FIELDS, FigureInput
from kpitracker.lib import clock
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.number_fields import NumberField
from kpitracker.lib.admin.types import Values
from kpitracker.lib.i18n.text import text


def quiet_field() -> forms.BooleanField:
    """The tick for loads of history; without the scope for history the service refuses it."""
    return forms.BooleanField(
        label=text("Notify no one", "Không thông báo"),
        required=False,
        help_text=text(
            "To load history: no alert follows now. If the status is still a problem, the next figure notifies of it.",
            "Dùng khi nạp số liệu cũ: không gửi cảnh báo. Nếu tình trạng vẫn đáng lo, số liệu sau sẽ báo.",
        ),
        widget=UnfoldBooleanWidget,
    )


class FigureForm(ServiceForm):
    """One figure: its value, or the reason why it has none."""

    period = WrittenPeriodField(widget=UnfoldAdminTextInputWidget)
    value = NumberField(
        label=text("Value", "Giá trị"),
        required=False,
        help_text=text("Such as 1,234.5. Empty: say why.", "Ví dụ 1.234,5. Để trống: nêu lý do."),
    )

    quiet = quiet_field()

    class Meta:
        model = Measurement
        fields = tuple(name for name in FIGURE_FIELDS if name not in ("period", "value"))
        help_texts = {"published": text("Empty: today.", "Để trống: hôm nay.")}

    def decimals_by_field(self) -> dict[str, int]:
        indicator = self.cleaned_data.get("indicator")
        return {"value": indicator.decimals} if indicator else {}

    def clean_published(self) -> date:
        return self.cleaned_data["published"] or clock.today()

    def clean_missing_reason(self) -> str:
        reason: str = self.cleaned_data["missing_reason"]
        if "value" in self.cleaned_data and (self.cleaned_data["value"] is None) == (not reason):
            raise ValidationError(
                str(text("Either a value, or why there is none.", "Hoặc giá trị, hoặc lý do không có giá trị."))
            )
        return reason

    def values(self) -> Values:
        cleaned = {name: self.cleaned_data[name] for name in FIGURE_FIELDS}
        codes = {name: cleaned[name].code for name in ("indicator", "area")}
        return {"figure": FigureInput(**{**cleaned, **codes}), "quiet": self.cleaned_data["quiet"]}
