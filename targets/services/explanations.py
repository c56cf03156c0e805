"""Explain an assessment: a document from which alone the assessment can be recomputed.

Decimals are exact strings; nothing depends on a language. It is built on request, never while assessing.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from indicators.domain.accounts import in_order
from indicators.domain.book import Book
from indicators.domain.periods import Period
from indicators.domain.regions import NAMED
from indicators.domain.rounding import compared, exact, plain
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import DueUnit
from indicators.models import Revision
from targets.domain.assessment import Assessment
from targets.domain.evidence import evidence, inputs
from targets.domain.explanation import Basis, Equation, Known, equations
from targets.domain.freshness import due_days
from targets.domain.milestones import known_by
from targets.domain.outlook import outlook, periods_left
from targets.domain.profiles import declared_profile
from targets.domain.records import best_period
from targets.domain.terms import TargetTerms
from targets.domain.variance import percent_of_tolerance
from targets.models import TargetVersion
from targets.services import rows
from targets.services.judging import Judged

_AT_ONCE = 1000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def status(judged: Judged) -> dict[str, Any]:
    """An assessment with its explanation, independent of the language."""
    return {**judged.body, "as_of": judged.as_of.isoformat(), "explanation": explanation(judged)}


def explanation(judged: Judged) -> dict[str, Any]:
    return explained([judged])[0]


def explained(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """One explanation per evaluation, in order; one query per thousand figures."""
    found = [of_assessment(each.assessment, each.as_of) for each in judged]
    listed = [figure for each in found for figure in (*each["figures"], *each.get("others", ()))]
    listed += [part for figure in listed for part in figure.get("parts", ())]
    sources = _sources(listed)
    for figure in listed:
        figure["source"], figure["note"] = sources.get((figure["id"], figure["revision"]), ("", ""))
    return [
        document | {"about": each.target.about, "version": _version(each.version)}
        for document, each in zip(found, judged, strict=True)
    ]


def _sources(figures: list[dict[str, Any]]) -> dict[tuple[str, int], tuple[str, str]]:
    """(source, note) of each figure, by (figure id, revision number)."""
    # A hypothetical figure has no id of a stored figure.
    posted = sorted({each["id"] for each in figures if _UUID.fullmatch(each["id"])})
    found = dict[tuple[str, int], tuple[str, str]]()
    for start in range(0, len(posted), _AT_ONCE):
        rows = Revision.objects.filter(measurement__in=posted[start : start + _AT_ONCE])
        for pk, revision, source, note in rows.values_list("measurement", "number", "source", "note"):
            found[str(pk), revision] = source, note
    return found


def of_assessment(assessment: Assessment, as_of: date) -> dict[str, Any]:
    """The explanation without the target version that was evaluated."""
    short = rows.explanation(assessment)
    basis = assessment.basis
    if basis is None:
        return short
    with exact():
        used = set(assessment.figures)
        others = in_order(each for each in evidence(basis) if each not in used)
        return {
            **short,
            "as_of": as_of.isoformat(),
            "terms": _terms(basis.terms),
            "indicators": [_indicator(basis.book.terms(code)) for code in _codes(basis)],
            "span": None if basis.actual is None else str(basis.actual.span),
            "profile": _profile(basis, assessment),
            "others": [rows.figure(each) for each in others],
            "inputs": [_value(*span) for span in inputs(basis).spans],
            "arithmetic": _arithmetic(basis.known()),
            "tolerance": _tolerance(basis),
            "season": _season(basis),
            "required": _required(basis.known(), assessment),
            "milestones": _milestones(basis),
            "due": _due(basis, as_of),
            **_completeness(basis),
        }


def _version(version: TargetVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "state": version.state,
        "announced": version.announced.isoformat(),
        "act": version.act,
        "reason": version.reason,
        "source": version.source,
    }


def _number(value: Any) -> str | None:
    return None if value is None else plain(value)


def _terms(terms: TargetTerms) -> dict[str, Any]:
    """The terms as they were given; null where a value was left out."""
    return {
        "period": str(terms.period),
        "goal": terms.goal.value if terms.goal else None,
        "lower": _number(terms.lower),
        "upper": _number(terms.upper),
        "lower_open": terms.lower_open,
        "upper_open": terms.upper_open,
        "profile": terms.profile.value if terms.profile else None,
        "milestones": [
            {"date": each.date.isoformat(), "lower": _number(each.lower), "upper": _number(each.upper)}
            for each in terms.milestones
        ],
        "baseline": _number(terms.baseline),
        "baseline_date": rows.day(terms.baseline_date),
        "tolerance": _number(terms.tolerance),
        "tolerance_percent": _number(terms.tolerance_percent),
        "result_due": rows.day(terms.result_due),
        "qualitative": terms.qualitative,
    }


def _codes(basis: Basis) -> list[str]:
    """The evaluated indicator, then the inputs of its formula, including those of nested formulas."""
    found = [basis.indicator]
    for code in found:
        formula = basis.book.formula(code)
        needed = sorted(formula.inputs) if formula else []
        found += [each for each in needed if each not in found and basis.book.knows(each)]
    return found


def _indicator(indicator: IndicatorTerms) -> dict[str, Any]:
    return {
        "code": indicator.code,
        "kind": indicator.kind.value,
        "frequency": indicator.frequency.value,
        "accumulation": indicator.accumulation.value if indicator.accumulation else None,
        "formula": indicator.formula,
        "decimals": indicator.decimals,
        "due_days": indicator.due_days,
        "due_unit": indicator.due_unit.value,
    }


def _profile(basis: Basis, assessment: Assessment) -> dict[str, Any]:
    return {
        "declared": declared_profile(basis.terms, basis.book.terms(basis.indicator)).value,
        "used": assessment.profile.value,
        "fallback": assessment.fallback,
        "interpolated": assessment.interpolated,
        "baseline_day": rows.day(basis.terms.baseline_day),
    }


def _value(code: str, period: Period, value: Any) -> dict[str, Any]:
    return {"indicator": code, "period": str(period), "value": plain(compared(value))}


def _arithmetic(known: Known | None) -> list[dict[str, Any]]:
    return [] if known is None else [_equation(each) for each in [*equations(known), *outlook(known)]]


def _equation(equation: Equation) -> dict[str, Any]:
    return {
        "name": equation.name.replace(" ", "_"),
        "expression": equation.expression,
        "value": plain(compared(equation.value)),
    }


def _tolerance(basis: Basis) -> dict[str, Any] | None:
    """The tolerance and its origin: an absolute number, or a percentage of a named base."""
    known = basis.known()
    if known is None:
        return None
    absolute = basis.terms.tolerance is not None
    percent, of = percent_of_tolerance(basis.terms, known.expected.profile)
    return {
        "value": _number(known.measured.tolerance),
        "from": "given" if absolute else "percent" if basis.terms.tolerance_percent is not None else "default",
        "percent": None if absolute else plain(percent),
        "of": None if absolute else of,
    }


def _season(basis: Basis) -> list[dict[str, Any]]:
    """The shares of earlier years; the first one, last year's, is the curve."""
    expected = basis.expected
    return [
        {
            "period": str(basis.terms.period.years_before(share.years)),
            "part": plain(compared(share.part)),
            "whole": plain(compared(share.whole)),
            "interpolated": share.interpolated,
        }
        for share in (expected.shares if expected else ())
    ]


