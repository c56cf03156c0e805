"""Load the figures of several series in a fixed number of queries, and the sums of regional indicators over areas."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from indicators.domain.calendars import WEEKENDS_ONLY
from indicators.domain.choices import Accumulation, DueUnit, Frequency, IndicatorKind, Stage
from indicators.domain.figures import Figure, is_forecast_figure, measured_figures
from indicators.domain.periods import Period
from indicators.domain.regions import AreaNode, AreaTree, Completeness, RegionalSums
from indicators.domain.terms import IndicatorTerms
from indicators.domain.territory import Predecessor, Territory
from indicators.domain.territory import find_predecessors as find_area_predecessors
from indicators.domain.value_resolver import ValueResolver
from indicators.models import Area, Holiday, Indicator, Measurement, Revision
from indicators.querysets import SeriesKey
from kpitracker.lib.db.plain_sql import fetch_rows


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
        breaks=tuple(date.fromisoformat(row["day"]) for row in indicator.breaks),
    )


class SeriesCatalogue(NamedTuple):
    """What the resolvers of these series have in common on every day: their indicators, inputs and mergers of areas."""

    indicators: dict[int, Indicator]
    stored_pairs: set[SeriesKey]
    regional_indicators: list[Indicator]
    mergers: "Mergers"


def load_catalogue(pairs: Collection[SeriesKey], *, with_predecessors: bool = False) -> SeriesCatalogue:
    return SeriesCatalogue(*_stored_series(pairs), Mergers(() if with_predecessors else {area for _, area in pairs}))


def load_resolvers(
    pairs: set[SeriesKey],
    as_of: date,
    today: date | None,
    recorded_by: datetime | None = None,
    *,
    catalogue: SeriesCatalogue | None = None,
    extra_terms: Sequence[IndicatorTerms] = (),
    overrides: Mapping[SeriesKey, Mapping[Period, Figure]] | None = None,
    with_predecessors: bool = False,
) -> dict[int, ValueResolver]:
    """By area id, a resolver over the figures in force on `as_of`: of these series and of all that their formulas read.

    When `today` equals `as_of`, the current figures are read, which is faster. `extra_terms`: terms of indicators that
    are not stored, over the same inputs. `overrides`: hypothetical figures that replace those of the same period.
    `with_predecessors`: for spans before other areas merged into an area, use sums that include those areas.
    `catalogue`: that of these series or of more, where several days are read.
    """
    catalogue = catalogue or load_catalogue(pairs, with_predecessors=with_predecessors)
    indicators, stored_pairs, regional_indicators, mergers = catalogue
    terms = [*map(terms_of, indicators.values()), *extra_terms]
    areas = {area for _, area in pairs}
    load_in_force = (
        Measurement.objects.current_figures
        if as_of == today and recorded_by is None
        else partial(Revision.objects.figures_as_of, as_of=as_of, recorded_by=recorded_by)
    )
    series = load_in_force(stored_pairs | mergers.predecessor_series(stored_pairs))
    if regional_indicators:
        aggregator = RegionalAggregator(
            regional_indicators, mergers.with_predecessors(areas), with_predecessors=with_predecessors
        )
        series |= load_in_force(aggregator.extra_series)
    _override(series, overrides or {})
    uses_working_days = any(term.due_unit == DueUnit.WORKING_DAYS for term in terms)
    calendar = Holiday.objects.calendar() if uses_working_days else WEEKENDS_ONLY
    figures_by_area: dict[int, dict[str, Sequence[Figure]]] = defaultdict(dict)
    for (indicator, area), figures in series.items():
        if indicator in indicators:
            figures_by_area[area][indicators[indicator].code] = figures
    completeness = aggregator.add_sums(figures_by_area) if regional_indicators else {}
    resolvers = {
        area: ValueResolver(
            terms, figures_by_area[area], calendar, completeness.get(area), mergers.territory(area, figures_by_area)
        )
        for area in areas
    }
    _add_forecast_sources(resolvers, indicators.values(), series)
    return resolvers


def _override(series: dict[SeriesKey, list[Figure]], overrides: Mapping[SeriesKey, Mapping[Period, Figure]]) -> None:
    """Replace figures of the same period by hypothetical ones."""
    for pair, replacements in overrides.items():
        # Overrides also apply to areas that are summed into these. Those of series that are not read have no effect.
        remaining = [figure for figure in series.get(pair, ()) if figure.period not in replacements]
        series[pair] = [*remaining, *replacements.values()]


def _add_forecast_sources(
    resolvers: Mapping[int, ValueResolver],
    indicators: Iterable[Indicator],
    series: Mapping[SeriesKey, Sequence[Figure]],
) -> None:
    """Give the resolvers the source of each forecast: it is shown beside the assessment. One query, if there is any."""
    kinds = {indicator.pk: IndicatorKind(indicator.kind) for indicator in indicators}
    forecast_ids = {
        UUID(figure.id)
        for (indicator, _), figures in series.items()
        for figure in figures
        # A hypothetical figure has no id.
        if (figure.stage == Stage.FORECAST or (figure.published or figure.start) < figure.end)
        and figure.id
        and is_forecast_figure(figure, kinds[indicator])
    }
    if forecast_ids:
        rows = Revision.objects.filter(measurement__in=forecast_ids).values_list("measurement", "number", "source")
        sources = {(str(pk), number): source for pk, number, source in rows}
        for resolver in resolvers.values():
            resolver.forecast_sources = sources


def source_series(pairs: Collection[SeriesKey]) -> set[SeriesKey]:
    """The series whose posted figures `load_resolvers` reads: inputs of formulas, and what sums over areas add up."""
    _, stored_pairs, regional_indicators = _stored_series(pairs)
    areas = {area for _, area in pairs}
    mergers = Mergers(areas)
    stored_pairs |= mergers.predecessor_series(stored_pairs)
    if not regional_indicators:
        return stored_pairs
    return stored_pairs | RegionalAggregator(regional_indicators, mergers.with_predecessors(areas)).extra_series


def _stored_series(pairs: Collection[SeriesKey]) -> tuple[dict[int, Indicator], set[SeriesKey], list[Indicator]]:
    """These indicators and all that their formulas read, by id; the series of those without formula; regional ones."""
    inputs_by_id = Indicator.objects.inputs_of({indicator for indicator, _ in pairs})
    indicators = {i.pk: i for i in Indicator.objects.filter(pk__in=set().union(*inputs_by_id.values()))}
    stored_pairs = {
        (pk, area) for indicator_id, area in pairs for pk in inputs_by_id[indicator_id] if not indicators[pk].formula
    }
    return indicators, stored_pairs, [indicator for indicator in indicators.values() if indicator.regional]


def load_area_tree() -> AreaTree:
    rows = Area.objects.order_by().values_list("pk", "code", "parent_id", "valid_from", "valid_to", "successor_id")
    return AreaTree(AreaNode(*row) for row in rows)


class Mergers:
    """The mergers of areas (ids) that others have merged into. One query when there is none, two otherwise."""

    def __init__(self, areas: Collection[int], areas_with_predecessors: Iterable[int] | None = None) -> None:
        """`areas_with_predecessors`: the ids of all areas that others have merged into, when the caller has read them."""
        self._tree: AreaTree | None = None
        self._predecessors: dict[int, list[Predecessor]] = {}
        all_merged = (
            _areas_with_predecessors() if areas and areas_with_predecessors is None else areas_with_predecessors
        )
        merged = set(all_merged or ()).intersection(areas)
        if merged:
            self._tree = load_area_tree()
            predecessors = {area: find_area_predecessors(self._tree, area) for area in merged}
            self._predecessors = {area: members for area, members in predecessors.items() if members}

    def predecessors(self, area: int) -> Sequence[Predecessor]:
        return self._predecessors.get(area, ())

    def existed_from(self, area: int) -> date | None:
        """The first day of an area that others have merged into; None for every other area."""
        return self._tree.node(area).valid_from if self._tree and area in self._predecessors else None

    def are_inside(self, area: int, period: Period) -> bool:
        """Whether others merged into an area that kept its code on a day inside a span, but its first."""
        existed_from = self.existed_from(area)
        days = (predecessor.joined_on for predecessor in self._predecessors.get(area, ()))
        return any(period.start < day <= period.end and (existed_from is None or existed_from < day) for day in days)

    def with_predecessors(self, areas: Collection[int]) -> set[int]:
        return {*areas, *(predecessor.id for area in areas for predecessor in self._predecessors.get(area, ()))}

    def predecessor_series(self, pairs: Collection[SeriesKey]) -> set[SeriesKey]:
        """The series of the areas that merged into those of these series."""
        return {
            (indicator, predecessor.id) for indicator, area in pairs for predecessor in self._predecessors.get(area, ())
        }

    def territory(self, area: int, figures_by_area: Mapping[int, Mapping[str, Sequence[Figure]]]) -> Territory | None:
        predecessors = self._predecessors.get(area)
        if not predecessors or self._tree is None:
            return None
        node = self._tree.node(area)
        figures = {predecessor.id: figures_by_area.get(predecessor.id, {}) for predecessor in predecessors}
        return Territory(node.code, node.valid_from, predecessors, figures)


def _areas_with_predecessors() -> list[int]:
    return [successor for _, successor in _mergers()]


def _mergers() -> list[tuple[Any, ...]]:
    """The ids of each area that ended and has a successor, and of this one."""
    return fetch_rows(
        "SELECT id, successor_id FROM indicators_area WHERE successor_id IS NOT NULL AND valid_to IS NOT NULL"
    )


class RegionalAggregator:
    """The sums of regional indicators over areas. `areas` are ids.

    `extra_series`: the series that must be read besides those of the areas themselves. `with_predecessors`: for spans
    before other areas merged into an area, add the figures of those areas.
    """

    def __init__(
        self, indicators: Sequence[Indicator], areas: Collection[int], *, with_predecessors: bool = False
    ) -> None:
        self._indicators, self._areas, self._with_predecessors = indicators, areas, with_predecessors
        self._tree = load_area_tree()
        base_areas = set(areas)
        if with_predecessors:
            base_areas |= {node.id for area in areas for node in self._tree.predecessors(area)}
        extra_areas = (base_areas | set(self._tree.descendants(base_areas))) - set(areas)
        self.extra_series: set[SeriesKey] = {(indicator.pk, area) for indicator in indicators for area in extra_areas}

    def add_sums(
        self, figures_by_area: Mapping[int, dict[str, Sequence[Figure]]]
    ) -> dict[int, dict[str, Mapping[Period, Completeness]]]:
        """Put the sums into `figures_by_area` (area id, code). Returns their completeness by area id and code."""
        completeness: dict[int, dict[str, Mapping[Period, Completeness]]] = defaultdict(dict)
        for indicator in self._indicators:
            kind = IndicatorKind(indicator.kind)
            posted_figures = {
                area: measured_figures(figures[indicator.code], kind)
                for area, figures in figures_by_area.items()
                if indicator.code in figures
            }
            sums = RegionalSums(self._tree, Accumulation(indicator.accumulation), posted_figures)
            for area in self._areas:
                regional_figures = sums.merged_history(area) if self._with_predecessors else sums.figures(area)
                posted = figures_by_area[area].get(indicator.code, ())
                forecasts = [figure for figure in posted if is_forecast_figure(figure, kind)]
                figures_by_area[area][indicator.code] = [*regional_figures.values(), *forecasts]
                completeness[area][indicator.code] = sums.completeness(area)
        return completeness


def find_predecessors(area: Area) -> list[Area]:
    """The areas that have merged into this one, directly or through other areas, ordered by code."""
    areas_by_id = Area.objects.in_bulk([predecessor.id for predecessor in load_area_tree().predecessors(area.pk)])
    return sorted(areas_by_id.values(), key=lambda predecessor: predecessor.code)


def with_ancestor_areas(pairs: Collection[SeriesKey]) -> set[SeriesKey]:
    """These series and those that follow from them: of the areas into which theirs merged and, for regional indicators,
    of all ancestor areas, which are summed from them."""
    successors = successors_by_area({area for _, area in pairs})
    pairs = {*pairs, *((pk, successor) for pk, area in pairs for successor in successors.get(area, ()))}
    summed_indicators = {indicator for indicator, _ in pairs}.intersection(_regional_ids())
    ancestors = ancestors_by_area({area for indicator, area in pairs if indicator in summed_indicators})
    return {*pairs, *((pk, ancestor) for pk, area in pairs if pk in summed_indicators for ancestor in ancestors[area])}


def contributing_series(
    pairs: Collection[SeriesKey], posted_series: Collection[SeriesKey]
) -> dict[SeriesKey, list[SeriesKey]]:
    """For each series of a regional indicator, the series that are summed into it, out of `posted_series`."""
    area_tree, contributing = load_area_tree(), dict[SeriesKey, list[SeriesKey]]()
    for indicator in {indicator for indicator, _ in pairs}:
        areas = {area for indicator_id, area in pairs if indicator_id == indicator}
        posted_areas = {area for indicator_id, area in posted_series if indicator_id == indicator}
        for area, source_areas in area_tree.source_areas(areas, posted_areas).items():
            contributing[indicator, area] = [(indicator, source_area) for source_area in source_areas]
    return contributing


def successors_by_area(areas: Collection[int]) -> dict[int, list[int]]:
    """By id of an area that ended, the ids of the areas into which it merged, directly or through others."""
    if not {area for area, _ in _mergers()}.intersection(areas):
        return {}
    area_tree = load_area_tree()
    return {area: area_tree.successors(area) for area in areas}


def ancestors_by_area(areas: Iterable[int]) -> dict[int, list[int]]:
    """By area id, the ids of its ancestors."""
    if not (areas := set(areas)):
        return {}
    area_tree = load_area_tree()
    return {area: area_tree.ancestors(area) for area in areas}


def _regional_ids() -> list[int]:
    return [pk for (pk,) in fetch_rows("SELECT id FROM indicators_indicator WHERE regional <> ''")]
