"""An assessment as the API shows it: decimals and days as strings, independent of the language."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from indicators.domain.accounts import Used
from indicators.domain.rounding import half_up, plain
from indicators.models import Indicator
from targets.domain.assessment import Assessment
from targets.domain.words import PERCENT
from targets.models import Target, TargetVersion

Number = Callable[[Decimal | None], str | None]

# A figure recorded later than this after its publication day counts as recorded late.
_LATE = timedelta(days=30)


def shown(value: Decimal | None, indicator: Indicator) -> str | None:
    """Round half up to two places more than the indicator has, at least six; None stays None."""
    return _to_places(value, _places_of(indicator))


def _places_of(indicator: Indicator) -> int:
    return max(6, indicator.decimals + 2)


def _to_places(value: Decimal | None, places: int) -> str | None:
    return None if value is None else plain(half_up(value, places))


def day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def body(target: Target, version: TargetVersion, assessment: Assessment) -> dict[str, Any]:
    """Everything but the explanation. It is stored, and compared to detect changes."""
    indicator = target.indicator
    number = partial(_to_places, places=_places_of(indicator))
    return {
        "target": target.identifier,
        "version": version.number,
        "status": assessment.status.value,
        "rule": assessment.rule.value,
        "provisional": assessment.provisional,
        "qualitative": target.qualitative,
        "actual": number(assessment.actual),
        "covered_through": day(assessment.covered_through),
        "partial": assessment.partial,
        "gaps": [str(gap) for gap in assessment.gaps],
        "expected": _expected(assessment, number),
        "variance": number(assessment.variance),
        "variance_percent": number(assessment.variance_percent),
        "shortfall": number(assessment.shortfall),
        "position": number(assessment.position),
        "tolerance": number(assessment.tolerance),
        "unit": indicator.unit,
        "variance_unit": "percentage points" if indicator.unit in PERCENT else indicator.unit,
        **_outlook(assessment, number),
    }


def _expected(assessment: Assessment, number: Number) -> dict[str, Any]:
    return {
        "lower": number(assessment.expected_lower),
        "upper": number(assessment.expected_upper),
        "profile": assessment.profile.value,
        "fallback": assessment.fallback,
        "interpolated": assessment.interpolated,
    }


def _outlook(assessment: Assessment, number: Number) -> dict[str, Any]:
    return {
        "projection": {
            "value": number(assessment.projection),
            "low": number(assessment.projection_low),
            "high": number(assessment.projection_high),
        },
        "required": {
            "lower": number(assessment.required_lower),
            "upper": number(assessment.required_upper),
            "per": assessment.required_per.value if assessment.required_per else None,
            "best_ever": number(assessment.best_ever),
            "out_of_reach": assessment.out_of_reach,
        },
        "freshness": {
            "covered_through": day(assessment.covered_through),
            "expected_through": day(assessment.expected_through),
            "overdue": assessment.overdue,
            "next_due": day(assessment.next_due),
        },
        "milestones": [
            {
                "date": milestone.date.isoformat(),
                "lower": number(milestone.lower),
                "upper": number(milestone.upper),
                "reached": reached,
            }
            for milestone, reached in assessment.milestones
        ],
    }


def explanation(assessment: Assessment) -> dict[str, Any]:
    """The rule that decided the status, the arithmetic with its numbers, and every figure used."""
    return {
        "rule": assessment.rule.value,
        "formula": assessment.formula,
        "figures": [figure(used) for used in assessment.figures],
        "judgement": judgement(assessment),
    }


def judgement(assessment: Assessment) -> dict[str, Any] | None:
    """The judgement of a qualitative target: its day, reason and author; None without one."""
    found = assessment.judgement
    return None if found is None else {"day": found.day.isoformat(), "reason": found.reason, "by": found.by}


def figure(used: Used) -> dict[str, Any]:
    """A figure; a sum over areas also has `parts`, the posted figures that it adds up."""
    known = used.figure
    if not known.parts:
        return _figure(used)
    parts = [{"area": part.area, **_figure(Used(used.indicator, part.figure))} for part in known.parts]
    return _figure(used) | {"recorded_late": any(part["recorded_late"] for part in parts), "parts": parts}


def _figure(used: Used) -> dict[str, Any]:
    known = used.figure
    late = bool(known.published and known.recorded_on and known.recorded_on - known.published > _LATE)
    return {
        "id": known.id,
        "indicator": used.indicator,
        "revision": known.revision,
        "period": str(known.period),
        "value": None if known.value is None else plain(known.value),
        "qualifier": known.qualifier,
        "stage": known.stage,
        "published": day(known.published) or "unknown",
        "recorded_on": day(known.recorded_on),
        "recorded_late": late,
    }


def place(target: Target) -> dict[str, Any]:
    """The fields of the target itself that a list row shows beside the assessment."""
    department = target.answerable
    return {
        "plan": target.plan.code,
        "indicator": target.indicator.code,
        "indicator_name": target.indicator.name,
        "indicator_name_en": target.indicator.name_en,
        "area": target.area.code,
        "department": department.code if department else None,
        "section": target.section,
        "period": str(target.period),
    }
