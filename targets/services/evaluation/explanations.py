"""Explain an assessment: a document from which alone the assessment can be recomputed.

Decimals are exact strings; nothing depends on a language. It is built on request, never while assessing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from indicators.domain.choices import DueUnit
from indicators.domain.periods import Period
from indicators.domain.regions import MAX_NAMED_AREAS
from indicators.domain.rounding import exact_arithmetic, round_for_comparison, to_plain_string
from indicators.domain.terms import IndicatorTerms
from targets.domain.assessment import AssessmentResult
from targets.domain.best_pace import find_best_period
from targets.domain.equations import AssessmentBasis, CompleteBasis, Equation, assessment_equations
from targets.domain.evidence import input_values
from targets.domain.forecast_equations import count_periods_left, outlook_equations
from targets.domain.freshness import list_due_days
from targets.domain.milestones import milestone_actual
from targets.domain.profiles import declared_profile
from targets.domain.terms import TargetTerms
from targets.domain.variance import relative_tolerance
from targets.models import TargetVersion
from targets.payloads.assessments import StatusDocument
from targets.payloads.explanations import (
    AssessmentExplanation,
    DueDayPayload,
    EquationPayload,
    ExplanationCompletenessPayload,
    ExplanationDueDaysPayload,
    ExplanationIndicatorPayload,
    ExplanationInputPayload,
    ExplanationMilestonePayload,
    ExplanationPacePayload,
    ExplanationProfilePayload,
    ExplanationSeasonPayload,
    ExplanationTermsPayload,
    ExplanationTolerancePayload,
    ExplanationVersionPayload,
    VersionExplanation,
)
from targets.services.evaluation import payloads
from targets.services.evaluation.evaluate import Evaluation
from targets.services.evaluation.evidence import Evidence, Origins, collect_evidence, explained_figure, load_origins


def status_document(evaluation: Evaluation) -> StatusDocument:
    """An assessment with its explanation, independent of the language."""
    return {**evaluation.payload, "as_of": evaluation.as_of.isoformat(), "explanation": explain_evaluation(evaluation)}


def explain_evaluation(evaluation: Evaluation) -> VersionExplanation:
    return explain_evaluations([evaluation])[0]


def explain_evaluations(evaluations: Sequence[Evaluation]) -> list[VersionExplanation]:
    """One explanation per evaluation, in order; one query per thousand figures."""
    evidence = [collect_evidence(evaluation.assessment) for evaluation in evaluations]
    origins = load_origins(evidence)
    return [
        {
            **_explain(evaluation.assessment, evaluation.as_of, pair, origins),
            "about": evaluation.target.about,
            "version": _version_payload(evaluation.version),
        }
        for evaluation, pair in zip(evaluations, evidence, strict=True)
    ]


def explain_assessment(assessment: AssessmentResult, as_of: date) -> AssessmentExplanation:
    """The explanation without the target version that was evaluated, and without the sources of its figures."""
    return _explain(assessment, as_of, collect_evidence(assessment), {})


def _explain(assessment: AssessmentResult, as_of: date, evidence: Evidence, origins: Origins) -> AssessmentExplanation:
    basis = assessment.basis
    with exact_arithmetic():
        explanation: AssessmentExplanation = {
            "rule": assessment.rule.value,
            "formula": assessment.formula,
            "judgement": payloads.judgement_payload(assessment),
            "figures": [explained_figure(source, origins) for source in evidence.used],
            "other_figures": [explained_figure(source, origins) for source in evidence.other],
            "as_of": as_of.isoformat(),
            "terms": _terms_payload(basis.terms),
            "indicators": [_indicator_payload(basis.resolver.terms(code)) for code in _indicator_codes(basis)],
            "span": None if basis.actual is None else str(basis.actual.span),
            "profile": _profile_payload(basis, assessment),
            "inputs": [_value_payload(*span) for span in input_values(basis).span_values],
            "arithmetic": _arithmetic_payload(basis.complete()),
            "tolerance": _tolerance_payload(basis),
            "season": _season_payload(basis),
            "required": _required_payload(basis.complete(), assessment),
            "milestones": _milestones_payload(basis),
            "due": _due_payload(basis, as_of),
        }
        if completeness := _completeness_payload(basis):
            explanation["completeness"] = completeness
    return explanation


def _version_payload(version: TargetVersion) -> ExplanationVersionPayload:
    return {
        "number": version.number,
        "state": version.state,
        "announced": version.announced.isoformat(),
        "act": version.act,
        "reason": version.reason,
        "source": version.source,
    }


def _to_decimal_text(value: Decimal | None) -> str | None:
    return None if value is None else to_plain_string(value)


def _terms_payload(terms: TargetTerms) -> ExplanationTermsPayload:
    """The terms as they were given; null where a value was left out."""
    return {
        "period": str(terms.period),
        "goal": terms.goal.value if terms.goal else None,
        "lower": _to_decimal_text(terms.lower),
        "upper": _to_decimal_text(terms.upper),
        "lower_open": terms.lower_open,
        "upper_open": terms.upper_open,
        "profile": terms.profile.value if terms.profile else None,
        "milestones": [
            {
                "date": milestone.date.isoformat(),
                "lower": _to_decimal_text(milestone.lower),
                "upper": _to_decimal_text(milestone.upper),
            }
            for milestone in terms.milestones
        ],
        "baseline": _to_decimal_text(terms.baseline),
        "baseline_date": payloads.iso_date(terms.baseline_date),
        "tolerance": _to_decimal_text(terms.tolerance),
        "tolerance_percent": _to_decimal_text(terms.tolerance_percent),
        "result_due": payloads.iso_date(terms.result_due),
        "qualitative": terms.qualitative,
    }


def _indicator_codes(basis: AssessmentBasis) -> list[str]:
    """The evaluated indicator, then the inputs of its formula, including those of nested formulas."""
    codes = [basis.indicator]
    for code in codes:
        formula = basis.resolver.formula(code)
        input_codes = sorted(formula.inputs) if formula else []
        codes += [
            input_code
            for input_code in input_codes
            if input_code not in codes and basis.resolver.has_indicator(input_code)
        ]
    return codes


def _indicator_payload(indicator: IndicatorTerms) -> ExplanationIndicatorPayload:
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


def _profile_payload(basis: AssessmentBasis, assessment: AssessmentResult) -> ExplanationProfilePayload:
    return {
        "declared": declared_profile(basis.terms, basis.resolver.terms(basis.indicator)).value,
        "used": assessment.profile.value,
        "fallback": assessment.fallback,
        "interpolated": assessment.interpolated,
        "baseline_day": basis.terms.baseline_day.isoformat(),
    }


def _value_payload(code: str, period: Period, value: Decimal) -> ExplanationInputPayload:
    return {"indicator": code, "period": str(period), "value": to_plain_string(round_for_comparison(value))}


def _arithmetic_payload(evaluated: CompleteBasis | None) -> list[EquationPayload]:
    return (
        []
        if evaluated is None
        else [
            _equation_payload(equation)
            for equation in [*assessment_equations(evaluated), *outlook_equations(evaluated)]
        ]
    )


def _equation_payload(equation: Equation) -> EquationPayload:
    return {
        "name": equation.name.replace(" ", "_"),
        "expression": equation.expression,
        "value": to_plain_string(round_for_comparison(equation.value)),
    }


def _tolerance_payload(basis: AssessmentBasis) -> ExplanationTolerancePayload | None:
    """The tolerance and its origin: an absolute number, or a percentage of a named base."""
    evaluated = basis.complete()
    if evaluated is None:
        return None
    is_absolute = basis.terms.tolerance is not None
    percent, percent_base = relative_tolerance(basis.terms, evaluated.expected.profile)
    return {
        "value": _to_decimal_text(evaluated.variance_result.tolerance),
        "from": "given" if is_absolute else "percent" if basis.terms.tolerance_percent is not None else "default",
        "percent": None if is_absolute else to_plain_string(percent),
        "of": None if is_absolute else percent_base,
    }


def _season_payload(basis: AssessmentBasis) -> list[ExplanationSeasonPayload]:
    """The shares of earlier years; the first one, last year's, is the curve."""
    expected = basis.expected
    return [
        {
            "period": str(basis.terms.period.years_before(share.years_before)),
            "part": to_plain_string(round_for_comparison(share.part)),
            "whole": to_plain_string(round_for_comparison(share.whole)),
            "interpolated": share.interpolated,
        }
        for share in (expected.shares if expected else ())
    ]


