"""Describe the terms of targets in words, in the active language."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import get_language

from indicators.domain.periods import Period
from indicators.models import Indicator
from indicators.services.books import terms_of
from targets.domain import words
from targets.domain.terms import TargetTerms
from targets.domain.vocabulary import Goal, Profile
from targets.models import Target, TargetVersion
from targets.services import terms

# The description is the same for every period.
_ANY = Period(date(2000, 1, 1), date(2000, 12, 31))


def of_version(target: Target, version: TargetVersion) -> str:
    """The terms of a version in words."""
    return _said(terms.of_version(target, version), target.indicator, about=target.about)


def preview(*, indicator: Indicator, about: bool, goal: str, profile: str, values: Mapping[str, Any]) -> str:
    """Unsaved terms in words; "" while the lower edge is above the upper."""
    stated = TargetTerms(
        _ANY, Goal(goal) if goal else None, profile=Profile(profile) if profile else None, **dict(values)
    )
    lower, upper = stated.lower, stated.upper
    if lower is not None and upper is not None and lower > upper:
        return ""
    return _said(stated, indicator, about=about)


def _said(stated: TargetTerms, indicator: Indicator, *, about: bool) -> str:
    language = words.VIETNAMESE if (get_language() or "en").startswith("vi") else words.ENGLISH
    return words.in_words(stated, terms_of(indicator), language, unit=indicator.unit, about=about)
