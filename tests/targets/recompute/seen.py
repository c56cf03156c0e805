"""The best pace ever seen, from all that was posted: every pair of known values, not only neighbours."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.targets.recompute.case import Case
from tests.targets.recompute.sheet import Number, Sheet, rounded
from tests.targets.recompute.spans import DAY, STEPS, Span, days, month_end, reporting, whole_months

# An average per reporting period, and the numbers of the first and the last period it is of.
Pace = tuple[Fraction, int, int]


class Grid:
    """The whole reporting periods of the target and of the five spans of its length before it, numbered in order."""

    def __init__(self, sheet: Sheet) -> None:
        first, last = sheet.period
        step, length = STEPS.get(sheet.indicator["frequency"], 0), whole_months(sheet.period)
        start = moved(first, -5 * length) if length else first - DAY * (5 * days(sheet.period))
        self.years = [sheet.period]
        for _ in range(5):
            before = self.years[-1][0] - DAY
            self.years.append(
                (moved(self.years[-1][0], -length) if length else before - DAY * (days(sheet.period) - 1), before)
            )
        self.spans: list[Span] = []
        if not step:
            self.spans = [(start + DAY * number, start + DAY * number) for number in range((last - start).days + 1)]
        else:
            head = first.replace(day=1)
            while moved(head, -step) >= start.replace(day=1):
                head = moved(head, -step)
            while moved(head, step) - DAY <= last:
                self.spans.append((head, moved(head, step) - DAY))
                head = moved(head, step)
        self.start = start
        self.number_of_end = {span[1]: number for number, span in enumerate(self.spans)}
        if self.spans:
            self.number_of_end[self.spans[0][0] - DAY] = -1


def moved(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 + months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, month_end(year, month).day))


def seen_posted(case: Case, paces: dict[str, Any]) -> dict[str, Any]:
    """The best on the side of each required edge, how many reporting periods are known, and whether one is out of reach."""
    sheet = case.sheet
    grid = Grid(sheet)
    known = list(known_paces(case, grid))
    numbers = {number for _, first, last in known for number in range(first, last + 1)}
    asks_lower = sheet.goal != "at_most" and paces["required_lower"] is not None
    asks_upper = sheet.goal != "at_least" and paces["required_upper"] is not None
    greatest: Number = max((pace for pace, _, _ in known), default=None) if asks_lower else None
    least: Number = min((pace for pace, _, _ in known), default=None) if asks_upper else None
    more = greatest is not None and rounded(paces["required_lower"]) > rounded(greatest)
    less = least is not None and rounded(paces["required_upper"]) < rounded(least)
    is_enough = bool(known) and len(numbers) >= len(reporting(sheet.period, sheet.indicator["frequency"]))
    return {
        "best_seen": least if greatest is None or (less and not more) else greatest,
        "periods_seen": len(numbers),
        "out_of_reach": more or less if is_enough else None,
    }


def known_paces(case: Case, grid: Grid) -> Iterator[Pace]:
    first, last = comparable(case)
    sheet = case.sheet
    if sheet.how == "sum":
        yield from flows(sheet, grid, first, min(last, sheet.period[1]))
    elif sheet.how == "last":
        yield from changes(sheet, grid, first, last)
    else:
        for number, span in enumerate(grid.spans):
            if max(first, grid.start) <= span[0] and span[1] <= min(last, sheet.period[1]):
                value = sheet.shelf.value(sheet.code, span)
                if value is not None:
                    yield value, number, number


def comparable(case: Case) -> Span:
    """The days around the one that the value reaches that no break parts from it, nor a merger of what is not added up."""
    sheet, day = case.sheet, case.span[1]
    first, last = date.min, date.max
    for code in sheet.shelf.stored(sheet.code):
        for text in sheet.shelf.terms[code]["breaks"]:
            broken = date.fromisoformat(text)
            first, last = (max(first, broken), last) if broken <= day else (first, min(last, broken - DAY))
    land = sheet.land
    later = [since for since in land.joined.values() if since > day]
    last = min([last, *(since - DAY for since in later)])
    merger = land.merger(day)
    apart = any(not land.added(code) for code in sheet.shelf.stored(sheet.code))
    if merger is not None and apart and land.began(land.area) < merger:
        first = max(first, merger)
    return first, last


def flows(sheet: Sheet, grid: Grid, first: date, last: date) -> Iterator[Pace]:
    """Differences of the values that begin on one day, and these values where that day begins a reporting period."""
    for start in {row.span[0] for row in sheet.shelf.of(sheet.code) if first <= row.span[0]}:
        reached = sheet.shelf.tilings(sheet.code, (start, last))
        totals = {start - DAY: Fraction()} | {
            end: sum((row.value for row in rows), Fraction()) for end, rows in reached.items()
        }
        stops = sorted((grid.number_of_end[end], total) for end, total in totals.items() if end in grid.number_of_end)
        for place, (before, part) in enumerate(stops):
            for number, whole in stops[place + 1 :]:
                yield (whole - part) / (number - before), before + 1, number


def changes(sheet: Sheet, grid: Grid, first: date, last: date) -> Iterator[Pace]:
    """From each figure of a year to the next, the first from the baseline; earlier years only from a baseline of 0."""
    given = sheet.terms["baseline_date"]
    for place, (start, end) in enumerate(grid.years if sheet.baseline == 0 else grid.years[:1]):
        zero = date.fromisoformat(given) if given and not place else start - DAY
        ends = {row.span[1] for row in sheet.shelf.of(sheet.code) if max(start, first) <= row.span[1] <= min(end, last)}
        stands = [(day, row.value) for day in sorted(ends) if (row := sheet.shelf.ending(sheet.code, day))]
        # No break is asked for before a baseline: it stands for the same series.
        if zero + DAY >= first and (not stands or zero < stands[0][0]):
            stands.insert(0, (zero, sheet.baseline or Fraction()))
        known = [(grid.number_of_end[day], value) for day, value in stands if day in grid.number_of_end]
        for (before, part), (number, whole) in pairwise(known):
            yield (whole - part) / (number - before), before + 1, number
