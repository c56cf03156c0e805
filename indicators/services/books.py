"""Gathering the figures of several series, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from indicators.domain.book import Book
from indicators.domain.calendars import WEEKENDS_ONLY
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation, DueUnit, Frequency, Kind
from indicators.models import Holiday, Indicator, Measurement, Revision
from indicators.querysets import Pair


def terms_of(indicator: Indicator) -> IndicatorTerms:
    return IndicatorTerms(
        code=indicator.code,
        kind=Kind(indicator.kind),
        frequency=Frequency(indicator.frequency),
        accumulation=Accumulation(indicator.accumulation) if indicator.accumulation else None,
        formula=indicator.formula,
        decimals=indicator.decimals,
        due_days=indicator.due_days,
        due_unit=DueUnit(indicator.due_unit),
    )


def gather(
    pairs: set[Pair],
    as_of: date,
    today: date | None,
    recorded_by: datetime | None = None,
    *,
    extra: Sequence[IndicatorTerms] = (),
    instead: Mapping[Pair, Mapping[Period, Figure]] | None = None,
) -> dict[int, Book]:
    """By area id, the figures in force on a day of these (indicator id, area id) and of all that their formulas read.

    `today`, when it is the day asked for, allows the shorter way over the current figures. `extra`: terms that are not stored, over the same inputs.
    `instead`: figures that are supposed, in the place of those of the same span.
    """
    inputs = Indicator.objects.inputs_of({indicator for indicator, _ in pairs})
    indicators = {i.pk: i for i in Indicator.objects.filter(pk__in=set().union(*inputs.values()))}
    terms = [*map(terms_of, indicators.values()), *extra]
    areas = {area for _, area in pairs}
    stored = {(pk, area) for each, area in pairs for pk in inputs[each] if not indicators[pk].formula}
    if as_of == today and recorded_by is None:
        series = Measurement.objects.current_figures(stored)
    else:
        series = Revision.objects.figures_as_of(stored, as_of, recorded_by)
    counted = any(each.due_unit == DueUnit.WORKING_DAYS for each in terms)
    calendar = Holiday.objects.calendar() if counted else WEEKENDS_ONLY
    shelves: dict[int, dict[str, list[Figure]]] = defaultdict(dict)
    for (indicator, area), figures in series.items():
        shelves[area][indicators[indicator].code] = figures
    for (indicator, area), supposed in (instead or {}).items():
        if indicator in indicators and area in areas:
            shelf = shelves[area].get(indicators[indicator].code, [])
            kept = [each for each in shelf if each.period not in supposed]
            shelves[area][indicators[indicator].code] = [*kept, *supposed.values()]
    return {area: Book(terms, shelves[area], calendar) for area in areas}
