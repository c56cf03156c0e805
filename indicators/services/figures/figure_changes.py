"""Figures that are about to be stored, and numbers as warnings about them write them."""

from decimal import Decimal
from typing import NamedTuple

from indicators.domain.periods import Period
from indicators.domain.rounding import to_plain_string
from indicators.models import Indicator
from kpitracker.lib.numbers import localize_number


class FigureChange(NamedTuple):
    """A figure that is about to be stored. `area` is an id. `is_forecast`: by its stage or by its day."""

    indicator: Indicator
    area: int
    period: Period
    value: Decimal | None
    stage: str = ""
    is_forecast: bool = False


def in_both_notations(value: Decimal) -> tuple[str, str]:
    """The number in English and in Vietnamese: a warning is stored in both languages."""
    plain = to_plain_string(value)
    return localize_number(plain, vietnamese=False), localize_number(plain, vietnamese=True)