def _required(known: Known | None, assessment: Assessment) -> dict[str, Any] | None:
    best = assessment.best_ever
    if known is None or assessment.required_per is None:
        return None
    period = None if best is None else best_period(known.terms, known.indicator, known.book, best)
    return {
        "periods_left": periods_left(known.terms, known),
        "best_ever": None if best is None else plain(compared(best)),
        "best_ever_period": None if period is None else str(period),
    }


def _milestones(basis: Basis) -> list[dict[str, Any]]:
    """For each milestone, the actual value known by its day."""
    if basis.actual is None:
        return []
    by_day = sorted(basis.terms.milestones, key=lambda each: each.date)
    found = [(each, known_by(basis.terms, basis.indicator, basis.book, each, basis.actual.through)) for each in by_day]
    return [
        {
            "date": milestone.date.isoformat(),
            "value": None if actual is None else plain(actual.value),
            "covered_through": None if actual is None else rows.day(actual.through),
        }
        for milestone, actual in found
    ]


def _completeness(basis: Basis) -> dict[str, Any]:
    """For sums over areas: how many areas have reported each span that ends inside the period."""
    found = [
        {
            "indicator": code,
            "period": str(span),
            "have": coverage.have,
            "of": coverage.of,
            "missing": list(coverage.missing[:NAMED]),
        }
        for code, spans in sorted(basis.book.coverage.items())
        if code in basis.book.stored_inputs(basis.indicator)
        for span, coverage in spans.items()
        if basis.terms.period.start <= span.end <= basis.terms.period.end
    ]
    return {"completeness": found} if found else {}


def _due(basis: Basis, as_of: date) -> dict[str, Any]:
    """The due days that decide freshness; for due times in working days also the holidays and the worked weekends."""
    indicator = basis.book.terms(basis.indicator)
    dues = due_days(basis.terms, indicator, basis.book.calendar)
    passed = [each for each in dues if each[1] < as_of]
    to_come = [each for each in dues if each[1] >= as_of]
    found: dict[str, Any] = {
        "first": _due_day(dues[0]),
        "latest_passed": _due_day(passed[-1]) if passed else None,
        "next": _due_day(min(to_come, key=lambda each: each[1])) if to_come else None,
        "last": _due_day(dues[-1]),
    }
    if indicator.due_unit == DueUnit.WORKING_DAYS:
        found |= _calendar(basis.book, dues[0][0].start, max(due for _, due in dues))
    return found


def _due_day(due: tuple[Period, date]) -> dict[str, Any]:
    return {"period": str(due[0]), "due": due[1].isoformat()}


def _calendar(book: Book, first: date, last: date) -> dict[str, Any]:
    days = {"days_off": book.calendar.off, "days_worked": book.calendar.worked}
    return {name: sorted(day.isoformat() for day in found if first <= day <= last) for name, found in days.items()}
