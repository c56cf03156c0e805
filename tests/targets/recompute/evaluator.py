"""From an explanation in JSON to all parts of an assessment."""

import json
from fractions import Fraction
from typing import Any

from tests.targets.recompute.case import Case, measured
from tests.targets.recompute.outlook import required
from tests.targets.recompute.prospect import outlook
from tests.targets.recompute.sheet import Sheet, actual, declared, due_days, fresh, gaps
from tests.targets.recompute.spans import Span
from tests.targets.recompute.verdict import reached, status


def recompute(text: str) -> dict[str, Any]:
    """Every part of an assessment, from the explanation as it was written down in JSON."""
    sheet = Sheet(json.loads(text))
    result = None if sheet.terms["qualitative"] else actual(sheet, sheet.period)
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
    }
    if case.low is not None and case.high is not None and case.low != case.high:
        sheet.answer["position"] = (value - case.low) / (case.high - case.low)
    stages = {row.stage for row in sheet.shelf.rows if row.id in sheet.used}
    return sheet.answer | {"provisional": stages != {"official"}, "figures": sheet.used}
