"""The form for posting a figure."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from indicators.domain.period_words import parse_written_period
from indicators.domain.periods import InvalidPeriod, Period
from indicators.models import Measurement
from indicators.services.figures.recording import FIGURE_FIELDS, FigureInput
from kpitracker.lib import clock
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.number_fields import NumberField
from kpitracker.lib.admin.types import Values
from kpitracker.lib.i18n.text import text

_PERIOD_EXAMPLES = text(
    "Such as 2024, 7/2024, Q3/2024, H1/2024, 7 months 2024, 15 July 2024, or a code such as 2024-01/2024-07.",
    "Ví dụ 2024, 7/2024, quý 3/2024, 6 tháng 2024, ngày 15/07/2024, hoặc mã như 2024-01/2024-07.",
)


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

    period = forms.CharField(label=text("Period", "Kỳ"), help_text=_PERIOD_EXAMPLES, widget=UnfoldAdminTextInputWidget)
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

    def clean_period(self) -> Period:
        try:
            return parse_written_period(self.cleaned_data["period"])
        except InvalidPeriod as error:
            raise ValidationError(str(_PERIOD_EXAMPLES)) from error

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
