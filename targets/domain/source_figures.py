"""The complete source figures of an assessment: computed from them alone, the assessment is the same."""

from collections.abc import Iterator
from datetime import date

from indicators.domain.choices import Accumulation
from indicators.domain.periods import Period, day_years_before
from indicators.domain.provenance import Provenance, SourceFigure, sort_source_figures
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual, compute_actual
from .best_seen import seen_figures
from .choices import Profile
from .earlier_years import sources_of_years
from .equations import AssessmentInputs
from .pace import required_pace
from .profiles import declared_profile
from .same_period import compare_with_year_before
from .seasonality import MAX_DAYS, MAX_YEARS, season_ends
from .terms import TargetTerms

_TILED_ACCUMULATIONS = (Accumulation.SUM, Accumulation.MEAN)


def collect_sources(inputs: AssessmentInputs) -> list[SourceFigure]:
    """Return every figure that the assessment used or could have used, by span. Call inside `exact_arithmetic()`."""
    if inputs.terms.qualitative:
        return []
    return sort_source_figures(set(_iter_sources(inputs)))


def input_values(inputs: AssessmentInputs) -> Provenance:
    """Return the values over spans that the actual was computed from. Call inside `exact_arithmetic()`."""
    provenance = Provenance(inputs.resolver)
    if inputs.actual is not None:
        provenance.value_of(inputs.indicator, inputs.actual.span)
    return provenance


def _iter_sources(inputs: AssessmentInputs) -> Iterator[SourceFigure]:
    terms, code, resolver, actual = inputs[:4]
    yield from _figures_after_gap(terms, code, resolver, actual)
    if actual is None:
        return
    yield from _sources_of_actual(actual, code, resolver)
    for milestone in terms.milestones:
        if milestone.date <= actual.through:
            milestone_actual = compute_actual(resolver, code, terms.period.until(milestone.date))
            if milestone_actual is not None:
                yield from _sources_of_actual(milestone_actual, code, resolver)
    yield from _season_sources(terms, code, resolver, actual.through)
    yield from _growth_sources(terms, code, resolver, actual)
    yield from sources_of_years(terms, code, resolver, actual)
    yield from _best_seen_sources(terms, code, resolver, actual)
    same_period = compare_with_year_before(code, resolver, actual)
    if same_period.value is not None:
        yield from _sources_over(resolver, (code, same_period.span))


def _sources_of_actual(actual: Actual, code: str, resolver: ValueResolver) -> Iterator[SourceFigure]:
    """Return the figures of a value, and those that determine the day it is covered through."""
    yield from _sources_over(resolver, (code, actual.span))
    for input_code in resolver.stored_inputs(code) if resolver.terms(code).formula else ():
        yield from _figure_ending_on(resolver, input_code, actual.through)


def _figures_after_gap(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual | None
) -> Iterator[SourceFigure]:
    """Return the figures inside the period that do not count because they come after a gap."""
    if resolver.terms(code).accumulation not in _TILED_ACCUMULATIONS:
        return
    for figure in resolver.series(code).inside(terms.period):
        if actual is None or figure.end > actual.through:
            yield SourceFigure(code, figure)


def _season_sources(terms: TargetTerms, code: str, resolver: ValueResolver, through: date) -> Iterator[SourceFigure]:
    """Return the figures of earlier years, also of years without a share because their whole is not above 0."""
    if declared_profile(terms, resolver.terms(code)) != Profile.SEASONAL or terms.period.days > MAX_DAYS:
        return
    series = resolver.series(code)
    for years in range(1, MAX_YEARS + 1):
        earlier = terms.period.years_before(years)
        if not series.has_value(earlier) or series.find_break(earlier.start, through):
            continue
        if not resolver.is_of_this_territory(code, earlier):
            continue
        ends = {*season_ends(series, earlier, day_years_before(through, years)), earlier.end}
        for end in ends:
            yield from (SourceFigure(code, figure) for figure in series.figures(earlier.until(end)))


def _growth_sources(terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual) -> Iterator[SourceFigure]:
    formula = resolver.formula(code)
    base = None if formula is None else formula.growth_input()
    if base is None or resolver.terms(base).accumulation != Accumulation.SUM:
        return
    year = terms.period.years_before(1)
    spans = year, year.until(day_years_before(actual.through, 1)), actual.span
    yield from _sources_over(resolver, *((base, span) for span in spans if resolver.value(base, span) is not None))


def _best_seen_sources(
    terms: TargetTerms, code: str, resolver: ValueResolver, actual: Actual
) -> Iterator[SourceFigure]:
    """Return the figures of the best paces ever seen."""
    if actual.through == terms.period.end and not actual.partial:
        return
    required = required_pace(terms, code, resolver, actual)
    for best in filter(None, (required.seen_lower, required.seen_upper)):
        if resolver.terms(code).accumulation in (Accumulation.SUM, Accumulation.LAST):
            yield from (SourceFigure(code, figure) for figure in seen_figures(resolver.series(code), best))
        else:
            yield from _sources_over(resolver, (code, best.span))


def _sources_over(resolver: ValueResolver, *spans: tuple[str, Period]) -> list[SourceFigure]:
    provenance = Provenance(resolver)
    for code, span in spans:
        provenance.value_of(code, span)
    return provenance.source_figures()


def _figure_ending_on(resolver: ValueResolver, code: str, day: date) -> Iterator[SourceFigure]:
    figure = resolver.series(code).ending_on(day)
    if figure is not None:
        yield SourceFigure(code, figure)
