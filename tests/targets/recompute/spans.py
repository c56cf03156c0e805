"""Days and spans, both ends inclusive, as pairs of days."""

import calendar
import re
from datetime import date, timedelta

Span = tuple[date, date]
DAY = timedelta(days=1)
STEPS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def read(code: str) -> Span:
    left, _, right = code.partition("/")
    return _part(left)[0], _part(right or left)[1]


def _part(text: str) -> Span:
    if result := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        day = date(*map(int, result.groups()))
        return day, day
    result = re.fullmatch(r"(\d{4})(?:-(?:H(\d)|Q(\d)|(\d\d)))?", text)
    assert result, text
    year, half, quarter, month = (int(group or 0) for group in result.groups())
    length = 6 if half else 3 if quarter else 1 if month else 12
    first = month or ((half or quarter or 1) - 1) * length + 1
    return date(year, first, 1), month_end(year, first + length - 1)


def month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def days(span: Span) -> int:
    return (span[1] - span[0]).days + 1


def whole_months(span: Span) -> int:
    """How many, where it is made of whole months; else 0."""
    start, end = span
    if start.day != 1 or end != month_end(end.year, end.month):
        return 0
    return (end.year - start.year) * 12 + end.month - start.month + 1


def whole_periods(span: Span, frequency: str) -> int:
    """How many days, months, or quarters, halves and years that begin in January; 0 where one is cut."""
    if frequency == "day":
        return days(span)
    months, step = whole_months(span), STEPS[frequency]
    return 0 if months % step or (span[0].month - 1) % step else months // step


def inside(part: Span, whole: Span) -> bool:
    return whole[0] <= part[0] and part[1] <= whole[1]


def end_before(day: date, years: int) -> date:
    last = month_end(day.year - years, day.month)
    return last if day == month_end(day.year, day.month) else last.replace(day=day.day)


def years_before(span: Span, years: int) -> Span:
    end = end_before(span[1], years)
    if span[0] == span[1]:
        return end, end
    start = span[0]
    if (start.month, start.day) == (2, 29):
        last = month_end(start.year - years, 2)
        return last, end
    return start.replace(year=start.year - years), end


def just_before(span: Span) -> Span:
    """As many months where it is whole months, else as many days."""
    start, end = span
    if start.day != 1 or end != month_end(end.year, end.month):
        return start - DAY * days(span), start - DAY
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    number = start.year * 12 + start.month - 1 - months
    return date(number // 12, number % 12 + 1, 1), start - DAY


def reporting(span: Span, frequency: str) -> list[Span]:
    if frequency == "day":
        return [(span[0] + DAY * number, span[0] + DAY * number) for number in range(days(span))]
    results, first = [], span[0].replace(day=1)
    while first <= span[1]:
        number = first.year * 12 + first.month - 1 + STEPS[frequency]
        after = date(number // 12, number % 12 + 1, 1)
        results.append((first, min(after - DAY, span[1])))
        first = after
    return results


def whole(span: Span, frequency: str) -> int:
    """How many reporting periods of the calendar it is; 0 where it is not made of whole ones."""
    if frequency == "day":
        return days(span)
    step, (start, end) = STEPS[frequency], span
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    fits = start.day == 1 and end == month_end(end.year, end.month) and start.month % step == 1 % step
    return months // step if fits and months % step == 0 else 0


def due(end: date, number: int, off: set[str] | None, worked: set[str] | None) -> date:
    """So many days after the end; with sets of days, so many days that are worked."""
    if off is None or worked is None:
        return end + DAY * number
    while number:
        end += DAY
        weekend = end.weekday() > 4
        if end.isoformat() in worked or not (weekend or end.isoformat() in off):
            number -= 1
    return end
