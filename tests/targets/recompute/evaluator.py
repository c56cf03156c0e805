"""From an explanation in JSON to all parts of an assessment."""

import json
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from tests.targets.recompute.beside import beside, contributions
from tests.targets.recompute.case import Case, measured
from tests.targets.recompute.outlook import required
from tests.targets.recompute.prospect import outlook
from tests.targets.recompute.sheet import Sheet, actual, declared, due_days, fresh, gaps
from tests.targets.recompute.spans import DAY, Span
from tests.targets.recompute.verdict import reached, status
from tests.targets.recompute.world import Land

# What was posted does not say which pace was the best ever seen: it is sought.
UNSAID: dict[str, Any] = {"best_seen": [], "periods_seen": 0}


def recompute(text: str) -> dict[str, Any]:
    """Every part of an assessment, from the explanation as it was written down in JSON."""
    sheet = Sheet(json.loads(text))
    return conclude(sheet, None if sheet.terms["qualitative"] else actual(sheet, sheet.period))


def judge_posted(text: str) -> dict[str, Any]:
    """Every part of an assessment, from all that was posted of an area and of those that merged into it."""
    land, sheet = read_posted(text)
    result = None if sheet.terms["qualitative"] else on_any_ground(land, sheet)
    return conclude(sheet, result) | {"issuer": issuer(land, sheet)}


def read_posted(text: str) -> tuple[Land, Sheet]:
    world = json.loads(text)
    land, sheet = Land(world), Sheet(world | {"figures": [], "other_figures": [], "required": UNSAID})
    sheet.shelf, sheet.land = land.shelf(date.min), land
    return land, sheet


def contributions_posted(text: str, whole: str, parts: Sequence[str]) -> dict[str, Any]:
    """What parts of a whole contributed to its growth, which is the value of the target."""
    land, sheet = read_posted(text)
    result = on_any_ground(land, sheet)
    assert result is not None
    value, span, _ = result
    return contributions(sheet, whole, parts, span, value)


def on_any_ground(land: Land, sheet: Sheet) -> tuple[Fraction, Span, int] | None:
    """The value of the latest ground of the area on which there is one; the sheet stays on that ground."""
    first, last = sheet.period
    for merger in reversed(land.mergers_inside(sheet.period)):
        sheet.shelf = land.shelf(last)
        result = actual(sheet, (first, last))
        if result and result[1][1] >= merger:
            sheet.shelf = land.shelf(result[1][1])
            return result
        last = merger - DAY
    sheet.shelf = land.shelf(last)
    result = actual(sheet, (first, last))
    sheet.shelf = land.shelf(result[1][1] if result else date.min)
    return result


def issuer(land: Land, sheet: Sheet) -> tuple[Fraction, Fraction | None] | None:
    """What the forecast of the whole period says, and how far from the required edge that is."""
    first, last = sheet.period
    rows = [row for row in land.forecasts if row.area == land.area and row.indicator == sheet.code]
    rows = [row for row in rows if row.span[1] == last and (row.span[0] == first or sheet.how == "last")]
    if not rows or sheet.terms["qualitative"] or sheet.final:
        return None
    value = max(rows, key=lambda row: (row.published, row.order)).value
    edges = {"at_least": (sheet.lower, None), "at_most": (None, sheet.upper)}
    low, high = edges.get(sheet.goal, (sheet.lower, sheet.upper))
    if sheet.goal != "within":
        edge = low if high is None else high
        return value, None if edge is None else value - edge
    if low is not None and value < low:
        return value, value - low
    return value, value - high if high is not None and value > high else Fraction()


def conclude(sheet: Sheet, result: tuple[Fraction, Span, int] | None) -> dict[str, Any]:
    dues = due_days(sheet)
    sheet.answer |= fresh(sheet, dues, result and result[1][1])
    sheet.answer["gaps"] = gaps(sheet, result and result[1][1])
    if result is None:
        passed = sheet.as_of > sheet.first_due
        sheet.answer |= {"status": "no_data" if passed else "not_due", "provisional": False, "actual": None}
        sheet.answer |= {"profile": declared(sheet), "partial": False, "figures": set()}
        return sheet.answer
    value, span, lean = result
    sheet.shelf.value(sheet.code, span, sheet.used)
    return judge(sheet, value, span, lean, result_overdue=sheet.as_of > dues[-1][1])


def judge(sheet: Sheet, value: Fraction, span: Span, lean: int, *, result_overdue: bool) -> dict[str, Any]:
    case = Case(sheet, value, span, lean)
    sheet.final = case.final
    shortfall, tolerance = measured(case)
    if not case.final:
        for share in case.shares:
            sheet.used |= share.used
    sheet.answer |= {
        "status": status(case, shortfall, tolerance, result_overdue),
        "actual": value,
        "partial": case.partial,
        "profile": case.profile,
        "fallback": case.fallback,
        "interpolated": bool(case.shares) and case.shares[0].between,
        "expected_lower": case.low,
        "expected_upper": case.high,
        "position": None,
        "milestones": [reached(case, point) for point in sheet.points],
        **outlook(case),
        **required(case),
        **beside(case),
    }
    if case.low is not None and case.high is not None and case.low != case.high:
        sheet.answer["position"] = (value - case.low) / (case.high - case.low)
    stages = {row.stage for row in sheet.shelf.rows if row.id in sheet.used}
    return sheet.answer | {"provisional": stages != {"official"}, "figures": sheet.used}
