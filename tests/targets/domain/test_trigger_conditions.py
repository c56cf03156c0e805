"""What may happen to a target beside how it stands."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from indicators.domain.calendars import WEEKENDS_ONLY, Calendar
from indicators.domain.figures import Figure
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import assess
from targets.domain.choices import Status
from targets.domain.freshness import list_due_days
from targets.domain.judgements import JudgementInForce
from targets.domain.rules import (
    ValueChange,
    exceeds_amount,
    find_due_soon,
    has_recovered,
    is_met_early,
    working_days_before,
)
from tests.indicators.domain.builders import figure, indicator, months

from .builders import assessed, target

RECOVERIES: dict[str, tuple[str | None, str, bool]] = {
    "at risk, then on track": ("at_risk", "on_track", True),
    "missed, then met by a correction": ("missed", "met", True),
    "off track, then exceeded": ("off_track", "exceeded", True),
    "off track, then at risk": ("off_track", "at_risk", False),
    "off track, then nothing is known": ("off_track", "no_data", False),
    "nothing was known": ("no_data", "on_track", False),
    "never judged before": (None, "on_track", False),
    "on track all the time": ("on_track", "on_track", False),
}


@pytest.mark.parametrize(("before", "after", "expected"), RECOVERIES.values(), ids=RECOVERIES)
def test_what_is_back_on_track(before: str | None, after: str, expected: bool) -> None:
    assert has_recovered(None if before is None else Status(before), Status(after)) is expected


# status before, figures, day of the look
EARLY: dict[str, tuple[str | None, list[Figure], str, bool]] = {
    "by figures of a part of the year": ("on_track", [figure("2024-01/2024-09", "120")], "2024-10-07", True),
    "by such figures, though they came after the year": (
        "on_track",
        [figure("2024-01/2024-11", "120")],
        "2025-01-07",
        True,
    ),
    "by an estimate of the year before its end": ("on_track", [figure("2024", "120")], "2024-12-11", True),
    "the result after its end": ("on_track", [figure("2024", "120")], "2025-01-11", False),
    "it was reached before": ("met", [figure("2024-01/2024-09", "120")], "2024-10-07", False),
    "it is on track only": ("at_risk", [figure("2024-01/2024-09", "80")], "2024-10-07", False),
    "never judged before": (None, [figure("2024-01/2024-09", "120")], "2024-10-07", True),
}


@pytest.mark.parametrize(("before", "figures", "day", "expected"), EARLY.values(), ids=EARLY)
def test_what_is_reached_early(before: str | None, figures: list[Figure], day: str, expected: bool) -> None:
    result = assessed(target("100"), figures, of=indicator(), as_of=day)
    was = None if before is None else Status(before)
    assert is_met_early(was, result, date(2024, 12, 31), date.fromisoformat(day)) is expected


BEYOND: dict[str, tuple[str, str, str, bool, bool]] = {
    "down by more": ("6.9", "6.2", "5", True, True),
    "up by more": ("6.2", "6.9", "5", True, True),
    "by just the percent": ("100", "95", "5", True, False),
    "of a negative figure": ("-100", "-94", "5", True, True),
    "a third, as exact as it is compared": ("3", "4", "33.333333333333", True, False),
    "from nothing, in percent": ("0", "0.1", "5", True, True),
    "in the unit": ("100", "105.01", "5", False, True),
    "by just the amount": ("100", "105", "5", False, False),
}


@pytest.mark.parametrize(("before", "after", "amount", "in_percent", "expected"), BEYOND.values(), ids=BEYOND)
def test_what_is_revised_beyond(before: str, after: str, amount: str, in_percent: bool, expected: bool) -> None:
    assert (
        exceeds_amount(ValueChange(Decimal(before), Decimal(after)), Decimal(amount), in_percent=in_percent) is expected
    )


# Of January, due on Tuesday, 20 February.
DUE: dict[str, tuple[list[Figure], str, int, str | None]] = {
    "a day too early": ([], "2024-02-14", 3, None),
    "three worked days before, a weekend between": ([], "2024-02-15", 3, "2024-02-20"),
    "on the day itself": ([], "2024-02-20", 3, "2024-02-20"),
    "the day after it is overdue": ([], "2024-02-21", 3, None),
    "its figure is there": (months(2024, [10]), "2024-02-19", 3, None),
    "of the next month, when this one is there": (months(2024, [10]), "2024-03-19", 3, "2024-03-20"),
    "not while an earlier one is overdue": ([], "2024-03-19", 3, None),
    "the whole year is known": ([figure("2024", "100")], "2024-03-19", 3, None),
}


@pytest.mark.parametrize(("posted", "day", "days", "expected"), DUE.values(), ids=DUE)
def test_what_is_due_soon(posted: list[Figure], day: str, days: int, expected: str | None) -> None:
    terms, of = target("100"), indicator(due_days=20)
    result = assessed(terms, posted, of=of, as_of=day)
    soon = find_due_soon(list_due_days(terms, of), result, date.fromisoformat(day), days, WEEKENDS_ONLY)
    assert (soon and soon[1].isoformat()) == expected


JUDGED: dict[str, tuple[str, str, bool]] = {
    "judged in the month that is due": ("on_track", "2024-02-01", False),
    "judged long ago": ("on_track", "2024-01-15", True),
    "judged once and for all": ("met", "2024-01-15", False),
}


@pytest.mark.parametrize(("status", "day", "expected"), JUDGED.values(), ids=JUDGED)
def test_a_judgement_is_due_soon_as_a_figure_is(status: str, day: str, expected: bool) -> None:
    """Of February, due on 20 March."""
    terms, of, today = target(goal=None, qualitative=True), indicator(due_days=20), date(2024, 3, 19)
    judgement = JudgementInForce(Status(status), date.fromisoformat(day), "seen", "lan")
    result = assess(
        terms=terms, indicator="x", resolver=ValueResolver([of], {"x": []}), as_of=today, judgement=judgement
    )
    assert bool(find_due_soon(list_due_days(terms, of), result, today, 3, WEEKENDS_ONLY)) is expected


@pytest.mark.parametrize("days", range(1, 12))
@pytest.mark.parametrize("end", [date(2024, 4, 1), date(2024, 4, 6), date(2024, 4, 30)])
def test_so_many_worked_days_lie_before_a_day(end: date, days: int) -> None:
    calendar = Calendar(days_off=frozenset({date(2024, 3, 25), date(2024, 4, 18), date(2024, 4, 30)}))
    start = working_days_before(end, days, calendar)
    between = [start + timedelta(days=n) for n in range((end - start).days)]
    assert sum(map(calendar.is_working_day, between)) == days
    assert calendar.is_working_day(start)
