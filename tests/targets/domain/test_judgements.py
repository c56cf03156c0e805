"""Targets without a number are judged by a person."""

from datetime import date

import pytest

from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import Status, StatusRule
from targets.domain.judgements import JUDGEMENT_STATUSES, JudgementInForce
from tests.indicators.domain.builders import day, figure, indicator

from .builders import assessed, target

ORDER = target(goal=None, qualitative=True)


def found(status: Status, on: str, *, as_of: str, numbered: bool = False) -> AssessmentResult:
    own = indicator("last")
    book = ValueResolver([own], {"x": [figure("2024-03", "5")] if numbered else []})
    terms = target("1") if numbered else ORDER
    return assess(
        terms=terms,
        indicator=own.code,
        resolver=book,
        as_of=day(as_of),
        judgement=JudgementInForce(status, day(on), "seen", "lan"),
    )


@pytest.mark.parametrize("status", JUDGEMENT_STATUSES)
def test_its_status_is_the_one_that_was_found(status: Status) -> None:
    verdict = found(status, "2024-06-30", as_of="2024-07-05")
    assert (verdict.status, verdict.rule, verdict.actual, verdict.figures) == (status, StatusRule.JUDGED, None, ())
    assert verdict.judgement == JudgementInForce(status, date(2024, 6, 30), "seen", "lan")


@pytest.mark.parametrize(
    "status, on, stale",
    [
        pytest.param(Status.ON_TRACK, "2024-06-30", False, id="on track, in the month that was last due"),
        pytest.param(Status.ON_TRACK, "2024-02-10", True, id="on track, and due months have passed since"),
        pytest.param(Status.MET, "2024-02-10", False, id="met for good"),
    ],
)
def test_only_what_may_change_grows_stale(status: Status, on: str, stale: bool) -> None:
    assert found(status, on, as_of="2024-07-30").overdue is stale


def test_a_number_is_not_overruled() -> None:
    assert found(Status.MISSED, "2024-06-30", as_of="2024-07-05", numbered=True).rule != StatusRule.JUDGED


def test_without_one_it_waits() -> None:
    assert assessed(ORDER, [], of="last").status == Status.NO_DATA
