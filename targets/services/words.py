"""Targets said in words, in the language that is active."""

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

# What is said holds at the end of whatever period there is.
_ANY = Period(date(2000, 1, 1), date(2000, 12, 31))


def of_version(target: Target, version: TargetVersion) -> str:
    """What one of its versions asks of a target."""
    return _said(terms.of_version(target, version), target.indicator, about=target.about)


def preview(*, indicator: Indicator, about: bool, goal: str, profile: str, values: Mapping[str, Any]) -> str:
    """What terms would ask that are still being written; "" as long as they are not whole."""
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
