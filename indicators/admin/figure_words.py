"""Figures in words, as lists, approvals and messages of the admin show them."""

from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.models import Measurement, Revision
from kpitracker.lib.i18n.text import is_vietnamese
from kpitracker.lib.numbers import localize_number


def format_value(row: Measurement | Revision) -> str:
    """The value in the notation of the page; the reason where there is none."""
    return str(row.get_missing_reason_display()) if row.value is None else localize_number(row.value)


def value_with_unit(row: Measurement | Revision) -> str:
    """The value as `format_value`, with the unit of its indicator."""
    indicator = row.indicator if isinstance(row, Measurement) else row.measurement.indicator
    return format_value(row) if row.value is None else f"{format_value(row)} {indicator.shown_unit}".strip()


def format_period(row: Measurement) -> str:
    return period_in_words(Period(row.period_start, row.period_end), vietnamese=is_vietnamese())


def value_of_period(row: Measurement) -> str:
    """Such as `September 2024: 12.5 %`."""
    return f"{format_period(row)}: {value_with_unit(row)}"
