"""An assessment as the API shows it: decimals and days as strings, independent of the language."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import cast

from indicators.domain.choices import PERCENT_UNITS, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.missing_values import MissingValue
from indicators.domain.provenance import SourceFigure
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.models import Indicator
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import VersionState
from targets.domain.same_period import SamePeriod
from targets.models import Target, TargetVersion
from targets.payloads.assessments import (
    AssessmentPayload,
    ExpectedBandPayload,
    IssuerForecastPayload,
    OutlookPayload,
    RequiredPacePayload,
    SamePeriodPayload,
    TargetFields,
)
from targets.payloads.explanations import (
    ExplanationJudgementPayload,
    FigureFields,
    FigurePart,
    FigurePayload,
    MissingReasonPayload,
)

FormatNumber = Callable[[Decimal | None], str | None]

# A figure recorded later than this after its publication day counts as recorded late.
_LATE_AFTER = timedelta(days=30)


def display_decimal(value: Decimal | None, indicator: Indicator) -> str | None:
    """Round half up to two places more than the indicator has, at least six; None stays None."""
    return round_to_places(value, display_places(indicator))


def display_places(indicator: Indicator) -> int:
    return max(6, indicator.decimals + 2)


def round_to_places(value: Decimal | None, places: int) -> str | None:
    return None if value is None else to_plain_string(round_half_up(value, places))


def iso_date(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _unit_names(indicator: Indicator) -> tuple[str, str]:
    """The unit in both languages. Stored assessments have no kind: a rank that was entered without a unit is told by this."""
    is_unnamed_rank = indicator.kind == IndicatorKind.RANK and not (indicator.unit or indicator.unit_en)
    return ("hạng", "rank") if is_unnamed_rank else (indicator.unit, indicator.unit_en)


def assessment_payload(
    target: Target, version: TargetVersion, assessment: AssessmentResult, state: VersionState
) -> AssessmentPayload:
    """Everything but the explanation. It is stored, and compared to detect changes."""
    indicator = target.indicator
    format_number = partial(round_to_places, places=display_places(indicator))
    unit, unit_en = _unit_names(indicator)
    variance_unit = "percentage points" if (unit or unit_en) in PERCENT_UNITS else unit
    return {
        "target": target.identifier,
        "version": version.number,
        "state": state.value,
        "status": assessment.status.value,
        "rule": assessment.rule.value,
        "provisional": assessment.provisional,
        "qualitative": target.qualitative,
        "actual": format_number(assessment.actual),
        "covered_through": iso_date(assessment.covered_through),
        "partial": assessment.partial,
        "gaps": [str(gap) for gap in assessment.gaps],
        "reason": reason_payload(assessment.reason),
        "expected": _expected_payload(assessment, format_number),
        "variance": format_number(assessment.variance),
        "variance_percent": format_number(assessment.variance_percent),
        "shortfall": format_number(assessment.shortfall),
        "position": format_number(assessment.position),
        "tolerance": format_number(assessment.tolerance),
        "unit": unit,
        "unit_en": unit_en,
        "variance_unit": variance_unit,
        "outlook": _outlook_payload(assessment, format_number),
        "required": _required_payload(assessment, format_number),
        "same_period": _same_period_payload(assessment.same_period, variance_unit, format_number),
        "percent_of_target": format_number(assessment.percent_of_target),
        "freshness": {
            "covered_through": iso_date(assessment.covered_through),
            "expected_through": iso_date(assessment.expected_through),
            "overdue": assessment.overdue,
            "next_due": iso_date(assessment.next_due),
        },
        "milestones": [
            {
                "date": milestone.date.isoformat(),
                "lower": format_number(milestone.lower),
                "upper": format_number(milestone.upper),
                "reached": reached,
            }
            for milestone, reached in assessment.milestones
        ],
    }


def reason_payload(reason: MissingValue | None) -> MissingReasonPayload | None:
    if reason is None:
        return None
    return {
        "slug": reason.slug.value,
        "indicator": reason.indicator or None,
        "period": str(reason.period) if reason.period else None,
        "day": iso_date(reason.day),
        "areas": list(reason.areas),
        "missing_reason": reason.missing_reason or None,
    }


def _expected_payload(assessment: AssessmentResult, format_number: FormatNumber) -> ExpectedBandPayload:
    return {
        "lower": format_number(assessment.expected_lower),
        "upper": format_number(assessment.expected_upper),
        "profile": assessment.profile.value,
        "fallback": assessment.fallback,
        "interpolated": assessment.interpolated,
    }


def _issuer_payload(assessment: AssessmentResult, format_number: FormatNumber) -> IssuerForecastPayload | None:
    issuer = assessment.issuer
    return issuer and {
        "value": format_number(issuer.value) or "",
        "published": iso_date(issuer.published) or "unknown",
        "source": issuer.source,
        "variance": format_number(issuer.variance),
    }


def _outlook_payload(assessment: AssessmentResult, format_number: FormatNumber) -> OutlookPayload:
    outlook = assessment.outlook
    past = outlook.past
    return {
        "value": format_number(outlook.value),
        "low": format_number(outlook.low),
        "high": format_number(outlook.high),
        "method": outlook.method.value if outlook.method else None,
        "tested": None
        if past is None
        else {"periods": len(past.errors), "mean_absolute_error": format_number(past.mean_absolute) or "0"},
        "range_from": outlook.range_from.value if outlook.range_from else None,
        "issuer": _issuer_payload(assessment, format_number),
    }


def _required_payload(assessment: AssessmentResult, format_number: FormatNumber) -> RequiredPacePayload:
    return {
        "lower": format_number(assessment.required_lower),
        "upper": format_number(assessment.required_upper),
        "per": assessment.required_per.value if assessment.required_per else None,
        "assumes": assessment.required_assumes.value if assessment.required_assumes else None,
        "best_seen": format_number(assessment.best_seen.value) if assessment.best_seen else None,
        "best_seen_period": str(assessment.best_seen.span) if assessment.best_seen else None,
        "periods_seen": assessment.periods_seen,
        "out_of_reach": assessment.out_of_reach,
    }


def _same_period_payload(
    same_period: SamePeriod | None, variance_unit: str, format_number: FormatNumber
) -> SamePeriodPayload | None:
    if same_period is None:
        return None
    unit = variance_unit if same_period.is_difference else "percent"
    return {
        "period": str(same_period.span),
        "value": format_number(same_period.value),
        "change": format_number(same_period.change),
        "unit": None if same_period.change is None else unit,
        "reason": reason_payload(same_period.reason),
    }


def judgement_payload(assessment: AssessmentResult) -> ExplanationJudgementPayload | None:
    """The judgement of a qualitative target: its day, reason and author; None without one."""
    judgement = assessment.judgement
    return (
        None
        if judgement is None
        else {"day": judgement.day.isoformat(), "reason": judgement.reason, "by": judgement.judged_by}
    )


def figure_payload(source: SourceFigure) -> FigurePayload:
    """A figure; a sum over areas also has `parts`, the posted figures that it adds up."""
    fields = figure_fields(source)
    parts: list[FigurePart] = [
        {**figure_fields(SourceFigure(source.indicator, part.figure)), "area": part.area}
        for part in source.figure.parts
    ]
    return {**fields, "parts": parts} if parts else cast("FigurePayload", fields)


def figure_fields(source: SourceFigure) -> FigureFields:
    """A figure without its parts. A sum over areas was recorded late if any of its parts was."""
    figure = source.figure
    return {
        "id": figure.id,
        "indicator": source.indicator,
        "revision": figure.revision,
        "period": str(figure.period),
        "value": None if figure.value is None else to_plain_string(figure.value),
        "qualifier": figure.qualifier,
        "stage": figure.stage,
        "published": iso_date(figure.published) or "unknown",
        "recorded_on": iso_date(figure.recorded_on),
        "recorded_late": any(map(_was_recorded_late, [part.figure for part in figure.parts] or [figure])),
    }


def _was_recorded_late(figure: Figure) -> bool:
    return bool(figure.published and figure.recorded_on and figure.recorded_on - figure.published > _LATE_AFTER)


def target_fields(target: Target) -> TargetFields:
    """The fields of the target itself that a list row shows beside the assessment."""
    answers_for = target.answers_for
    return {
        "plan": target.plan.code,
        "indicator": target.indicator.code,
        "indicator_name": target.indicator.name,
        "indicator_name_en": target.indicator.name_en,
        "area": target.area.code,
        "department": target.department.code if target.department else None,
        "answers_for": answers_for.code if answers_for else None,
        "goal": target.goal or None,
        "section": target.section,
        "section_en": target.section_en,
        "period": str(target.period),
    }
