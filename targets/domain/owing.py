"""Which figures were to be reported, by when, by whom, and when they came (docs/domain.md, What is owed)."""

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
    """From when to when something holds, both inclusive; None: without that end."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


class Asked(NamedTuple):
    """A target asks for the figures of its reporting periods; `result_due` is the due day of the last one."""

    period: Period
    result_due: date | None = None


class Came(NamedTuple):
    """A figure, and the day on which it was first published, or recorded where nobody can say."""

    start: date
    end: date
    day: date


class Due(NamedTuple):
    """A period whose figure is due by a day, and the day on which it came; None: it did not."""

    period: Period
    due: date
    came: date | None


def on_duty(duties: Iterable[tuple[int, Term]], default: int | None, day: date) -> set[int]:
    """Who reports a series on a day: those with a duty, else the indicator's department."""
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
    """Whether there was an area to report of on that day, and somebody who had to, or who had succeeded him."""
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
    """Every period of a series that has ended before `as_of`, on `since` or later, in order.

    Asked for by its targets, or, where it has none, from the period on in which its `first` figure ends.
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
                # Two plans that ask for one figure: whoever waits less long decides.
                found[period] = min(due, found.get(period, due))
    by_end: dict[date, list[Came]] = {}
    for figure in came:
        by_end.setdefault(figure.end, []).append(figure)
    for period in sorted(found):
        yield Due(period, found[period], _came(period, by_end.get(period.end, ()), indicator.accumulation))


def _came(period: Period, figures: Iterable[Came], accumulation: Accumulation | None) -> date | None:
    """The first of the figures that end with the period and cover it; of what stands, whatever its start."""
    covering = [f.day for f in figures if f.start <= period.start or accumulation == Accumulation.LAST]
    return min(covering, default=None)
