"""The golden cases: input figures, a target and a day, with the assessment they must lead to.

They were computed by an independent exact evaluator; expected numbers are rounded half up to
6 places.
"""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from targets.domain.choices import Goal, Profile
from targets.domain.terms import Milestone, TargetTerms

Json = dict[str, Any]

PLACES = 6
# The evaluator did not look for gaps.
NOT_COMPARED = frozenset({"gaps"})


class Golden(NamedTuple):
    """One case, read; `raw` is the same as JSON, for tests that go through the API."""

    name: str
    as_of: date
    indicators: tuple[IndicatorTerms, ...]
    revisions: dict[str, list[Figure]]
    indicator: str
    target: TargetTerms
    expected: Json
    raw: Json


@cache
def golden_cases() -> tuple[Golden, ...]:
    """All cases, in the order of the file."""
    text = Path(__file__).with_name("assessment.json").read_text(encoding="utf-8")
    return tuple(_case(raw) for raw in json.loads(text))


@cache
def pending_cases() -> frozenset[str]:
    """Names of the cases whose rule of the second edition is not built: they must fail until it is."""
    return frozenset(Path(__file__).with_name("pending.txt").read_text(encoding="utf-8").splitlines())


def case_parameters() -> list[Any]:
    """Parameters of a test over all cases; a pending one that passes fails the run, so that it leaves the list."""
    pending = pytest.mark.xfail(reason="not built", strict=True)
    return [
        pytest.param(case, id=case.name, marks=[pending] if case.name in pending_cases() else [])
        for case in golden_cases()
    ]


def _case(raw: Json) -> Golden:
    revisions: dict[str, list[Figure]] = {row["code"]: [] for row in raw["indicators"]}
    for order, figure in enumerate(raw["figures"]):
        revisions[figure["indicator"]].append(_figure(figure, order))
    return Golden(
        name=raw["name"],
        as_of=date.fromisoformat(raw["as_of"]),
        indicators=tuple(_indicator(item) for item in raw["indicators"]),
        revisions=revisions,
        indicator=raw["target"]["indicator"],
        target=_target(raw["target"]),
        expected={key: value for key, value in raw["expected"].items() if key not in NOT_COMPARED},
        raw=raw,
    )


def _indicator(raw: Json) -> IndicatorTerms:
    accumulation = raw.get("accumulation")
    return IndicatorTerms(
        code=raw["code"],
        kind=IndicatorKind(raw["kind"]),
        frequency=Frequency(raw["frequency"]),
        accumulation=Accumulation(accumulation) if accumulation else None,
        formula=raw.get("formula") or "",
        due_days=raw["due_days"],
        breaks=tuple(map(date.fromisoformat, raw.get("breaks", ()))),
    )


def _figure(raw: Json, order: int) -> Figure:
    period = Period.parse(raw["period"])
    return Figure(
        id=f"figure-{order}",
        revision=order,
        start=period.start,
        end=period.end,
        value=number(raw["value"]),
        qualifier=raw.get("qualifier", ""),
        stage=raw["stage"],
        published=date.fromisoformat(raw["published"]),
        order=order,
    )


def _target(raw: Json) -> TargetTerms:
    return TargetTerms(
        period=Period.parse(raw["period"]),
        goal=Goal(raw["goal"]),
        lower=number(raw.get("lower")),
        upper=number(raw.get("upper")),
        lower_open=raw.get("lower_open", False),
        upper_open=raw.get("upper_open", False),
        profile=Profile(raw["profile"]) if raw.get("profile") else None,
        milestones=tuple(_milestone(value) for value in raw.get("milestones", ())),
        baseline=number(raw.get("baseline")),
        baseline_date=day(raw.get("baseline_date")),
        tolerance=number(raw.get("tolerance")),
        tolerance_percent=number(raw.get("tolerance_percent")),
        result_due=day(raw.get("result_due")),
    )


def _milestone(raw: Json) -> Milestone:
    at = date.fromisoformat(raw["date"])
    return Milestone(at, number(raw.get("lower")), number(raw.get("upper")))


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
