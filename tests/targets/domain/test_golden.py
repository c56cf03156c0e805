"""Every golden case, by name."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.domain.figures import figures_in_force
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from tests.cases.golden import PLACES, Golden, case_parameters, golden_cases


def shown(value: object) -> object:
    """As the cases write it."""
    if isinstance(value, Decimal):
        return to_plain_string(round_half_up(value, PLACES))
    return value.isoformat() if isinstance(value, date) else value


def assessed(case: Golden) -> AssessmentResult:
    figures = {code: figures_in_force(revision, case.as_of) for code, revision in case.revisions.items()}
    book = ValueResolver(case.indicators, figures)
    return assess(terms=case.target, indicator=case.indicator, resolver=book, as_of=case.as_of)


def test_there_are_292_cases() -> None:
    assert len(golden_cases()) == 292


@pytest.mark.parametrize("case", case_parameters())
def test_a_golden_case(case: Golden) -> None:
    result = assessed(case)
    answer = {name: shown(getattr(result, NAMES.get(name, name))) for name in case.expected}
    assert answer == case.expected


NAMES = {"profile_used": "profile"}
