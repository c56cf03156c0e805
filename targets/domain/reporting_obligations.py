"""Obligations: which figures are due, by when, from which department, and when they were reported (docs/domain.md)."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from indicators.domain.calendars import Calendar
from indicators.domain.choices import Accumulation
from indicators.domain.department_succession import Successions, successors_on
from indicators.domain.periods import UNLIMITED, Period, ValidityRange
from indicators.domain.terms import IndicatorTerms

from .freshness import list_owed_periods
from .terms import TargetTerms


class RequestedPeriods(NamedTuple):
    """The period of a target that requests figures; `result_due` is the due day of its last reporting period.

    `ended_on`: the day from which it is suspended or withdrawn. What was reported before stays, nothing is owed.
    Only periods of requests with `is_listed` are listed; other requests can only make their due days earlier.
    """

    period: Period
    result_due: date | None = None
    is_listed: bool = True
    ended_on: date | None = None


class ReportedFigure(NamedTuple):
    """A figure, and the day it was first published (if unknown: recorded)."""

    start: date
    end: date
    reported_on: date


class ReportRevision(NamedTuple):
    """A revision of a figure: the day it became known, and its precedence.

    `leaves_period_owed`: it withdraws the figure, or is a forecast.
    """

    known_on: date
    precedence: tuple[date, int]
    leaves_period_owed: bool


def first_report_day(revisions: Iterable[ReportRevision]) -> date | None:
    """Return the day since which a figure is reported, or None: it was withdrawn or is foreseen, so it is owed.

    What was posted before a withdrawal does not count, or a department could be on time with any number.
    """
    reported_on = None
    for revision in sorted(revisions, key=lambda row: row.precedence):
        if revision.leaves_period_owed:
            reported_on = None
        elif reported_on is None or revision.known_on < reported_on:
            reported_on = revision.known_on
    return reported_on


class DuePeriod(NamedTuple):
    """A period whose figure is due by a day, and the day it was reported; None: not reported, so it is owed."""

    period: Period
    due_day: date
    reported_on: date | None


def reporters_on(duties: Iterable[tuple[int, ValidityRange]], default: int | None, day: date) -> set[int]:
    """Return the departments that report a series on a day: those with a duty, else the indicator's department."""
    department_ids = {department for department, validity in duties if validity.is_valid_on(day)}
    return department_ids or ({default} if default is not None else set())


def was_obligated(
    duties: Iterable[tuple[int, ValidityRange]],
    default: int | None,
    day: date,
    departments: Mapping[int, ValidityRange],
    ends: Successions,
) -> bool:
    """Whether on a day a department with the duty existed, or a successor of it."""
    return any(
        departments[department].is_valid_on(day)
        for department in successors_on(reporters_on(duties, default, day), day, ends)
    )


def list_due_periods(
    requests: Collection[RequestedPeriods],
    figures: Sequence[ReportedFigure],
    first_end: date | None,
    indicator: IndicatorTerms,
    calendar: Calendar,
    since: date,
    as_of: date,
    *,
    area: ValidityRange = UNLIMITED,
    include_next: bool = False,
) -> Iterator[DuePeriod]:
    """Yield the due periods of a series that ended before `as_of`, on `since` or later, in order.

    Only periods on whose last day the `area` existed.

    The targets of the series request the periods. Without a target they begin with the period in which the first figure
    ends. A period that only suspended or withdrawn targets request is yielded only if it was reported: it is not owed.
    `include_next` adds the period that ends next, on `as_of` or later: its figure is not due yet.
    """
    if not requests and first_end is None:
        return
    if not requests and first_end is not None:
        requests = [RequestedPeriods(Period(first_end.replace(month=1, day=1), as_of.replace(month=12, day=31)))]
        since = max(since, first_end)
    due_day_by_period: dict[Period, date] = {}
    listed_periods: set[Period] = set()
    owed_periods: set[Period] = set()
    for request in requests:
        terms = TargetTerms(period=request.period, goal=None, result_due=request.result_due, area=area)
        for period, due_day in list_owed_periods(terms, indicator, calendar):
            is_requested = request.ended_on is None or due_day < request.ended_on
            if is_requested and since <= period.end and (include_next or period.end < as_of):
                # If two plans request the same figure, the earlier due day applies.
                due_day_by_period[period] = min(due_day, due_day_by_period.get(period, due_day))
                if request.is_listed:
                    listed_periods.add(period)
                if request.ended_on is None:
                    owed_periods.add(period)
    if include_next:
        listed_periods = _without_later_periods(listed_periods, as_of)
    figures_by_end: dict[date, list[ReportedFigure]] = {}
    for figure in figures:
        figures_by_end.setdefault(figure.end, []).append(figure)
    for period in sorted(listed_periods):
        reported_on = _first_reported_on(period, figures_by_end.get(period.end, ()), indicator.accumulation)
        if reported_on is not None or period in owed_periods:
            yield DuePeriod(period, due_day_by_period[period], reported_on)


def _without_later_periods(periods: set[Period], as_of: date) -> set[Period]:
    """The periods that ended before a day, and of the others the one that ends next."""
    upcoming_periods = {period for period in periods if period.end >= as_of}
    next_periods = sorted(upcoming_periods, key=lambda period: (period.end, period.start))[:1]
    return (periods - upcoming_periods) | set(next_periods)


def _first_reported_on(
    period: Period, figures: Iterable[ReportedFigure], accumulation: Accumulation | None
) -> date | None:
    """Return the day of the first figure that ends with the period and covers it; the start of a stock is ignored."""
    reported_days = [
        figure.reported_on for figure in figures if figure.start <= period.start or accumulation == Accumulation.LAST
    ]
    return min(reported_days, default=None)
