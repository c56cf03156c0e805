"""The rule by which the figures of the living demo plan are invented: on any day, of any year."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from indicators.domain.periods import Period
from targets.demo.invented_figures import (
    EARLIER_YEARS,
    OFF_TRACK,
    SERIES,
    InventedFigure,
    list_figures,
    plan_years,
)

# After eleven years the variations come again.
YEARS = range(2026, 2037)
DAYS = {
    "an ordinary day": date(2026, 11, 30),
    "New Year's Day": date(2027, 1, 1),
    "the day before the first figures of a year": date(2027, 2, 2),
    "the day of the first figures of a year": date(2027, 2, 3),
    "29 February": date(2028, 2, 29),
    "the day after 29 February": date(2028, 3, 1),
    "the first quarter's day": date(2029, 4, 3),
    "mid year": date(2030, 6, 30),
    "31 December": date(2031, 12, 31),
    "the last year of a century": date(2099, 12, 31),
}
on_each_day = pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)


def by_period(day: date) -> dict[tuple[str, Period], InventedFigure]:
    figures = list_figures(day)
    indexed = {(figure.indicator, figure.period): figure for figure in figures}
    assert len(indexed) == len(figures)
    return indexed


@on_each_day
def test_no_figure_is_published_in_the_future_or_before_its_period_is_over(day: date) -> None:
    for figure in list_figures(day):
        assert figure.period.end < figure.published <= day


@on_each_day
def test_figures_come_in_the_order_of_their_publication(day: date) -> None:
    assert all(earlier.published <= later.published for earlier, later in pairwise(list_figures(day)))


@on_each_day
def test_the_newest_plan_with_figures_has_five_whole_years_before_it(day: date) -> None:
    figures, (year, *_) = by_period(day), plan_years(day)
    for earlier in range(year - EARLIER_YEARS, year):
        assert figures[OFF_TRACK, Period.parse(str(earlier))].value
    assert any(period.start.year == year for _, period in figures)


@on_each_day
def test_there_is_a_plan_of_this_year_and_one_that_is_open_and_has_figures(day: date) -> None:
    years = plan_years(day)
    assert years[-1] == day.year
    last = max(figure.period.end for figure in list_figures(day) if figure.indicator == OFF_TRACK)
    assert last.year == years[0]
    assert last < date(years[0], 12, 31)


@on_each_day
def test_a_later_day_adds_figures_and_changes_none(day: date) -> None:
    before = by_period(day)
    for later in (day, day + timedelta(days=1), day + timedelta(days=40), day + timedelta(days=366)):
        after = by_period(later)
        shared = [key for key in before if key in after]
        assert len(shared) > 300
        silent = {series.indicator for series in SERIES if series.is_silent}
        assert [key for key in shared if before[key] != after[key] and key[0] not in silent] == []


@pytest.mark.parametrize("year", YEARS)
def test_shares_and_ranks_are_possible_and_no_cumulative_share_falls(year: int) -> None:
    figures = list_figures(date(year, 12, 31))
    for figure in figures:
        assert figure.value is None or figure.value > 0
        if figure.indicator.endswith(("-rate", "-pct-estimate", "-upgraded")):
            assert figure.value is not None
            assert figure.value <= 100
    for indicator in (OFF_TRACK, "budget-revenue-pct-estimate"):
        course = [figure for figure in figures if figure.indicator == indicator]
        for earlier, later in pairwise(sorted(course, key=lambda figure: figure.period.end)):
            if earlier.period.start == later.period.start:
                assert earlier.value is not None
                assert later.value is not None
                assert earlier.value < later.value


def test_one_series_is_silent_in_the_years_of_the_living_plans_and_had_figures_before() -> None:
    values = {
        year: {figure.value is None for figure in list_figures(date(2027, 1, 5)) if figure.period.start.year == year
               and figure.indicator == "domestic-visitors"}
        for year in range(2021, 2027)
    }  # fmt: skip
    assert values == {**{key: {False} for key in range(2021, 2026)}, 2026: {True}}
