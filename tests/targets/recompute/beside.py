"""What stands beside an assessment: the year before, the percent of the target, and what parts contributed to a growth."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.targets.recompute.case import Case
from tests.targets.recompute.sheet import Number, Sheet
from tests.targets.recompute.spans import Span, years_before


def beside(case: Case) -> dict[str, Any]:
    return {"same_period": same_period(case), "percent_of_target": percent_of_target(case)}


def same_period(case: Case) -> tuple[Span, Number, Number]:
    """The span a year before, the value over it, and the change: in percent, of rates, shares and ranks the difference."""
    sheet, span = case.sheet, years_before(case.span, 1)
    value = before(sheet, sheet.code, case.span)
    if value is None or sheet.kind == "yes_no":
        return span, value, None
    if sheet.kind in ("rate", "share", "rank"):
        return span, value, case.value - value
    return span, value, (case.value / value - 1) * 100 if value > 0 else None


def before(sheet: Sheet, code: str, span: Span) -> Number:
    """The value over the same span a year before, where the two can be compared."""
    earlier = years_before(span, 1)
    return None if sheet.shelf.torn([code], earlier, span) else sheet.shelf.value(code, earlier)


def percent_of_target(case: Case) -> Number:
    sheet = case.sheet
    edge = sheet.upper if sheet.goal == "at_most" else sheet.lower
    is_range = sheet.goal == "within" and sheet.lower != sheet.upper
    if is_range or sheet.kind not in ("level", "count") or edge is None or edge <= 0:
        return None
    return case.value / edge * 100


def contributions(sheet: Sheet, whole: str, parts: Sequence[str], span: Span, growth: Fraction) -> dict[str, Any]:
    """What each part brought to the growth of the whole over a span, in points, and what is left.

    `more`: what it would have had to bring more for the required edge, in proportion to its share.
    """
    base = before(sheet, whole, span)
    assert base is not None
    missing = missing_points(sheet, growth)
    rows: dict[str, Any] = {}
    left_points, left_share, left_more = growth, Fraction(1), missing
    for code in parts:
        value, earlier = sheet.shelf.value(code, span), before(sheet, code, span)
        if value is None or earlier is None:
            rows[code] = None
            continue
        share = earlier / base
        more = None if missing is None else missing * share
        points = (value - earlier) * 100 / base
        rows[code] = points, (value - earlier) * 100 / earlier if earlier > 0 else None, share, more
        left_points -= points
        left_share -= share
        left_more = None if more is None or left_more is None else left_more - more
    return rows | {"not explained": (left_points, left_share, left_more)}


def missing_points(sheet: Sheet, growth: Fraction) -> Number:
    """How much is missing to the nearest required edge; below 0 what is too much, 0 where nothing is."""
    low = sheet.lower if sheet.goal != "at_most" else None
    high = sheet.upper if sheet.goal != "at_least" else None
    if low is not None and growth < low:
        return low - growth
    if high is not None and growth > high:
        return high - growth
    return Fraction()
