"""Due figures: which are due, by when, from which department, and when they came (docs/domain.md, What is owed)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.periods import Period
from indicators.domain.succession import Ends, heirs
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation

from .freshness import due_days
from .terms import TargetTerms


class Term(NamedTuple):
    """The days on which something is valid, both inclusive; None: unlimited."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Asked(NamedTuple):
    """The period of a target that requests figures; `result_due` is the due day of its last reporting period."""

    period: Period
    result_due: date | None = None


class Came(NamedTuple):
    """A figure, and the day it was first published (if unknown: recorded)."""

    start: date
    end: date
    day: date


class Due(NamedTuple):
    """A period whose figure is due by a day, and the day it was reported; None: not reported."""

    period: Period
    due: date
    came: date | None


def on_duty(duties: Iterable[tuple[int, Term]], default: int | None, day: date) -> set[int]:
    """Return the departments that report a series on a day: those with a duty, else the indicator's department."""
    named = {department for department, term in duties if term.holds(day)}
    return named or ({default} if default is not None else set())


def was_held(
    duties: Iterable[tuple[int, Term]],
    default: int | None,
    day: date,
    area: Term,
    departments: Mapping[int, Term],
    ends: Ends,
) -> bool:
    """Whether on a day the area existed, and a department with the duty or a successor of it."""
    return area.holds(day) and any(
        departments[each].holds(day) for each in heirs(on_duty(duties, default, day), day, ends)
    )


def dues(
    asked: Collection[Asked],
    came: Sequence[Came],
    first: date | None,
    indicator: IndicatorTerms,
    calendar: Calendar,
    since: date,
    as_of: date,
) -> Iterator[Due]:
    """Yield the due periods of a series that ended before `as_of`, on `since` or later, in order.

    The targets of the series request the periods. Without a target they begin with the period in which the first figure
    ends.
    """
    if not asked and first is None:
        return
    if not asked and first is not None:
        asked = [Asked(Period(first.replace(month=1, day=1), as_of.replace(month=12, day=31)))]
        since = max(since, first)
    found: dict[Period, date] = {}
    for each in asked:
        terms = TargetTerms(period=each.period, goal=None, result_due=each.result_due)
        for period, due in due_days(terms, indicator, calendar):
            if since <= period.end < as_of:
                # If two plans request the same figure, the earlier due day applies.
                found[period] = min(due, found.get(period, due))
    by_end: dict[date, list[Came]] = {}
    for figure in came:
        by_end.setdefault(figure.end, []).append(figure)
    for period in sorted(found):
        yield Due(period, found[period], _came(period, by_end.get(period.end, ()), indicator.accumulation))


def _came(period: Period, figures: Iterable[Came], accumulation: Accumulation | None) -> date | None:
    """Return the day of the first figure that ends with the period and covers it; the start of a stock is ignored."""
    covering = [f.day for f in figures if f.start <= period.start or accumulation == Accumulation.LAST]
    return min(covering, default=None)
