"""Preview the values of a formula before it is saved, and the latest values of a saved one."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import number_format

from indicators.domain.periods import Period
from indicators.domain.rounding import half_up, plain
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Frequency, Kind
from indicators.models import Area, Indicator
from indicators.services import areas, inputs
from indicators.services.books import gather
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text

SHOWN = 6
# Codes that no indicator can have.
_PREVIEWED, _UNNAMED = "a preview", "?"


class Values(NamedTuple):
    """The latest values in an area, newest first. Values are decimals as text."""

    area: Area
    values: list[tuple[Period, str]]


def preview(*, formula: str, code: str, area: str, decimals: int, by: Actor, today: date) -> Values:
    """Compute `formula` as the formula of the indicator `code` (empty: a new indicator). Stores nothing.

    Raises the same errors as saving: `Invalid` (invalid-formula), `Unfit` (unknown-indicator,
    formula-cycle, unknown-area).
    """
    named = inputs.parse(formula).inputs
    seen = Indicator.objects.visible_to(by).filter(code__in=named)
    ids = dict(seen.values_list("code", "pk"))
    inputs.check_known(named, set(ids), "/formula")
    inputs.check_chains({code or _UNNAMED: formula})
    if changed := Indicator.objects.visible_to(by).filter(code=code).first():
        inputs.check_checks(changed, {changed.pk: set(ids.values())})
    place = areas.by_code_or_home(area or None)
    terms = IndicatorTerms(_PREVIEWED, Kind.LEVEL, Frequency.MONTH, None, formula)
    book = gather({(pk, place.pk) for pk in ids.values()}, today, today, extra=[terms])[place.pk]
    return Values(place, _latest(book.computed(_PREVIEWED), decimals))


def recent(*, indicator: Indicator, today: date) -> Values | None:
    """The latest values of a computed indicator in the home area. None when there is no home area."""
    try:
        place = areas.by_code_or_home(None)
    except Invalid:
        return None
    book = gather({(indicator.pk, place.pk)}, today, today)[place.pk]
    return Values(place, _latest(book.computed(indicator.code), indicator.decimals))


def _latest(found: list[tuple[Period, Decimal]], decimals: int) -> list[tuple[Period, str]]:
    latest = sorted(found, key=lambda each: (each[0].end, each[0].start), reverse=True)[:SHOWN]
    return [(period, plain(half_up(value, decimals + 2))) for period, value in latest]


def lines(found: Values) -> list[str]:
    """Lines of text for display."""
    if not found.values:
        return [text(f"No value in {found.area.name} yet.", f"Chưa có giá trị tại {found.area.name}.")]
    return [found.area.name, *(f"{period}: {_written(value)}" for period, value in found.values)]


def _written(value: str) -> str:
    """1,234.5 or 1.234,5 by the active language: in Vietnamese, 11.423 means eleven thousand."""
    return str(number_format(value, force_grouping=True))