def _required_payload(evaluated: CompleteBasis | None, assessment: AssessmentResult) -> ExplanationPacePayload | None:
    best = assessment.best_ever
    if evaluated is None or assessment.required_per is None:
        return None
    period = None if best is None else find_best_period(evaluated.terms, evaluated.indicator, evaluated.resolver, best)
    return {
        "periods_left": count_periods_left(evaluated.terms, evaluated),
        "best_ever": None if best is None else to_plain_string(round_for_comparison(best)),
        "best_ever_period": None if period is None else str(period),
    }


def _milestones_payload(basis: AssessmentBasis) -> list[ExplanationMilestonePayload]:
    """For each milestone, the actual value known by its day."""
    if basis.actual is None:
        return []
    milestones = sorted(basis.terms.milestones, key=lambda milestone: milestone.date)
    known_values = [
        (milestone, milestone_actual(basis.terms, basis.indicator, basis.resolver, milestone, basis.actual.through))
        for milestone in milestones
    ]
    return [
        {
            "date": milestone.date.isoformat(),
            "value": None if actual is None else to_plain_string(actual.value),
            "covered_through": None if actual is None else payloads.iso_date(actual.through),
        }
        for milestone, actual in known_values
    ]


def _completeness_payload(basis: AssessmentBasis) -> list[ExplanationCompletenessPayload]:
    """For sums over areas: how many areas have reported each span that ends inside the period."""
    return [
        {
            "indicator": code,
            "period": str(span),
            "reported": coverage.reported,
            "expected": coverage.expected,
            "missing": list(coverage.missing[:MAX_NAMED_AREAS]),
        }
        for code, spans in sorted(basis.resolver.coverage.items())
        if code in basis.resolver.stored_inputs(basis.indicator)
        for span, coverage in spans.items()
        if basis.terms.period.start <= span.end <= basis.terms.period.end
    ]


