"""Short ways to write figures, indicators and books in tests of the domain."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver

_recorded = count(1)


def day(text: str) -> date:
    return date.fromisoformat(text)


def figure(
    period: str,
    value: str | None,
    *,
    published: str | None = "2024-01-01",
    stage: str = "official",
    qualifier: str = "",
    order: int | None = None,
    recorded_on: str | None = None,
    missing: str = "not_available",
) -> Figure:
    """A revision; recorded after all that were made before, unless an order is given. `missing`: why it has no value."""
    start, end = Period.parse(period)
    number = next(_recorded) if order is None else order
    return Figure(
        id=f"{period}#{number}",
        revision=1,
        start=start,
        end=end,
        value=None if value is None else Decimal(value),
        qualifier=qualifier,
        stage=stage,
        published=None if published is None else day(published),
        order=number,
        recorded_on=None if recorded_on is None else day(recorded_on),
        missing_reason=missing if value is None else "",
    )


def months(year: int, values: Sequence[str | int]) -> list[Figure]:
    """Figures of the months of a year from January on."""
    return [figure(f"{year}-{month:02d}", str(value)) for month, value in enumerate(values, start=1)]


def indicator(
    accumulation: str = "sum",
    *,
    code: str = "x",
    kind: str = "level",
    frequency: str = "month",
    due_days: int = 10,
) -> IndicatorTerms:
    """A stored indicator."""
    return IndicatorTerms(
        code, IndicatorKind(kind), Frequency(frequency), Accumulation(accumulation), due_days=due_days
    )


def computed(code: str, formula: str, *, kind: str = "rate", frequency: str = "month") -> IndicatorTerms:
    """A formula indicator."""
    return IndicatorTerms(code, IndicatorKind(kind), Frequency(frequency), None, formula)


def book(*terms: IndicatorTerms, **series: Sequence[Figure]) -> ValueResolver:
    """A book of the indicators with figures by code, `_` for `-`."""
    return ValueResolver(terms, {code.replace("_", "-"): result for code, result in series.items()})
