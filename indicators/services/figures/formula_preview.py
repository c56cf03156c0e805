"""Preview the values of a formula before it is saved, and the latest values of a saved one."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Frequency, IndicatorKind
from indicators.domain.period_words import period_in_words
from indicators.domain.periods import Period
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.models import Area, Indicator
from indicators.services.catalogue import formulas
from indicators.services.figures.series import load_resolvers
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import is_vietnamese, text
from kpitracker.lib.numbers import localize_number

MAX_VALUES = 6
# Codes that no indicator can have.
_PREVIEW_CODE, _NEW_CODE = "a preview", "?"


class LatestValues(NamedTuple):
    """The latest values in an area, newest first. Values are decimals as text."""

    area: Area
    values: list[tuple[Period, str]]


def preview_formula(*, formula: str, code: str, area: str, decimals: int, by: Actor, today: date) -> LatestValues:
    """Compute `formula` as the formula of the indicator `code` (empty: a new indicator). Stores nothing.

    Raises the same errors as saving: `ValidationProblem` (invalid-formula), `Unprocessable` (unknown-indicator,
    formula-cycle, unknown-area).
    """
    input_codes = formulas.parse_formula(formula).inputs
    visible = Indicator.objects.visible_to(by).filter(code__in=input_codes)
    ids = dict(visible.values_list("code", "pk"))
    formulas.check_codes_exist(input_codes, set(ids), "/formula")
    formulas.check_formula_chains({code or _NEW_CODE: formula})
    if indicator := Indicator.objects.visible_to(by).filter(code=code).first():
        formulas.validate_check_formulas(indicator, {indicator.pk: set(ids.values())})
    chosen_area = Area.objects.by_code_or_home(area or None)
    terms = IndicatorTerms(_PREVIEW_CODE, IndicatorKind.LEVEL, Frequency.MONTH, None, formula)
    resolver = load_resolvers({(pk, chosen_area.pk) for pk in ids.values()}, today, today, extra_terms=[terms])[
        chosen_area.pk
    ]
    return LatestValues(chosen_area, _latest_values(resolver.computed_values(_PREVIEW_CODE), decimals))


def recent_values(*, indicator: Indicator, today: date) -> LatestValues | None:
    """The latest values of a computed indicator in the home area. None when there is no home area."""
    try:
        area = Area.objects.by_code_or_home(None)
    except ValidationProblem:
        return None
    resolver = load_resolvers({(indicator.pk, area.pk)}, today, today)[area.pk]
    return LatestValues(area, _latest_values(resolver.computed_values(indicator.code), indicator.decimals))


def _latest_values(values: list[tuple[Period, Decimal]], decimals: int) -> list[tuple[Period, str]]:
    latest = sorted(values, key=lambda item: (item[0].end, item[0].start), reverse=True)[:MAX_VALUES]
    return [(period, to_plain_string(round_half_up(value, decimals + 2))) for period, value in latest]


def display_lines(latest: LatestValues) -> list[str]:
    """Lines of text for display."""
    if not latest.values:
        return [text(f"No value in {latest.area} yet.", f"Chưa có giá trị tại {latest.area}.")]
    return [str(latest.area), *_value_lines(latest)]


def _value_lines(latest: LatestValues) -> list[str]:
    return [
        f"{period_in_words(period, vietnamese=is_vietnamese())}: {localize_number(value)}"
        for period, value in latest.values
    ]
