"""What alert rules look at."""

from decimal import Decimal
from typing import Any

import pytest

from indicators.domain.figures import Figure
from indicators.domain.terms import IndicatorTerms
from targets.domain.choices import Status
from targets.domain.rules import Condition, RuleKind, rank_severity
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import figure, indicator, months

from .builders import assessed, target

WORRYING = frozenset({Status.AT_RISK, Status.OFF_TRACK, Status.MISSED})
YEAR = "2025-02-01"


def condition(kind: str, **given: Any) -> Condition:
    return Condition(RuleKind(kind), **given)


BY_STATUS = condition("status_is", statuses=WORRYING)
SHORT = condition("variance_beyond", amount=Decimal(10))
PERCENT = condition("variance_beyond", amount=Decimal(10), in_percent=True)
REACH, LATE = condition("pace_out_of_reach"), condition("overdue")
SUM, LAST = indicator(), indicator("last")

HOLDS: dict[str, tuple[Condition, TargetTerms, list[Figure], IndicatorTerms, int]] = {
    "missed is worst": (BY_STATUS, target("100"), [figure("2024", "80")], SUM, 3),
    "met worries nobody": (BY_STATUS, target("100"), [figure("2024", "100")], SUM, 0),
    "a status that is not asked for": (
        condition("status_is", statuses=frozenset({Status.AT_RISK})),
        target("100"),
        [figure("2024", "80")],
        SUM,
        0,
    ),
    "one that is no worry has no grade": (
        condition("status_is", statuses=frozenset({Status.MET})),
        target("100"),
        [figure("2024", "100")],
        SUM,
        0,
    ),
    "short by more than the amount": (SHORT, target("100"), [figure("2024", "89")], SUM, 1),
    "short by just the amount": (SHORT, target("100"), [figure("2024", "90")], SUM, 0),
    "more than was asked is not short": (SHORT, target("100"), [figure("2024", "150")], SUM, 0),
    "at most: too much is short": (SHORT, target(None, "100", goal="at_most"), [figure("2024", "111")], SUM, 1),
    "nothing is known": (SHORT, target("100"), [], SUM, 0),
    "short by more percent": (PERCENT, target("50"), [figure("2024", "44")], SUM, 1),
    "short by just the percent": (PERCENT, target("50"), [figure("2024", "45")], SUM, 0),
    "percent on the good side": (PERCENT, target("50"), [figure("2024", "90")], SUM, 0),
    "of a share there are no percent": (
        PERCENT,
        target("50"),
        [figure("2024", "1")],
        indicator("last", kind="share"),
        0,
    ),
    "a pace that never was": (REACH, target("133"), [*months(2023, [12] * 12), *months(2024, [0])], SUM, 1),
    "a pace that was": (REACH, target("100"), [*months(2023, [12] * 12), *months(2024, [0])], SUM, 0),
    "too few periods to tell": (REACH, target("133"), [*months(2023, [12] * 10), *months(2024, [0])], SUM, 0),
    "no pace to hold it against": (REACH, target("100"), [], SUM, 0),
    "figures are overdue": (LATE, target("100"), months(2024, [1]), SUM, 1),
    "figures are there": (LATE, target("100"), [figure("2024", "100")], SUM, 0),
}


@pytest.mark.parametrize(("rule", "terms", "posted", "of", "expected"), HOLDS.values(), ids=HOLDS)
def test_how_bad_it_is(
    rule: Condition, terms: TargetTerms, posted: list[Figure], of: IndicatorTerms, expected: int
) -> None:
    day = "2024-07-05" if rule in (REACH,) else YEAR
    assert rank_severity(rule, assessed(terms, posted, of=of, as_of=day)) == expected
