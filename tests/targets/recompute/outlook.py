"""The pace that is needed."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.targets.recompute import formulas
from tests.targets.recompute.case import Case
from tests.targets.recompute.sheet import Number, Sheet, number, rounded
from tests.targets.recompute.spans import (
    DAY,
    STEPS,
    Span,
    days,
    end_before,
    read,
    reporting,
    whole_months,
    whole_periods,
    years_before,
)


def required(case: Case) -> dict[str, Any]:
    sheet = case.sheet
    names = "required_lower", "required_upper", "required_per", "required_assumes", "best_ever", "out_of_reach"
    nothing = dict.fromkeys(names)
    pace = None if case.final else pace_of(case)
    if pace is None:
        return nothing
    results: dict[str, Any] = {
        f"required_{name}": pace(edge) for name in ("lower", "upper") if (edge := number(sheet.terms[name])) is not None
    }
    if sheet.how in ("sum", "last"):
        clipped = {"at_least": results.keys(), "within": {"required_lower"}}.get(sheet.goal, set())
        results |= {name: max(value, Fraction()) for name, value in results.items() if name in clipped}
    stated = sheet.document["required"]["best_ever_period"]
    record = None if stated is None else best(sheet, read(stated))
    results |= nothing | results | {"best_ever": record, "out_of_reach": beyond(sheet, nothing | results, record)}
    results["required_per"] = sheet.indicator["frequency"] if sheet.how in ("sum", "last") else "rest"
    results["required_assumes"] = "equal-weights" if sheet.how == "none" else None
    return results


def beyond(sheet: Sheet, paces: dict[str, Any], record: Number) -> bool | None:
    """Whether the required edge needs more (at most: less) than there ever was, to 12 places."""
    least = sheet.goal == "at_most"
    needed = paces["required_upper" if least else "required_lower"]
    if needed is None or record is None:
        return None
    needed, record = rounded(needed), rounded(record)
    return needed < record if least else needed > record


def pace_of(case: Case) -> Callable[[Fraction], Fraction] | None:
    sheet, value = case.sheet, case.value
    if sheet.how == "sum" or (sheet.how == "last" and sheet.baseline is not None):
        left = sum(span[1] > case.span[1] for span in reporting(sheet.period, sheet.indicator["frequency"]))
        return lambda edge: (edge - value) / left
    if sheet.how in ("mean", "none"):
        parts = parts_of_average(case) if sheet.how == "mean" else parts_of_rate(case)
        if parts is None:
            return None
        done, whole = parts
        return lambda edge: (edge * whole - value * done) / (whole - done)
    base = formulas.growth_of(sheet.indicator["formula"]) if sheet.indicator["formula"] else None
    if base is None or base not in sheet.shelf.terms or sheet.shelf.terms[base]["accumulation"] != "sum":
        return None
    return of_growth(case, base)


def parts_of_average(case: Case) -> tuple[int, int]:
    """Reporting periods of the calendar that are in and that the period has; days where one is cut or a figure is odd."""
    sheet = case.sheet
    rows = sheet.shelf.behind(sheet.code, case.span)
    assert rows
    counts = [whole_periods(row.span, sheet.indicator["frequency"]) for row in rows]
    whole = whole_periods(sheet.period, sheet.indicator["frequency"])
    return (sum(counts), whole) if whole and all(counts) else (days(case.span), days(sheet.period))


def parts_of_rate(case: Case) -> tuple[int, int] | None:
    """Reporting periods of the target that are over and all of them, where none is cut and no part of one is posted."""
    sheet = case.sheet
    if sheet.kind not in ("rate", "index") or case.partial:
        return None
    step = STEPS.get(sheet.indicator["frequency"], 0)
    if step and (not whole_months(sheet.period) or whole_months(sheet.period) % step):
        return None
    spans = reporting(sheet.period, sheet.indicator["frequency"])
    if case.span[1] not in [end for _, end in spans]:
        return None
    return sum(end <= case.span[1] for _, end in spans), len(spans)


def of_growth(case: Case, base: str) -> Callable[[Fraction], Fraction] | None:
    sheet, used = case.sheet, set[str]()
    year = years_before(sheet.period, 1)
    if sheet.shelf.parted(base, year[0], sheet.period[1]):
        return None
    spans = year, (year[0], end_before(case.span[1], 1)), case.span
    whole, before, done = (sheet.shelf.value(base, span, used) for span in spans)
    if whole is None or before is None or done is None or whole <= before:
        return None
    sheet.used |= used
    return lambda edge: (((1 + edge / 100) * whole - done) / (whole - before) - 1) * 100


def best(sheet: Sheet, span: Span) -> Number:
    """Over the period that is said to be the best ever: that nothing was better, the rest of the book says."""
    if sheet.how != "last":
        return sheet.shelf.value(sheet.code, span)
    now, before = (sheet.shelf.ending(sheet.code, day) for day in (span[1], span[0] - DAY))
    assert now is not None
    assert before is not None
    return now.value - before.value
