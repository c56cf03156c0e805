"""The status, and whether milestones were reached."""

from datetime import date
from fractions import Fraction
from typing import Any

from tests.targets.recompute.case import Case
from tests.targets.recompute.sheet import Number, actual, number, rounded


def status(case: Case, shortfall: Fraction, tolerance: Number, result_overdue: bool) -> str:
    sheet = case.sheet
    if case.final:
        return "missed" if any(case.against(sheet.lower, sheet.upper)) else kept(case)
    task = sheet.kind == "yes_no" and sheet.goal == "at_least"
    if task and case.value == 1:
        return "met"
    if early := settled(case):
        return early
    if result_overdue:
        return "no_data"
    below, edge, above = case.against(case.low, case.high)
    if (task and case.value < 1) or not (below or edge or above):
        return "on_track"
    if not (below or above):
        return "at_risk"
    if tolerance and shortfall <= tolerance:
        return "at_risk"
    return "at_risk" if lenient(case) else "off_track"


def kept(case: Case) -> str:
    """Met, or more than that."""
    sheet = case.sheet
    if sheet.goal == "within":
        return "met"
    up = sheet.goal == "at_least"
    edge, ambition = (sheet.lower, sheet.upper) if up else (sheet.upper, sheet.lower)
    assert edge is not None
    if ambition is not None and ambition != edge:
        return "exceeded" if case.side(ambition) == (1 if up else -1) else "met"
    if sheet.kind in ("rank", "yes_no"):
        return "met"
    beyond = case.value - edge if up else edge - case.value
    return "exceeded" if beyond > case.tolerance(edge, edge) else "met"


def settled(case: Case) -> str | None:
    """What no later figure of a growing sum can change."""
    sheet = case.sheet
    if (
        sheet.how != "sum"
        or case.value < 0
        or any(row.value < 0 for row in sheet.shelf.behind(sheet.code, case.span) or ())
    ):
        return None
    if sheet.goal == "at_least":
        assert sheet.lower is not None
        needed = 1 if sheet.terms["lower_open"] else 0
        return kept(case) if case.side(sheet.lower) >= needed else None
    assert sheet.upper is not None
    broken = 0 if sheet.terms["upper_open"] else 1
    return "missed" if case.side(sheet.upper) >= broken else None


def lenient(case: Case) -> bool:
    """Not behind the most lenient of two or more years."""
    if len(case.shares) < 2:
        return False
    sizes = [share.size for share in case.shares]
    low, high = case.sheet.lower, case.sheet.upper
    least = None if low is None else min(rounded(size * low) for size in sizes)
    most = None if high is None else max(rounded(size * high) for size in sizes)
    below, _, above = case.against(least, most)
    return not below and not above


def reached(case: Case, milestone: dict[str, Any]) -> bool | None:
    sheet, day = case.sheet, date.fromisoformat(milestone["date"])
    existing = actual(sheet, (sheet.period[0], day)) if case.span[1] >= day else None
    if existing is None or (sheet.how in ("sum", "mean") and existing[1][1] < day):
        return None
    then = Case.__new__(Case)
    then.sheet, then.value, then.lean = sheet, existing[0], existing[2]
    low, high = number(milestone["lower"]), number(milestone["upper"])
    named = (low is not None and sheet.goal != "at_most") or (high is not None and sheet.goal != "at_least")
    return not any(then.against(low, high)) if named else None
