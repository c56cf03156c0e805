"""The field of a form in which a user writes a period."""

from typing import Any

from django import forms

from indicators.domain.period_words import parse_written_period
from indicators.domain.periods import InvalidPeriod, Period
from kpitracker.lib import text_validation
from kpitracker.lib.i18n.text import text, translate

PERIOD_EXAMPLES = text(
    "Such as 2024, 7/2024, Q3/2024, H1/2024, 7 months 2024, 15 July 2024, or a code such as 2024-01/2024-07.",
    "Ví dụ 2024, 7/2024, quý 3/2024, 6 tháng 2024, ngày 15/07/2024, hoặc mã như 2024-01/2024-07.",
)


class WrittenPeriodField(forms.CharField):
    """A period as its code or as people write it, in both languages. Cleans to a `Period`, or to None when empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": text("Period", "Kỳ"), "help_text": PERIOD_EXAMPLES, **options})

    def clean(self, value: Any) -> Period | None:
        written = super().clean(value)
        if not written:
            return None
        try:
            return parse_written_period(written)
        except InvalidPeriod as error:
            raise forms.ValidationError(_say_no_period(written)) from error


def _say_no_period(written: str) -> str:
    shown = text_validation.visible_preview(written)
    return f"{translate(f'“{shown}” is no period.', f'“{shown}” không phải là kỳ báo cáo.')} {PERIOD_EXAMPLES}"
