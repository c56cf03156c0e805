"""Load the figures of several series in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from indicators.domain.book import Book
from indicators.domain.calendars import WEEKENDS_ONLY
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.vocabulary import Accumulation, DueUnit, Frequency, Kind
from indicators.models import Holiday, Indicator, Measurement, Revision
from indicators.querysets import Pair
from indicators.services import regions


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
    territory: bool = False,
) -> dict[int, Book]:
    """By area id, a resolver over the figures in force on `as_of`: of these series and of all that their formulas read.

    When `today` equals `as_of`, the current figures are read, which is faster. `extra_terms`: terms of indicators that
    are not stored, over the same inputs. `overrides`: hypothetical figures that replace those of the same period.
    `with_predecessors`: for spans before other areas merged into an area, use sums that include those areas.
    """
    indicators, stored = _stored(pairs)
    terms = [*map(terms_of, indicators.values()), *extra]
    areas = {area for _, area in pairs}

    def in_force(wanted: set[Pair]) -> dict[Pair, list[Figure]]:
        if as_of == today and recorded_by is None:
            return Measurement.objects.current_figures(wanted)
        return Revision.objects.figures_as_of(wanted, as_of, recorded_by)

    series = in_force(stored)
    regional = _regional(indicators)
    if regional:
        sums = regions.Regional(regional, areas, territory=territory)
        series |= in_force(sums.further)
    for pair, supposed in (instead or {}).items():
        # Overrides also apply to areas that are summed into these. Those of series that are not read have no effect.
        kept = [each for each in series.get(pair, ()) if each.period not in supposed]
        series[pair] = [*kept, *supposed.values()]
    counted = any(each.due_unit == DueUnit.WORKING_DAYS for each in terms)
    calendar = Holiday.objects.calendar() if counted else WEEKENDS_ONLY
    shelves: dict[int, dict[str, Sequence[Figure]]] = defaultdict(dict)
    for (indicator, area), figures in series.items():
        if indicator in indicators:
            shelves[area][indicators[indicator].code] = figures
    coverage = sums.fill(shelves) if regional else {}
    return {area: Book(terms, shelves[area], calendar, coverage.get(area)) for area in areas}


def read_by(pairs: Collection[Pair]) -> set[Pair]:
    """The series whose posted figures `load_resolvers` reads: inputs of formulas and parts of sums over areas."""
    indicators, stored = _stored(pairs)
    regional = _regional(indicators)
    return stored | regions.Regional(regional, {area for _, area in pairs}).further if regional else stored


def _stored(pairs: Collection[Pair]) -> tuple[dict[int, Indicator], set[Pair]]:
    """These indicators and all that their formulas read, by id; and the series of those that have no formula."""
    inputs = Indicator.objects.inputs_of({indicator for indicator, _ in pairs})
    indicators = {i.pk: i for i in Indicator.objects.filter(pk__in=set().union(*inputs.values()))}
    return indicators, {(pk, area) for each, area in pairs for pk in inputs[each] if not indicators[pk].formula}


def _regional(indicators: Mapping[int, Indicator]) -> list[Indicator]:
    return [each for each in indicators.values() if each.regional]
