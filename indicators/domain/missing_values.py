"""Why there is no value over a span (domain.md sections 4 and 6)."""

from datetime import date
from enum import StrEnum
from typing import NamedTuple

from .periods import Period


class MissingSlug(StrEnum):
    NOTHING_REPORTED = "nothing-reported"
    ONLY_FORECAST = "only-forecast"
    WITHOUT_VALUE = "without-value"
    GAP = "gap"
    INPUT_MISSING = "input-missing"
    BASE_MISSING = "base-missing"
    BASE_NOT_ABOVE_ZERO = "base-not-above-zero"
    DIVISION_BY_ZERO = "division-by-zero"
    SERIES_BREAK = "series-break"
    TERRITORY_CHANGED = "territory-changed"


class MissingValue(NamedTuple):
    """Why there is no value. `indicator`: the code of the input; empty for a part of a formula.

    `period`: the span without a value. `day`: of a break of the series, of a merger of areas, or on which a figure without
    a value became known. `areas`: codes of those whose figures are missing. `missing_reason`: what that figure states
    (`MissingReason`); `withdrawn` where nothing is reported because it was taken back.
    """

    slug: MissingSlug
    indicator: str = ""
    period: Period | None = None
    day: date | None = None
    areas: tuple[str, ...] = ()
    missing_reason: str = ""
