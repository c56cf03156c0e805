"""Describe the terms of targets in words, in the active language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language

from indicators.domain.choices import IndicatorKind
from indicators.domain.periods import Period
from indicators.models import Indicator
from indicators.services.figures.series import terms_of
from kpitracker.lib.i18n.text import translate
from targets.domain import target_text
from targets.domain.choices import Goal, Profile
from targets.domain.terms import TargetTerms
from targets.models import Target, TargetVersion
from targets.services.evaluation import target_versions
from targets.services.text import formatting
from targets.services.text.promises import Promise, describe_promise, is_end_of_scale

# The description is the same for every period.
_ANY_PERIOD = Period(date(2000, 1, 1), date(2000, 12, 31))


def describe_version(target: Target, version: TargetVersion) -> str:
    """The terms of a version in words."""
    return _describe_terms(target_versions.to_target_terms(target, version), target.indicator, about=target.about)


def describe_band(target: Target, version: TargetVersion) -> str:
    """What the version promises, such as `at least 7.5 % (ambition 8 %)`."""
    if target.qualitative:
        return translate("qualitative", "định tính")
    indicator = target.indicator
    lower, upper = (
        None
        if edge is None
        else formatting.format_amount(formatting.format_number(format(edge, "f")), indicator.shown_unit)
        for edge in (version.lower, version.upper)
    )
    return describe_promise(
        Promise(
            target.goal,
            lower,
            upper,
            lower_open=version.lower_open,
            upper_open=version.upper_open,
            about=target.about,
            is_rank=indicator.kind == IndicatorKind.RANK,
            is_task=indicator.kind == IndicatorKind.YES_NO,
            is_end_of_scale=is_end_of_scale(indicator.kind, target.goal, version.lower, version.upper),
            unit=indicator.shown_unit,
        )
    )


def describe_draft(*, indicator: Indicator, about: bool, goal: str, profile: str, values: Mapping[str, Any]) -> str:
    """Unsaved terms in words; "" while the lower edge is above the upper."""
    target_terms = TargetTerms(
        _ANY_PERIOD, Goal(goal) if goal else None, profile=Profile(profile) if profile else None, **dict(values)
    )
    lower, upper = target_terms.lower, target_terms.upper
    if lower is not None and upper is not None and lower > upper:
        return ""
    return _describe_terms(target_terms, indicator, about=about)


def _describe_terms(target_terms: TargetTerms, indicator: Indicator, *, about: bool) -> str:
    language = target_text.VIETNAMESE if (get_language() or "en").startswith("vi") else target_text.ENGLISH
    return target_text.describe_target(
        target_terms, terms_of(indicator), language, unit=indicator.shown_unit, about=about
    )
