"""Explain an assessment: build a document that contains all data for computing the assessment again.

Decimals are exact strings; nothing depends on a language. It is built on request, never while assessing.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter

from indicators.domain.choices import DueUnit
from indicators.domain.periods import Period
from indicators.domain.regions import MAX_NAMED_AREAS
from indicators.domain.rounding import exact_arithmetic, round_for_comparison, to_plain_string
from indicators.domain.terms import IndicatorTerms
from targets.domain.assessment import AssessmentResult
from targets.domain.equations import AssessmentInputs, Equation, InputsWithActual, assessment_equations
from targets.domain.forecast_equations import count_periods_left, outlook_equations
from targets.domain.freshness import list_due_days, list_owed_periods
from targets.domain.milestones import milestone_actual
from targets.domain.missing_actuals import find_later_reason
from targets.domain.outlook import Outlook
from targets.domain.pace import required_pace
from targets.domain.profiles import declared_profile
from targets.domain.source_figures import input_values
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
    ExplanationOutlookPayload,
    ExplanationPacePayload,
    ExplanationProfilePayload,
    ExplanationSeasonPayload,
    ExplanationTermsPayload,
    ExplanationTolerancePayload,
    ExplanationVersionPayload,
    MissingReasonPayload,
    VersionExplanation,
)
from targets.services.evaluation import explanation_names, payloads
from targets.services.evaluation.assessment_figures import (
    AssessmentFigures,
    SourceNotes,
    collect_figures,
    explained_figure,
    load_source_notes,
)
from targets.services.evaluation.evaluate import Evaluation


def status_document(evaluation: Evaluation) -> StatusDocument:
    """An assessment with its explanation, independent of the language."""
    return {**evaluation.payload, "as_of": evaluation.as_of.isoformat(), "explanation": explain_evaluation(evaluation)}


def explain_evaluation(evaluation: Evaluation) -> VersionExplanation:
    return explain_evaluations([evaluation])[0]


def explain_evaluations(evaluations: Sequence[Evaluation]) -> list[VersionExplanation]:
    """One explanation per evaluation, in order; one query per thousand figures."""
    figures_read = [collect_figures(evaluation.assessment) for evaluation in evaluations]
    source_notes = load_source_notes(figures_read)
    explained = [
        _explain(evaluation.assessment, evaluation.as_of, figures, source_notes)
        for evaluation, figures in zip(evaluations, figures_read, strict=True)
    ]
    return _with_versions(evaluations, explained)


def explain_in_short(evaluations: Sequence[Evaluation]) -> list[VersionExplanation]:
    """What sentences about the assessments need: without arithmetic, other figures and the sources of figures. No query."""
    explained = [
        _explain(row.assessment, row.as_of, AssessmentFigures(row.assessment.figures, ()), {}, in_short=True)
        for row in evaluations
    ]
    return _with_versions(evaluations, explained)


def _with_versions(
    evaluations: Sequence[Evaluation], explained: Sequence[AssessmentExplanation]
) -> list[VersionExplanation]:
    explanation_names.add_names(explained, evaluations)
    return [
        {
            **explanation,
            "about": evaluation.target.about,
            "version": _version_payload(evaluation.version),
        }
        for evaluation, explanation in zip(evaluations, explained, strict=True)
    ]


def explain_assessment(assessment: AssessmentResult, as_of: date) -> AssessmentExplanation:
    """The explanation without the target version, without names, and without the sources of its figures."""
    return _explain(assessment, as_of, collect_figures(assessment), {})


def _explain(
    assessment: AssessmentResult,
    as_of: date,
    figures: AssessmentFigures,
    source_notes: SourceNotes,
    *,
    in_short: bool = False,
) -> AssessmentExplanation:
    inputs = assessment.inputs
    with exact_arithmetic():
        explanation: AssessmentExplanation = {
            "rule": assessment.rule.value,
            "formula": "" if in_short else assessment.formula,
            "judgement": payloads.judgement_payload(assessment),
            "figures": [explained_figure(figure, source_notes) for figure in figures.used],
            "other_figures": [explained_figure(figure, source_notes) for figure in figures.other],
            "as_of": as_of.isoformat(),
            "terms": _terms_payload(inputs.terms),
            "indicators": [_indicator_payload(inputs.resolver.terms(code)) for code in _indicator_codes(inputs)],
            "areas": [],
            "span": None if inputs.actual is None else str(inputs.actual.span),
            "profile": _profile_payload(inputs, assessment),
            "inputs": [_value_payload(*value_row) for value_row in input_values(inputs).span_values],
            "arithmetic": [] if in_short else _arithmetic_payload(inputs.with_actual()),
            "tolerance": _tolerance_payload(inputs),
            "season": _season_payload(inputs),
            "outlook": _outlook_payload(assessment.outlook),
            "required": None if in_short else _pace_payload(inputs.with_actual(), assessment),
            "milestones": _milestones_payload(inputs),
            "due": _due_payload(inputs, as_of),
        }
        if later_reason := _later_reason(inputs):
            explanation["later_reason"] = later_reason
        if completeness := _completeness_payload(inputs):
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


def _to_plain_string_or_none(value: Decimal | None) -> str | None:
    return None if value is None else to_plain_string(value)


def _terms_payload(terms: TargetTerms) -> ExplanationTermsPayload:
    """The terms as they were given; null where a value was left out."""
    return {
        "period": str(terms.period),
        "goal": terms.goal.value if terms.goal else None,
        "lower": _to_plain_string_or_none(terms.lower),
        "upper": _to_plain_string_or_none(terms.upper),
        "lower_open": terms.lower_open,
        "upper_open": terms.upper_open,
        "profile": terms.profile.value if terms.profile else None,
        "milestones": [
            {
                "date": milestone.date.isoformat(),
                "lower": _to_plain_string_or_none(milestone.lower),
                "upper": _to_plain_string_or_none(milestone.upper),
            }
            for milestone in terms.milestones
        ],
        "baseline": _to_plain_string_or_none(terms.baseline),
        "baseline_date": payloads.iso_date(terms.baseline_date),
        "tolerance": _to_plain_string_or_none(terms.tolerance),
        "tolerance_percent": _to_plain_string_or_none(terms.tolerance_percent),
        "result_due": payloads.iso_date(terms.result_due),
        "qualitative": terms.qualitative,
    }


def _indicator_codes(inputs: AssessmentInputs) -> list[str]:
    """The inputs indicator, then the inputs of its formula, including those of nested formulas."""
    codes = [inputs.indicator]
    # Breadth first: `codes` grows while it is read.
    for code in codes:
        formula = inputs.resolver.formula(code)
        input_codes = sorted(formula.inputs) if formula else []
        codes += [
            input_code
            for input_code in input_codes
            if input_code not in codes and inputs.resolver.has_indicator(input_code)
        ]
    return codes


def _indicator_payload(indicator: IndicatorTerms) -> ExplanationIndicatorPayload:
    return {
        "code": indicator.code,
        "name": "",
        "name_en": "",
        "kind": indicator.kind.value,
        "frequency": indicator.frequency.value,
        "accumulation": indicator.accumulation.value if indicator.accumulation else None,
        "formula": indicator.formula,
        "decimals": indicator.decimals,
        "due_days": indicator.due_days,
        "due_unit": indicator.due_unit.value,
        "breaks": [day.isoformat() for day in indicator.breaks],
    }


def _profile_payload(inputs: AssessmentInputs, assessment: AssessmentResult) -> ExplanationProfilePayload:
    return {
        "declared": declared_profile(inputs.terms, inputs.resolver.terms(inputs.indicator)).value,
        "used": assessment.profile.value,
        "fallback": assessment.fallback,
        "interpolated": assessment.interpolated,
        "baseline_day": inputs.terms.baseline_day.isoformat(),
    }


def _value_payload(code: str, period: Period, value: Decimal) -> ExplanationInputPayload:
    return {"indicator": code, "period": str(period), "value": to_plain_string(round_for_comparison(value))}


def _arithmetic_payload(inputs: InputsWithActual | None) -> list[EquationPayload]:
    return (
        []
        if inputs is None
        else [_equation_payload(equation) for equation in [*assessment_equations(inputs), *outlook_equations(inputs)]]
    )


def _equation_payload(equation: Equation) -> EquationPayload:
    return {
        "name": equation.name.replace(" ", "_"),
        "expression": equation.expression,
        "value": to_plain_string(round_for_comparison(equation.value)),
    }


def _tolerance_payload(inputs: AssessmentInputs) -> ExplanationTolerancePayload | None:
    """The tolerance and its origin: an absolute number, or a percentage of a named base."""
    inputs_with_actual = inputs.with_actual()
    if inputs_with_actual is None:
        return None
    is_absolute = inputs.terms.tolerance is not None
    percent, percent_base = relative_tolerance(inputs.terms, inputs_with_actual.expected.profile)
    return {
        "value": _to_plain_string_or_none(inputs_with_actual.variance_result.tolerance),
        "from": "given" if is_absolute else "percent" if inputs.terms.tolerance_percent is not None else "default",
        "percent": None if is_absolute else to_plain_string(percent),
        "of": None if is_absolute else percent_base,
    }


def _season_payload(inputs: AssessmentInputs) -> list[ExplanationSeasonPayload]:
    """The shares of earlier years; the first, of last year, gives the expected edges of the profile `seasonal`."""
    expected = inputs.expected
    return [
        {
            "period": str(inputs.terms.period.years_before(share.years_before)),
            "part": to_plain_string(round_for_comparison(share.part)),
            "whole": to_plain_string(round_for_comparison(share.whole)),
            "interpolated": share.interpolated,
        }
        for share in (expected.shares if expected else ())
    ]


def _outlook_payload(outlook: Outlook) -> ExplanationOutlookPayload | None:
    if outlook.method is None:
        return None
    return {
        "years": [
            {
                "period": str(year.period),
                "reached": to_plain_string(round_for_comparison(year.reached)),
                "whole": to_plain_string(round_for_comparison(year.reached + year.rest)),
            }
            for year in outlook.years
        ],
        "methods": [
            {
                "method": method.value,
                "value": to_plain_string(round_for_comparison(value)),
                "mean_absolute_error": _to_plain_string_or_none(past.mean_absolute if past else None),
            }
            for method, value in outlook.by_method.items()
            for past in (outlook.errors_by_method.get(method),)
        ],
    }


def _pace_payload(inputs: InputsWithActual | None, assessment: AssessmentResult) -> ExplanationPacePayload | None:
    if inputs is None or assessment.required_per is None:
        return None
    required = required_pace(inputs.terms, inputs.indicator, inputs.resolver, inputs.actual)
    return {
        "periods_left": count_periods_left(inputs.terms, inputs),
        "periods_seen": assessment.periods_seen,
        "best_seen": [
            {"edge": edge, "value": to_plain_string(round_for_comparison(pace.value)), "period": str(pace.span)}
            for edge, pace in (("lower", required.seen_lower), ("upper", required.seen_upper))
            if pace is not None
        ],
    }


def _milestones_payload(inputs: AssessmentInputs) -> list[ExplanationMilestonePayload]:
    """For each milestone, the actual value known by its day."""
    if inputs.actual is None:
        return []
    milestones = sorted(inputs.terms.milestones, key=lambda milestone: milestone.date)
    known_values = [
        (milestone, milestone_actual(inputs.terms, inputs.indicator, inputs.resolver, milestone, inputs.actual.through))
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


def _later_reason(inputs: AssessmentInputs) -> MissingReasonPayload | None:
    actual = inputs.actual
    if actual is None:
        return None
    return payloads.reason_payload(
        find_later_reason(inputs.resolver, inputs.indicator, inputs.terms.period, actual.through)
    )


def _completeness_payload(inputs: AssessmentInputs) -> list[ExplanationCompletenessPayload]:
    """For sums over areas: how many areas have reported each span that ends inside the period."""
    return [
        {
            "indicator": code,
            "period": str(span),
            "reported": completeness.reported,
            "expected": completeness.expected,
            "missing": list(completeness.missing[:MAX_NAMED_AREAS]),
        }
        for code, spans in sorted(inputs.resolver.completeness.items())
        if code in inputs.resolver.stored_inputs(inputs.indicator)
        for span, completeness in spans.items()
        if inputs.terms.period.start <= span.end <= inputs.terms.period.end
    ]


def _due_payload(inputs: AssessmentInputs, as_of: date) -> ExplanationDueDaysPayload:
    """The due days that decide freshness; if working days are counted, also the holidays and working weekend days."""
    indicator = inputs.resolver.terms(inputs.indicator)
    due_days = list_due_days(inputs.terms, indicator, inputs.resolver.calendar)
    owed_periods, area = list_owed_periods(inputs.terms, indicator, inputs.resolver.calendar), inputs.terms.area
    passed = [(period, due_day) for period, due_day in owed_periods if due_day < as_of]
    upcoming = [(period, due_day) for period, due_day in owed_periods if due_day >= as_of]
    payload: ExplanationDueDaysPayload = {
        "first": _due_day_payload(*(owed_periods or due_days)[0]),
        "latest_passed": _due_day_payload(*passed[-1]) if passed else None,
        "next": _due_day_payload(*min(upcoming, key=itemgetter(1))) if upcoming else None,
        "last": _due_day_payload(*due_days[-1]),
    }
    if indicator.due_unit == DueUnit.WORKING_DAYS:
        first, last = due_days[0][0].start, max(due_day for _, due_day in due_days)
        calendar = inputs.resolver.calendar
        payload["days_off"] = _iso_dates_between(calendar.days_off, first, last)
        payload["days_worked"] = _iso_dates_between(calendar.working_weekend_days, first, last)
    if any(area):
        payload["area_valid_from"], payload["area_valid_to"] = map(payloads.iso_date, area)
    return payload


def _due_day_payload(period: Period, due_day: date) -> DueDayPayload:
    return {"period": str(period), "due": due_day.isoformat()}


def _iso_dates_between(days: Iterable[date], first: date, last: date) -> list[str]:
    return sorted(day.isoformat() for day in days if first <= day <= last)