def _due_payload(basis: AssessmentBasis, as_of: date) -> ExplanationDueDaysPayload:
    """The due days that decide freshness; for due times in working days also the holidays and the worked weekends."""
    indicator = basis.resolver.terms(basis.indicator)
    dues = list_due_days(basis.terms, indicator, basis.resolver.calendar)
    passed = [due for due in dues if due[1] < as_of]
    upcoming = [due for due in dues if due[1] >= as_of]
    payload: ExplanationDueDaysPayload = {
        "first": _due_day_payload(dues[0]),
        "latest_passed": _due_day_payload(passed[-1]) if passed else None,
        "next": _due_day_payload(min(upcoming, key=lambda due: due[1])) if upcoming else None,
        "last": _due_day_payload(dues[-1]),
    }
    if indicator.due_unit == DueUnit.WORKING_DAYS:
        first, last, calendar = dues[0][0].start, max(due for _, due in dues), basis.resolver.calendar
        payload["days_off"] = _iso_dates_between(calendar.days_off, first, last)
        payload["days_worked"] = _iso_dates_between(calendar.working_weekend_days, first, last)
    return payload


def _due_day_payload(due: tuple[Period, date]) -> DueDayPayload:
    return {"period": str(due[0]), "due": due[1].isoformat()}


def _iso_dates_between(days: Iterable[date], first: date, last: date) -> list[str]:
    return sorted(day.isoformat() for day in days if first <= day <= last)
