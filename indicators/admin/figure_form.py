"""The form for posting a figure."""

from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminTextInputWidget

from indicators.domain.periods import InvalidPeriod, Period
from indicators.models import Measurement
from indicators.services.figures.recording import FIGURE_FIELDS, FigureInput
from kpitracker.lib import clock
from kpitracker.lib.admin.forms import ServiceForm
from kpitracker.lib.admin.types import Values
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import parse_number

_PERIOD_EXAMPLES = text(
    "Such as 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 or 2024-01/2024-07.",
    "Ví dụ 2024, 2024-H1, 2024-Q3, 2024-07, 2024-07-15 hoặc 2024-01/2024-07.",
)


class FigureForm(ServiceForm):
    """One figure: its value, or the reason why it has none."""

    period = forms.CharField(label=text("Period", "Kỳ"), help_text=_PERIOD_EXAMPLES, widget=UnfoldAdminTextInputWidget)
    value = forms.CharField(
        label=text("Value", "Giá trị"),
        required=False,
        help_text=text("With a point: 7.5. Empty: say why.", "Dùng dấu chấm: 7.5. Để trống: nêu lý do."),
        widget=UnfoldAdminTextInputWidget,
    )

    class Meta:
        model = Measurement
        fields = tuple(name for name in FIGURE_FIELDS if name not in ("period", "value"))
        help_texts = {"published": text("Empty: today.", "Để trống: hôm nay.")}

    def clean_period(self) -> Period:
        try:
            return Period.parse(self.cleaned_data["period"].strip())
        except InvalidPeriod as error:
            raise ValidationError(str(_PERIOD_EXAMPLES)) from error

    def clean_value(self) -> Decimal | None:
        raw_value = self.cleaned_data["value"].strip()
        try:
            return parse_number(raw_value) if raw_value else None
        except ValidationProblem as error:
            raise ValidationError(str(error.detail)) from error

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
        return {"figure": FigureInput(**{**cleaned, **codes})}
