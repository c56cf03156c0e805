"""Assessments worked out again from all that was posted, also of areas that merged; each rule of [2] often enough.

`pytest -rP` prints how often each rule decided something. docs/testing.md has the numbers of the full run.
"""

import json
from functools import cache

from tests.example_counts import GIVEN, amount
from tests.targets.recompute.evaluator import judge_posted

from .recomputable import Drawn, drawn
from .second_edition_rules import RULES
from .test_recomputed import differing, document, said

DRAWN = amount(400, 400, quick=80, full=4400)
# What is often among thousands is there among hundreds, and need not be among a few.
LEAST = {"full": 50, "quick": 0}.get(GIVEN, 1)
# What was posted is not listed in the order in which the core reads it; the best ever seen has its own tests.
NOT_COMPARED = {"best_ever", "best_seen", "periods_seen", "out_of_reach"}


@cache
def all_drawn() -> list[Drawn]:
    return [drawn(number) for number in range(DRAWN)]


def test_each_drawn_assessment_follows_from_what_was_posted() -> None:
    off = {number: differences(each) for number, each in enumerate(all_drawn())}
    assert {number: names for number, names in off.items() if names} == {}


def differences(each: Drawn) -> dict[str, object]:
    text = document(each.assessment, each.as_of)
    wanted = said(each.assessment)
    forecast = each.assessment.issuer
    wanted["issuer"] = None if forecast is None else (forecast.value, forecast.variance)
    # Of a merged area the same value may be put together in several ways.
    hidden = NOT_COMPARED | ({"figures", "provisional"} if each.places.merger else set())
    found = judge_posted(json.dumps(each.world(json.loads(text))))
    return differing(
        {name: value for name, value in found.items() if name not in hidden},
        {name: value for name, value in wanted.items() if name not in hidden},
    )


def test_every_rule_of_the_second_edition_decides_often_enough() -> None:
    counts = {name: sum(map(rule, all_drawn())) for name, rule in RULES.items()}
    print(*(f"{number:6} {name}" for name, number in counts.items()), sep="\n")
    assert {name: number for name, number in counts.items() if number < LEAST} == {}
