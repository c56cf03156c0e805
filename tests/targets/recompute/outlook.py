"""The pace that is needed."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from tests.targets.recompute import formulas
from tests.targets.recompute.case import Case
from tests.targets.recompute.seen import seen_posted
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
    names = (
        "required_lower",
        "required_upper",
        "required_per",
        "required_assumes",
        "best_seen",
        "periods_seen",
        "out_of_reach",
    )
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
    paces = nothing | results
    results = paces | (seen(sheet, paces) if sheet.land is None else seen_posted(case, paces))
    results["required_per"] = sheet.indicator["frequency"] if sheet.how in ("sum", "last") else "rest"
    results["required_assumes"] = "equal-weights" if sheet.how == "none" else None
    return results


def seen(sheet: Sheet, paces: dict[str, Any]) -> dict[str, Any]:
    """The best ever seen beside each required edge, over the spans that are stated, to 12 places."""
    stated = sheet.document["required"]
    records = {item["edge"]: best(sheet, read(item["period"]), item["edge"] == "upper") for item in stated["best_seen"]}
    lower, upper = records.get("lower"), records.get("upper")
    more = lower is not None and rounded(paces["required_lower"]) > rounded(lower)
    less = upper is not None and rounded(paces["required_upper"]) < rounded(upper)
    enough = stated["periods_seen"] >= len(reporting(sheet.period, sheet.indicator["frequency"]))
    return {
        "best_seen": upper if lower is None or (less and not more) else lower,
        "periods_seen": stated["periods_seen"],
        "out_of_reach": more or less if enough else None,
    }


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


def best(sheet: Sheet, span: Span, least: bool) -> Number:
    """Over the span that is said to be the best seen: that none was better, the rest of the book says."""
    shelf, code, end, before = sheet.shelf, sheet.code, span[1], span[0] - DAY
    step = STEPS.get(sheet.indicator["frequency"], 0)
    number = whole_months(span) // step if step else days(span)
    if sheet.how == "sum":
        totals = []
        for start in {row.span[0] for row in shelf.of(code) if row.span[0] <= span[0]}:
            reached = shelf.tilings(code, (start, end))
            whole, part = reached.get(end), [] if start == span[0] else reached.get(before)
            if whole and part is not None:
                totals.append(
                    sum((row.value for row in whole), Fraction()) - sum((row.value for row in part), Fraction())
                )
        return (min(totals) if least else max(totals)) / number
    if sheet.how != "last":
        return shelf.value(code, span)
    now, then = shelf.ending(code, end), shelf.ending(code, before)
    assert now is not None
    if before in zeros(sheet):
        return (now.value - (sheet.baseline or 0)) / number
    assert then is not None
    return (now.value - then.value) / number


def zeros(sheet: Sheet) -> list[date]:
    """The day of the baseline, and with a baseline of 0 the last days before each of the five spans before."""
    given = sheet.terms["baseline_date"]
    results, start = [date.fromisoformat(given) if given else sheet.period[0] - DAY], sheet.period[0]
    length = whole_months(sheet.period)
    for _ in range(5 if sheet.baseline == 0 else 0):
        month = start.year * 12 + start.month - 1 - length
        start = date(month // 12, month % 12 + 1, 1) if length else start - DAY * days(sheet.period)
        results.append(start - DAY)
    return results
