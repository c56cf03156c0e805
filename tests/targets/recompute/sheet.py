"""What an explanation says of the target and of the figures, and what follows before anything is judged."""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.targets.recompute.figures import Row, Shelf
from tests.targets.recompute.spans import DAY, Span, days, due, end_before, inside, read, reporting, years_before

Number = Fraction | None
NO_PERCENT = ("rate", "share", "index", "rank", "yes_no")


def number(text: str | None) -> Number:
    return None if text is None else Fraction(text)


def rounded(value: Fraction, places: int = 12) -> Fraction:
    """Halves away from zero."""
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**places)


@dataclass
class Share:
    part: Fraction
    whole: Fraction
    between: bool
    used: set[str]

    @property
    def size(self) -> Fraction:
        return self.part / self.whole


@dataclass
class Sheet:
    """The sheet of paper: what was read, then line by line what follows."""

    document: dict[str, Any]
    used: set[str] = field(default_factory=set)
    answer: dict[str, Any] = field(default_factory=dict)
    final: bool = False
    # Where all that was posted is given: the area with those that merged into it.
    land: Any = None

    def __post_init__(self) -> None:
        self.terms = self.document["terms"]
        self.indicator = self.document["indicators"][0]
        self.code = self.indicator["code"]
        self.shelf = Shelf(self.document["indicators"], [*self.document["figures"], *self.document["other_figures"]])
        self.period: Span = read(self.terms["period"])
        self.as_of = date.fromisoformat(self.document["as_of"])
        self.goal, self.kind = self.terms["goal"], self.indicator["kind"]
        self.lower, self.upper = number(self.terms["lower"]), number(self.terms["upper"])
        self.baseline = number(self.terms["baseline"])
        self.how = self.indicator["accumulation"]
        self.first_due = self.period[1]
        self.points = sorted(self.terms["milestones"], key=lambda each: each["date"])


def actual(sheet: Sheet, period: Span) -> tuple[Fraction, Span, int] | None:
    """Value, the span it is over, and whether it leans to one side of its number."""
    shelf, code = sheet.shelf, sheet.code
    if sheet.indicator["formula"]:
        ends = {row.span[1] for item in shelf.stored(code) for row in shelf.of(item)}
        for day in sorted((day for day in ends if period[0] <= day <= period[1]), reverse=True):
            value = shelf.value(code, (period[0], day))
            if value is not None:
                return rounded(value), (period[0], day), 0
        return None
    if sheet.how in ("sum", "mean"):
        ends = {row.span[1] for row in shelf.of(code) if period[0] <= row.span[1] <= period[1]}
        reached = [end for end in ends if shelf.behind(code, (period[0], end))]
        if not reached:
            return None
        span = period[0], max(reached)
        rows, value = shelf.behind(code, span) or [], shelf.value(code, span)
        assert value is not None
        return rounded(value), span, rows[0].leans if len(rows) == 1 else 0
    row = latest(sheet, period)
    if row is None:
        return None
    whole = sheet.how == "last" or row.span[0] == period[0]
    return row.value, (period[0] if whole else row.span[0], row.span[1]), row.leans


def latest(sheet: Sheet, period: Span) -> Row | None:
    rows = sheet.shelf.of(sheet.code)
    if sheet.how == "last":
        ends = [row.span[1] for row in rows if period[0] <= row.span[1] <= period[1]]
        return sheet.shelf.ending(sheet.code, max(ends)) if ends else None
    rows = [row for row in rows if inside(row.span, period)]
    first = reporting(period, sheet.indicator["frequency"])[0]
    starting = [row for row in rows if row.span[0] == period[0]]
    cumulative = [row for row in starting if row.span[1] == period[1] or row.span[1] > first[1]]
    return max(cumulative or rows, key=lambda row: (row.span[1], days(row.span)), default=None)


