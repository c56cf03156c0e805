"""A thousand and more assessments computed again from their explanations alone, by code that shares nothing."""

import ast
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from indicators.domain.figures import figures_in_force
from indicators.domain.value_resolver import ValueResolver
from targets.domain import freshness
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.choices import OutlookMethod, Profile, RangeBasis, Status, StatusRule
from targets.domain.outlook_methods import _even
from targets.services.evaluation.explanations import explain_assessment
from tests.cases.golden import golden_cases
from tests.example_counts import amount
from tests.targets import recompute
from tests.targets.recompute.evaluator import recompute as recomputed
from tests.targets.recompute.formulas import work_out

from .recomputable import Drawn, drawn

Json = dict[str, Any]
DRAWN = amount(700, 700, full=2600)
# Decimals of 50 digits beside fractions: a third has no last digit.
_ALWAYS = ["covered_through", "expected_through", "overdue", "next_due", "actual", "profile", "partial", "provisional"]
_WITH_A_VALUE = [
    "fallback",
    "interpolated",
    "expected_lower",
    "expected_upper",
    "variance",
    "variance_percent",
    "shortfall",
    "position",
    "tolerance",
    "required_lower",
    "required_upper",
    "required_per",
    "required_assumes",
    "periods_seen",
    "out_of_reach",
]
_CLOSE = Fraction(1, 10**20)


def document(assessment: AssessmentResult, as_of: date) -> str:
    """As it is sent."""
    return json.dumps(explain_assessment(assessment, as_of))


def said(assessment: AssessmentResult) -> Json:
    """What the core said, in the evaluator's words."""
    found: Json = {name: getattr(assessment, name) for name in _ALWAYS}
    found |= {"status": assessment.status.value, "gaps": [tuple(gap) for gap in assessment.gaps]}
    found["figures"] = {each.figure.id for each in assessment.figures}
    if assessment.actual is None:
        return found
    found |= {name: getattr(assessment, name) for name in _WITH_A_VALUE}
    found["best_seen"] = assessment.best_seen and assessment.best_seen.value
    found["percent_of_target"] = assessment.percent_of_target
    found["same_period"] = same_period_of(assessment)
    found |= outlook_of(assessment)
    return found | {"milestones": [reached for _, reached in assessment.milestones]}


def same_period_of(assessment: AssessmentResult) -> object:
    found = assessment.same_period
    return found and (tuple(found.span), found.value, found.change)


def outlook_of(assessment: AssessmentResult) -> Json:
    outlook = assessment.outlook
    found: Json = {
        f"outlook_{name}": getattr(outlook, name) for name in ("value", "low", "high", "method", "range_from")
    }
    past = outlook.past
    return found | {
        "outlook_tested": None if past is None else len(past.errors),
        "outlook_error": None if past is None else past.mean_absolute,
    }


def differing(found: Json, wanted: Json) -> dict[str, Any]:
    """By name what the evaluator found where it is something else."""
    assert found.keys() == wanted.keys()
    return {name: (found[name], wanted[name]) for name in wanted if not same(found[name], wanted[name])}


def same(found: Any, wanted: Any) -> bool:
    if isinstance(found, tuple) and isinstance(wanted, tuple):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, Fraction) and isinstance(wanted, Decimal):
        return abs(found - Fraction(wanted)) <= _CLOSE * (1 + abs(found))
    return bool(found == wanted)


@cache
def judged(number: int) -> list[tuple[Drawn, str]]:
    """Of areas that no other joined: test_posted_recomputed.py has those that merged, from what was posted."""
    results = [each for each in map(drawn, range(number)) if not each.places.merger]
    return [(each, document(each.assessment, each.as_of)) for each in results]


def test_the_evaluator_imports_nothing_of_what_it_checks() -> None:
    folder = Path(str(recompute.__file__)).parent
    found = {name for path in folder.glob("*.py") for name in imported(path)}
    own = {name for name in found if name.startswith("tests.targets.recompute")}
    assert {name.partition(".")[0] for name in found - own} <= set(sys.stdlib_module_names) - {"importlib"}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield str(node.module)


def test_each_drawn_assessment_follows_from_its_explanation() -> None:
    """In one test, so that they are drawn once."""
    found = judged(DRAWN)
    off = {n: differing(recomputed(text), said(each.assessment)) for n, (each, text) in enumerate(found)}
    assert {n: names for n, names in off.items() if names} == {}
    check_what_was_drawn([each.assessment for each, _ in found])
    for _, text in found:
        check_equations(json.loads(text)["arithmetic"])


def check_what_was_drawn(found: list[AssessmentResult]) -> None:
    """Whatever an assessment may be."""
    known = [each for each in found if each.actual is not None]
    assert len(known) > len(found) / 2
    # What a person found is not worked out; a heading without a number stands like its parts.
    assert {each.rule for each in found} == set(StatusRule) - {StatusRule.JUDGED, StatusRule.OF_PARTS}
    assert {each.status for each in found} == set(Status)
    assert {each.profile for each in known} == set(Profile)
    tried = {method for each in known for method in each.outlook.by_method}
    chosen = {each.outlook.method for each in known if each.outlook.method}
    assert (tried, chosen | {OutlookMethod.MILESTONES}) == (set(OutlookMethod), set(OutlookMethod))
    for basis in RangeBasis:
        assert sum(each.outlook.range_from == basis for each in known) >= 50
    assert sum(each.outlook.past is not None for each in known) >= 50


