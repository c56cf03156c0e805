"""Figures in words, as lists, approvals, messages and pages show them."""

from indicators.domain.choices import IndicatorKind, Stage
from indicators.domain.figures import is_forecast
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.models import Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.i18n.text import is_vietnamese, translate
from kpitracker.lib.numbers import localize_number


def format_value(row: Measurement | Revision) -> str:
    """The value in the notation of the page; the reason where there is none."""
    return str(row.get_missing_reason_display()) if row.value is None else localize_number(row.value)


def value_with_unit(row: Measurement | Revision) -> str:
    """The value as `format_value`, with the unit of its indicator."""
    indicator = row.indicator if isinstance(row, Measurement) else row.measurement.indicator
    return format_value(row) if row.value is None else f"{format_value(row)} {indicator.shown_unit}".strip()


def stage_in_words(row: Measurement) -> str:
    """The stage; of a figure that is a forecast by its day also that it is one."""
    label = str(row.get_stage_display())
    known_on = row.published or clock.local_day(row.recorded_at)
    kind = IndicatorKind(row.indicator.kind)
    if row.stage == Stage.FORECAST or not is_forecast(row.stage, known_on, row.period_end, kind):
        return label
    return translate(f"{label} (counts as a forecast)", f"{label} (được coi là dự báo)").strip()


def format_period(row: Measurement) -> str:
    return period_in_words(Period(row.period_start, row.period_end), vietnamese=is_vietnamese())


def value_of_period(row: Measurement) -> str:
    """Such as `September 2024: 12.5 %`."""
    return f"{format_period(row)}: {value_with_unit(row)}"
