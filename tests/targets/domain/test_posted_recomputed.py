"""Assessments worked out again from all that was posted, also of areas that merged; each rule of [2] often enough.

`pytest -rP` prints how often each rule decided something. docs/testing.md has the numbers of the full run.
"""

import json
from decimal import Decimal
from fractions import Fraction
from functools import cache

from indicators.domain.terms import IndicatorTerms
from targets.domain.contributions import break_down_growth, compare_with_year_before, find_missing_points
from tests.example_counts import GIVEN, amount
from tests.targets.recompute.evaluator import contributions_posted, judge_posted

from .recomputable import Drawn, drawn
from .second_edition_rules import RULES, has_contributions
from .test_recomputed import differing, document, said

DRAWN = amount(400, 400, quick=80, full=4400)
# What is often among thousands is there among hundreds, and need not be among a few.
LEAST = {"full": 50, "quick": 0}.get(GIVEN, 1)
# Parts of a growth of x: y, and x itself, of which nothing is left.
PARTS = ("y", "x")
PLACES = 12


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
    hidden = {"figures", "provisional"} if each.places.merger else set[str]()
    found = judge_posted(json.dumps(each.world(json.loads(text))))
    return differing(
        {name: value for name, value in found.items() if name not in hidden},
        {name: value for name, value in wanted.items() if name not in hidden},
    )


def test_the_contributions_to_each_drawn_growth_follow_from_what_was_posted() -> None:
    off = {number: contributions_off(each) for number, each in enumerate(all_drawn()) if has_contributions(each)}
    assert len(off) > len(all_drawn()) / 40
    assert {number: names for number, names in off.items() if names} == {}


def contributions_off(each: Drawn) -> dict[str, object]:
    """Rounded to 12 places before they are subtracted, as the core adds them up."""
    actual = each.assessment.inputs.actual
    assert actual is not None
    resolver, span = each.assessment.inputs.resolver, actual.span
    base = resolver.value("x", span.years_before(1))
    assert base is not None
    parts = [compare_with_year_before(resolver, code, code, span) for code in PARTS]
    core = break_down_growth(actual.value, base, parts, find_missing_points(each.terms, actual.value), PLACES)
    wanted: dict[str, object] = {
        row.part.key: None if row.points is None else (row.points, row.growth, row.share, row.more)
        for row in core.parts
    }
    rest = core.not_explained
    wanted["not explained"] = rest.points, rest.share, rest.more
    world = each.world(json.loads(document(each.assessment, each.as_of)))
    # The explanation of a growth of x does not speak of y.
    stated = {entry["code"] for entry in world["indicators"]}
    world["indicators"] += [written(terms) for terms in each.indicators if terms.code not in stated]
    found = contributions_posted(json.dumps(world), "x", PARTS)
    return {name: (found[name], wanted[name]) for name in wanted if not close(found[name], wanted[name])}


def written(terms: IndicatorTerms) -> dict[str, object]:
    return {
        "code": terms.code,
        "kind": terms.kind,
        "frequency": terms.frequency,
        "formula": terms.formula,
        "accumulation": terms.accumulation,
        "breaks": [day.isoformat() for day in terms.breaks],
    }


def close(found: object, wanted: object) -> bool:
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return all(map(close, found, wanted))
    if isinstance(found, Fraction) and isinstance(wanted, Decimal):
        return abs(found - Fraction(wanted)) <= Fraction(len(PARTS) + 1, 10**PLACES)
    return found == wanted


def test_every_rule_of_the_second_edition_decides_often_enough() -> None:
    counts = {name: sum(map(rule, all_drawn())) for name, rule in RULES.items()}
    print(*(f"{number:6} {name}" for name, number in counts.items()), sep="\n")
    assert {name: number for name, number in counts.items() if number < LEAST} == {}
