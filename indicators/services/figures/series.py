"""Load the figures of several series in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from indicators.domain.calendars import WEEKENDS_ONLY
from indicators.domain.choices import Accumulation, DueUnit, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.terms import IndicatorTerms
from indicators.domain.value_resolver import ValueResolver
from indicators.models import Holiday, Indicator, Measurement, Revision
from indicators.querysets import SeriesKey
from indicators.services.figures import regional_sums


def terms_of(indicator: Indicator) -> IndicatorTerms:
    return IndicatorTerms(
        code=indicator.code,
        kind=IndicatorKind(indicator.kind),
        frequency=Frequency(indicator.frequency),
        accumulation=Accumulation(indicator.accumulation) if indicator.accumulation else None,
        formula=indicator.formula,
        decimals=indicator.decimals,
        due_days=indicator.due_days,
        due_unit=DueUnit(indicator.due_unit),
    )


def load_resolvers(
    pairs: set[SeriesKey],
    as_of: date,
    today: date | None,
    recorded_by: datetime | None = None,
    *,
    extra_terms: Sequence[IndicatorTerms] = (),
    overrides: Mapping[SeriesKey, Mapping[Period, Figure]] | None = None,
    with_predecessors: bool = False,
) -> dict[int, ValueResolver]:
    """By area id, a resolver over the figures in force on `as_of`: of these series and of all that their formulas read.

    When `today` equals `as_of`, the current figures are read, which is faster. `extra_terms`: terms of indicators that
    are not stored, over the same inputs. `overrides`: hypothetical figures that replace those of the same period.
    `with_predecessors`: for spans before other areas merged into an area, use sums that include those areas.
    """
    indicators, stored_pairs = _stored_series(pairs)
    terms = [*map(terms_of, indicators.values()), *extra_terms]
    areas = {area for _, area in pairs}

    def load_in_force(series_keys: set[SeriesKey]) -> dict[SeriesKey, list[Figure]]:
        if as_of == today and recorded_by is None:
            return Measurement.objects.current_figures(series_keys)
        return Revision.objects.figures_as_of(series_keys, as_of, recorded_by)

    series = load_in_force(stored_pairs)
    regional_indicators = _select_regional(indicators)
    if regional_indicators:
        aggregator = regional_sums.RegionalAggregator(regional_indicators, areas, with_predecessors=with_predecessors)
        series |= load_in_force(aggregator.extra_series)
    for pair, replacements in (overrides or {}).items():
        # Overrides also apply to areas that are summed into these. Those of series that are not read have no effect.
        remaining = [figure for figure in series.get(pair, ()) if figure.period not in replacements]
        series[pair] = [*remaining, *replacements.values()]
    uses_working_days = any(term.due_unit == DueUnit.WORKING_DAYS for term in terms)
    calendar = Holiday.objects.calendar() if uses_working_days else WEEKENDS_ONLY
    figures_by_area: dict[int, dict[str, Sequence[Figure]]] = defaultdict(dict)
    for (indicator, area), figures in series.items():
        if indicator in indicators:
            figures_by_area[area][indicators[indicator].code] = figures
    coverage = aggregator.add_sums(figures_by_area) if regional_indicators else {}
    return {area: ValueResolver(terms, figures_by_area[area], calendar, coverage.get(area)) for area in areas}


def source_series(pairs: Collection[SeriesKey]) -> set[SeriesKey]:
    """The series whose posted figures `load_resolvers` reads: inputs of formulas and parts of sums over areas."""
    indicators, stored_pairs = _stored_series(pairs)
    regional_indicators = _select_regional(indicators)
    return (
        stored_pairs | regional_sums.RegionalAggregator(regional_indicators, {area for _, area in pairs}).extra_series
        if regional_indicators
        else stored_pairs
    )


def _stored_series(pairs: Collection[SeriesKey]) -> tuple[dict[int, Indicator], set[SeriesKey]]:
    """These indicators and all that their formulas read, by id; and the series of those that have no formula."""
    inputs_by_id = Indicator.objects.inputs_of({indicator for indicator, _ in pairs})
    indicators = {i.pk: i for i in Indicator.objects.filter(pk__in=set().union(*inputs_by_id.values()))}
    return indicators, {
        (pk, area) for indicator_id, area in pairs for pk in inputs_by_id[indicator_id] if not indicators[pk].formula
    }


def _select_regional(indicators: Mapping[int, Indicator]) -> list[Indicator]:
    return [indicator for indicator in indicators.values() if indicator.regional]
