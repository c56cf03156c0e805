"""What the parts of a whole contributed to its growth (domain.md, Contributions)."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from indicators.domain.formula_ast import MissingValueError
from indicators.domain.missing_values import MissingSlug, MissingValue
from indicators.domain.periods import Period
from indicators.domain.rounding import exact_arithmetic, round_for_comparison, round_half_up
from indicators.domain.value_resolver import ValueResolver

from .choices import Goal
from .terms import TargetTerms

_HUNDRED: Final = Decimal(100)
# A part without a value says why; that it was not reported a year before is told apart.
_NOTHING_THERE: Final = (MissingSlug.NOTHING_REPORTED, MissingSlug.GAP)


class PartsBy(StrEnum):
    """What the parts are: indicators that the whole names, or the child areas that it is added up from."""

    INDICATORS = "indicators"
    AREAS = "areas"


class NoContributionsSlug(StrEnum):
    """Why a target has no contributions: no `yoy(x)`, an x without parts, or a target that is judged by a person."""

    NO_GROWTH = "no-growth"
    NO_PARTS = "no-parts"
    WITHOUT_NUMBER = "without-number"


class PartChange(NamedTuple):
    """The value of one part over a span and over the same span a year before, in its unit. `key` names the part.

    `reason`: why the two cannot be compared; None when they can.
    """

    key: str
    value: Decimal | None
    base: Decimal | None
    reason: MissingValue | None = None


class Contribution(NamedTuple):
    """What a part contributed, in points of the growth of the whole; the numbers are None when `part` says why.

    `growth` is in percent, None over a base that is not above 0. `share`: of the whole a year before, as a fraction.
    `more`: the points it would have had to bring more for the required edge, in proportion to its share.
    """

    part: PartChange
    points: Decimal | None = None
    growth: Decimal | None = None
    share: Decimal | None = None
    more: Decimal | None = None


class NotExplained(NamedTuple):
    """What is left of the growth, of 1 and of the points that are missing."""

    points: Decimal
    share: Decimal
    more: Decimal | None


class Breakdown(NamedTuple):
    """The growth of a whole in percent, its parts by size, and the rest. With it the points add up to the growth exactly.

    `required`: the required edge that the growth is measured from; `more`: the points that are missing to it.
    """

    growth: Decimal
    required: Decimal | None
    more: Decimal | None
    parts: tuple[Contribution, ...]
    not_explained: NotExplained


class MissingPoints(NamedTuple):
    """The required edge that a growth is measured from, and the points to it: negative when there are too many."""

    edge: Decimal | None
    points: Decimal | None


def compare_with_year_before(resolver: ValueResolver, code: str, key: str, span: Period) -> PartChange:
    """Return the two values of a part: like with like, as `yoy()` compares them."""
    view, earlier = resolver.beside(span.end), span.years_before(1)
    value, base = view.value(code, span), view.value(code, earlier)
    return PartChange(key, value, base, _find_reason(view, code, span, value, base))


def _find_reason(
    view: ValueResolver, code: str, span: Period, value: Decimal | None, base: Decimal | None
) -> MissingValue | None:
    earlier = span.years_before(1)
    if value is None:
        return view.missing_reason(code, span)
    if base is None:
        reason = view.missing_reason(code, earlier)
        return MissingValue(MissingSlug.BASE_MISSING, code, earlier) if reason.slug in _NOTHING_THERE else reason
    try:
        with exact_arithmetic():
            view.require_comparable([code], earlier, span)
    except MissingValueError as error:
        return error.reason
    return None


def find_missing_points(terms: TargetTerms, growth: Decimal) -> MissingPoints:
    """Return what a growth, in percent, lacks to the required edge; 0 when it lacks nothing, None without an edge."""
    lower, upper = terms.lower, terms.upper
    if terms.goal == Goal.AT_LEAST and lower is not None:
        return MissingPoints(lower, max(lower - growth, Decimal(0)))
    if terms.goal == Goal.AT_MOST and upper is not None:
        return MissingPoints(upper, min(upper - growth, Decimal(0)))
    if terms.goal != Goal.WITHIN or lower is None or upper is None:
        return MissingPoints(None, None)
    if growth < lower:
        return MissingPoints(lower, lower - growth)
    return MissingPoints(upper, upper - growth) if growth > upper else MissingPoints(None, Decimal(0))


def break_down_growth(
    growth: Decimal, base: Decimal, parts: Iterable[PartChange], missing: MissingPoints, places: int
) -> Breakdown:
    """Return what each part contributed to a growth of the whole, which was `base`, above 0, a year before.

    All points are rounded to `places`, so that those shown add up to the growth shown.
    """
    with exact_arithmetic():
        growth = round_half_up(growth, places)
        more = None if missing.points is None else round_half_up(round_for_comparison(missing.points), places)
        contributions = [_contribution(part, base, more, places) for part in parts]
        rest = NotExplained(
            growth - _total(row.points for row in contributions),
            1 - _total(row.share for row in contributions),
            None if more is None else more - _total(row.more for row in contributions),
        )
    contributions.sort(key=lambda row: (row.points is None, -(row.points or 0), row.part.key))
    return Breakdown(growth, missing.edge, more, tuple(contributions), rest)


def _contribution(part: PartChange, base: Decimal, more: Decimal | None, places: int) -> Contribution:
    if part.value is None or part.base is None or part.reason is not None:
        return Contribution(part)

    def shown(number: Decimal) -> Decimal:
        return round_half_up(round_for_comparison(number), places)

    share = part.base / base
    return Contribution(
        part,
        points=shown((part.value - part.base) / base * _HUNDRED),
        growth=shown((part.value / part.base - 1) * _HUNDRED) if part.base > 0 else None,
        share=shown(share),
        more=None if more is None else shown(more * share),
    )


def _total(numbers: Iterable[Decimal | None]) -> Decimal:
    return sum((number for number in numbers if number is not None), Decimal(0))