def check_equations(equations: list[Json]) -> None:
    for equation in equations:
        value = work_out(equation["expression"], (date.min, date.min), lambda code, span: None)
        assert value is not None
        assert abs(value - Fraction(equation["value"])) <= Fraction(1, 10**8) * (1 + abs(value)), equation


def test_each_golden_case_follows_from_its_explanation() -> None:
    for case in golden_cases():
        figures = {code: figures_in_force(each, case.as_of) for code, each in case.revisions.items()}
        book = ValueResolver(case.indicators, figures)
        found = assess(terms=case.target, indicator=case.indicator, resolver=book, as_of=case.as_of)
        assert differing(recomputed(document(found, case.as_of)), said(found)) == {}, case.name


def more(number: str | None) -> str | None:
    return None if number is None else str(Decimal(number) + 1)


def changed_terms(name: str, change: Callable[[Any], Any]) -> Callable[[Json], None]:
    def plant(found: Json) -> None:
        found["terms"][name] = change(found["terms"][name])

    return plant


def changed_figure(name: str, change: Callable[[Any], Any]) -> Callable[[Json], None]:
    def plant(found: Json) -> None:
        for each in found["figures"][-1:]:
            each[name] = change(each[name])

    return plant


def changed_indicator(name: str, change: Callable[[Any], Any]) -> Callable[[Json], None]:
    def plant(found: Json) -> None:
        found["indicators"][0][name] = change(found["indicators"][0][name])

    return plant


def skipped(found: Json) -> None:
    del found["figures"][-1:]


FAULTS: dict[str, tuple[int, Callable[[Json], None]]] = {
    "a figure is left out": (200, skipped),
    "another value": (200, changed_figure("value", more)),
    "another stage": (25, changed_figure("stage", lambda stage: "" if stage == "official" else "official")),
    "another qualifier": (
        1,
        changed_figure("qualifier", lambda said: "less_than" if said == "more_than" else "more_than"),
    ),
    "another lower edge": (60, changed_terms("lower", more)),
    "another upper edge": (60, changed_terms("upper", more)),
    "open for closed": (1, changed_terms("lower_open", lambda said: not said)),
    "another goal": (40, changed_terms("goal", lambda goal: "at_least" if goal == "at_most" else "at_most")),
    "another profile": (20, changed_terms("profile", lambda profile: "flat" if profile == "even" else "even")),
    "another baseline": (10, changed_terms("baseline", more)),
    "another tolerance": (10, changed_terms("tolerance", more)),
    "another percent": (25, changed_terms("tolerance_percent", more)),
    "another due day": (25, changed_indicator("due_days", lambda days: days + 40)),
    "another frequency": (60, changed_indicator("frequency", lambda said: "month" if said != "month" else "quarter")),
    "another day": (60, lambda found: found.update(as_of="2026-06-30")),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name: str) -> None:
    """In so many of the explanations at least: what it cannot break in one it breaks in others."""
    least, plant = FAULTS[name]
    seen = 0
    for each, text in judged(400):
        found = json.loads(text)
        plant(found)
        seen += fails(json.dumps(found), said(each.assessment))
    assert seen >= least


def fails(text: str, wanted: Json) -> bool:
    try:
        return bool(differing(recomputed(text), wanted))
    except (AssertionError, LookupError, TypeError, ValueError, ZeroDivisionError):
        return True


@pytest.mark.parametrize(
    ("place", "planted"),
    [
        pytest.param("variance.DEFAULT_TOLERANCE", Decimal(4), id="a smaller tolerance"),
        pytest.param("profiles.elapsed_part", lambda terms, amount, through: amount, id="all is due at once"),
        pytest.param("actual._SIDE_BY_QUALIFIER", {}, id="nearly is enough"),
        pytest.param("freshness.has_passed", lambda due, as_of: as_of >= due, id="due a day early"),
        pytest.param("pace._at_least_zero", lambda pace: pace, id="what is there is to be undone"),
        pytest.param("outlook_methods._SUM_METHODS", {OutlookMethod.EVEN: _even}, id="only one method for a flow"),
        pytest.param("outlook.RANGE_WIDTH", Decimal(2), id="a wider range"),
    ],
)
def test_a_fault_in_the_core_is_seen(monkeypatch: pytest.MonkeyPatch, place: str, planted: object) -> None:
    monkeypatch.setattr(f"targets.domain.{place}", planted)
    # What was worked out before the fault was planted would be found again.
    monkeypatch.setattr(freshness, "_cached_freshness", freshness._cached_freshness.__wrapped__)
    found = ((each, document(each.assessment, each.as_of)) for each in map(drawn, range(300)))
    assert any(fails(text, said(each.assessment)) for each, text in found)
