"""What is to be expected at the end of the period: every method tried on the earlier years, the best one taken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isqrt
from typing import Any

from tests.targets.recompute.case import Case
from tests.targets.recompute.sheet import Number, Sheet, curve, rounded
from tests.targets.recompute.spans import DAY, Span, days, end_before, years_before

WIDTH = Fraction(128, 100)
ORDER = {
    "sum": ("even", "seasonal", "rest", "milestones"),
    "last": ("line", "rest", "stay"),
}


@dataclass
class Year:
    """`origin` is the day and the value at which its line begins."""

    span: Span
    day: date
    at: Fraction
    whole: Fraction = Fraction()
    origin: tuple[date, Fraction] | None = None


def outlook(case: Case) -> dict[str, Any]:
    names = "value", "low", "high", "method", "tested", "error", "range_from"
    if case.final:
        return {f"outlook_{name}": case.value if name in names[:3] else None for name in names}
    now, past = this_year(case), earlier(case)
    tries = {name: guess for name in methods(case) if (guess := expect(case, name, now, past)) is not None}
    missed = tested(case, past, list(tries)) if len(past) > 1 else {}
    errors = {name: rounded(sum(map(abs, off), Fraction()) / len(off)) for name, off in missed.items()}
    name = min(errors, key=lambda each: errors[each]) if errors else untested(case, now, past, tries)
    low, high, basis = spread(tries[name], missed.get(name), list(tries.values()))
    cut = bounds(case, [tries[name], low])
    answer = {
        "value": cut(tries[name]),
        "low": None if low is None else cut(low),
        "high": None if high is None else cut(high),
        "method": name,
        "tested": len(missed[name]) if missed else None,
        "error": errors.get(name),
        "range_from": basis,
    }
    return {f"outlook_{key}": value for key, value in answer.items()}


def methods(case: Case) -> Sequence[str]:
    return ORDER.get(case.sheet.how, ("stay", "drift"))


def this_year(case: Case) -> Year:
    sheet = case.sheet
    origin = None if sheet.baseline is None else (baseline_day(sheet), sheet.baseline)
    return Year(sheet.period, case.span[1], case.value, origin=origin)


def baseline_day(sheet: Sheet) -> date:
    given = sheet.terms["baseline_date"]
    return date.fromisoformat(given) if given else sheet.period[0] - DAY


def earlier(case: Case) -> list[Year]:
    sheet = case.sheet
    if days(sheet.period) > 366:
        return []
    results = []
    for number in range(1, 6):
        span, day = years_before(sheet.period, number), end_before(case.span[1], number)
        whole = sheet.shelf.value(sheet.code, span)
        first = day if sheet.how == "last" else span[0]
        if whole is None or (sheet.how and sheet.shelf.parted(sheet.code, first, case.span[1])):
            continue
        if any(sheet.shelf.other_ground(sheet.code, over) for over in (span, years_before(case.span, number))):
            continue
        at: Number
        if sheet.how == "sum":
            at = curve(sheet, span, day)[0]
        else:
            at = sheet.shelf.value(sheet.code, years_before(case.span, number))
        if at is not None:
            start = origin(sheet, span, number)
            if start is not None and sheet.shelf.parted(sheet.code, start[0], day):
                start = None
            results.append(Year(span, day, at, whole, start))
    return results


def origin(sheet: Sheet, span: Span, number: int) -> tuple[date, Fraction] | None:
    if sheet.how != "last" or sheet.baseline is None:
        return None
    if sheet.baseline == 0:
        return end_before(baseline_day(sheet), number), Fraction()
    row = sheet.shelf.ending(sheet.code, span[0] - DAY)
    return None if row is None or sheet.shelf.other_ground(sheet.code, row.span) else (row.span[1], row.value)


def share(year: Year) -> Number:
    return year.at / year.whole if year.whole > 0 and year.at > 0 else None


def expect(case: Case, name: str, year: Year, others: list[Year]) -> Number:
    if name == "stay":
        return year.at
    if name == "even":
        return year.at * days(year.span) / days((year.span[0], year.day))
    if name in ("rest", "drift"):
        return year.at + sum((each.whole - each.at for each in others), Fraction()) / len(others) if others else None
    if name == "seasonal":
        shares = [size for each in others if (size := share(each)) is not None]
        return year.at / (sum(shares, Fraction()) / len(shares)) if shares else None
    if name == "line":
        if year.origin is None or year.origin[0] >= year.day:
            return None
        slope = (year.at - year.origin[1]) / (year.day - year.origin[0]).days
        return year.at + slope * (year.span[1] - year.day).days
    edge, due = (case.sheet.upper, case.high) if case.sheet.goal == "at_most" else (case.sheet.lower, case.low)
    return year.at * edge / due if case.profile == "milestones" and edge and due else None


def tested(case: Case, past: list[Year], names: list[str]) -> dict[str, list[Fraction]]:
    """By how much each method was off; only those that say something in every year in which any does."""
    missed: dict[str, list[Fraction]] = {name: [] for name in names}
    said_something = 0
    for year in past:
        guesses = {name: expect(case, name, year, [each for each in past if each is not year]) for name in names}
        said_something += any(guess is not None for guess in guesses.values())
        for name, guess in guesses.items():
            if guess is not None:
                missed[name].append(guess - year.whole)
    return {name: off for name, off in missed.items() if len(off) == said_something}


def untested(case: Case, now: Year, past: list[Year], tries: dict[str, Fraction]) -> str:
    how = case.sheet.how
    if how == "sum":
        size = share(past[0]) if past else None
        elapsed = Fraction(days((now.span[0], now.day)), days(now.span))
        near = size is not None and rounded(abs(size - elapsed)) <= Fraction(15, 100)
        return "seasonal" if near else "even"
    wanted = ("rest" if past else "line") if how == "last" else "stay"
    return wanted if wanted in tries else "stay"


def spread(value: Fraction, off: list[Fraction] | None, tries: list[Fraction]) -> tuple[Number, Number, str | None]:
    if off and len(off) > 2:
        mean = sum(off, Fraction()) / len(off)
        width = WIDTH * root(sum(((each - mean) ** 2 for each in off), Fraction()) / (len(off) - 1))
        return value - width, value + width, "errors"
    return (min(tries), max(tries), "methods") if len(tries) > 1 else (None, None, None)


def root(square: Fraction) -> Fraction:
    """To some 60 places."""
    scale = 10**120
    return Fraction(isqrt(square.numerator * scale // square.denominator), 10**60)


def bounds(case: Case, values: list[Number]) -> Callable[[Fraction], Fraction]:
    sheet = case.sheet
    if sheet.kind == "share":
        return lambda value: min(max(value, Fraction()), Fraction(100))
    if sheet.kind == "rank":
        return lambda value: max(value, Fraction(1))
    if sheet.kind in ("level", "count") and not sheet.indicator["formula"]:
        used = sheet.shelf.behind(sheet.code, case.span) or []
        if all(row.value >= 0 for row in [*used, *behind(case)]):
            return lambda value: max(value, Fraction())
    return lambda value: value


def behind(case: Case) -> list[Any]:
    """The figures of the earlier years."""
    sheet, results = case.sheet, list[Any]()
    for year in earlier(case):
        if sheet.how == "sum":
            ends = [year.span[1], *curve(sheet, year.span, year.day)[1]]
            spans = [(year.span[0], end) for end in ends]
        else:
            number = sheet.period[0].year - year.span[0].year
            spans = [year.span, years_before(case.span, number)]
        for span in spans:
            results += sheet.shelf.behind(sheet.code, span) or []
        if sheet.baseline and year.origin:
            results.append(sheet.shelf.ending(sheet.code, year.origin[0]))
    return results