def gaps(sheet: Sheet, covered: date | None) -> list[Span]:
    if sheet.how not in ("sum", "mean"):
        return []
    rows = [row.span for row in sheet.shelf.of(sheet.code) if inside(row.span, sheet.period)]
    existing = {covered or sheet.period[0] - DAY}
    missing = []
    for start, end in sorted(rows):
        if start > max(existing) + DAY:
            missing.append((max(existing) + DAY, start - DAY))
        existing.add(end)
    return missing


def due_days(sheet: Sheet) -> list[tuple[Span, date]]:
    terms, facts = sheet.indicator, sheet.document["due"]
    counted = terms["due_unit"] == "working_days"
    off, worked = (set(facts["days_off"]), set(facts["days_worked"])) if counted else (None, None)
    spans = reporting(sheet.period, terms["frequency"])
    results = [(span, due(span[1], terms["due_days"], off, worked)) for span in spans]
    if sheet.terms["result_due"]:
        results[-1] = results[-1][0], date.fromisoformat(sheet.terms["result_due"])
    return results


def owed(sheet: Sheet, dues: list[tuple[Span, date]]) -> list[tuple[Span, date]]:
    """Those that end while there is an area."""
    facts = sheet.document["due"]
    first, last = facts.get("area_valid_from") or "", facts.get("area_valid_to") or "9999"
    return [(span, day) for span, day in dues if first <= span[1].isoformat() <= last]


def fresh(sheet: Sheet, dues: list[tuple[Span, date]], covered: date | None) -> dict[str, Any]:
    owing = owed(sheet, dues)
    sheet.first_due = (owing or dues)[0][1]
    dues = owing
    passed = [span for span, day in dues if sheet.as_of > day]
    return {
        "covered_through": covered,
        "expected_through": passed[-1][1] if passed else None,
        "overdue": bool(passed) and (covered is None or covered < passed[-1][0]),
        "next_due": min((day for _, day in dues if day >= sheet.as_of), default=None),
    }


def declared(sheet: Sheet) -> str:
    if sheet.terms["profile"]:
        return str(sheet.terms["profile"])
    if sheet.points:
        return "milestones"
    if sheet.how == "last" and sheet.baseline is not None:
        return "path"
    return "seasonal" if sheet.how == "sum" else "flat"


def shares(sheet: Sheet, covered: date) -> list[Share]:
    """share(1) and those of share(2) to share(5) that there are; none without share(1)."""
    if days(sheet.period) > 366:
        return []
    results = [share(sheet, covered, years) for years in range(1, 6)]
    return [value for value in results if value] if results[0] else []


def share(sheet: Sheet, covered: date, years: int) -> Share | None:
    span, day = years_before(sheet.period, years), end_before(covered, years)
    whole = sheet.shelf.value(sheet.code, span)
    if whole is None or whole <= 0 or sheet.shelf.parted(sheet.code, span[0], covered):
        return None
    if sheet.shelf.other_ground(sheet.code, span):
        return None
    part, ends = curve(sheet, span, day)
    if part <= 0:
        return None
    used = {row.id for end in (*ends, span[1]) for row in sheet.shelf.behind(sheet.code, (span[0], end)) or ()}
    return Share(part, whole, day not in ends, used)


def curve(sheet: Sheet, span: Span, day: date) -> tuple[Fraction, list[date]]:
    """Of a year whose whole is there: what it had on a day, and the days of the figures that say so."""
    shelf, code = sheet.shelf, sheet.code
    ends = {row.span[1] for row in shelf.of(code) if span[0] <= row.span[1] <= span[1]}
    stops = {end: value for end in ends if (value := shelf.value(code, (span[0], end))) is not None}
    if day in stops:
        return stops[day], [day]
    existing = {span[0] - DAY: Fraction()} | stops
    left, right = next((a, b) for a, b in pairwise(sorted(existing)) if a < day < b)
    part = existing[left] + (existing[right] - existing[left]) * (day - left).days / (right - left).days
    return part, [end for end in (left, right) if end in stops]
