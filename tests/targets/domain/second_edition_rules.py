"""The rules of domain.md that are marked [2], and whether one of them decides something in a drawn assessment."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

from indicators.domain.choices import Accumulation, Stage
from indicators.domain.figures import Figure, figures_in_force, is_forecast_figure
from indicators.domain.missing_values import MissingSlug
from indicators.domain.periods import whole_reporting_periods
from indicators.domain.rounding import exact_arithmetic
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import OutlookMethod, PaceUnit, Profile, RangeBasis, StatusRule
from targets.domain.seasonality import seasonal_shares
from targets.domain.source_figures import collect_sources

from .drawn_areas import CITY, EAST, OLD
from .recomputable import Drawn

Rule = Callable[[Drawn], bool]
SUM, MEAN, LAST, NONE = Accumulation.SUM, Accumulation.MEAN, Accumulation.LAST, Accumulation.NONE


def way(drawn: Drawn) -> Accumulation | None:
    return drawn.indicators[-1].accumulation


def resolver(drawn: Drawn) -> ValueResolver:
    return drawn.assessment.inputs.resolver


def figures_of_actual(drawn: Drawn, *ways: Accumulation) -> list[Figure]:
    """The figures that the value is made of, of an indicator that is put together in one of these ways."""
    actual = drawn.assessment.inputs.actual
    if actual is None or way(drawn) not in ways:
        return []
    with exact_arithmetic():
        return resolver(drawn).series(drawn.indicators[-1].code).figures(actual.span)


def in_period(drawn: Drawn) -> Iterator[Figure]:
    """All figures in force of the judged indicator that end in the period, forecasts and those without a value too."""
    posted = [
        each.figure for each in drawn.revisions if (each.area, each.indicator) == (CITY, drawn.indicators[-1].code)
    ]
    period = drawn.terms.period
    return (each for each in figures_in_force(posted, drawn.as_of) if period.start <= each.end <= period.end)


def is_foreseen(drawn: Drawn, *, by_stage: bool) -> bool:
    kind = drawn.indicators[-1].kind
    return any(
        is_forecast_figure(each, kind) and (each.stage == Stage.FORECAST) is by_stage for each in in_period(drawn)
    )


def is_known_early(drawn: Drawn) -> bool:
    return any(
        each.stage == Stage.OFFICIAL and each.published and (each.end - each.published).days > 31
        for each in in_period(drawn)
    )


def is_difference(drawn: Drawn) -> bool:
    actual, figures = drawn.assessment.inputs.actual, figures_of_actual(drawn, SUM)
    return len(figures) > 1 and actual is not None and sum(each.days for each in figures) > actual.span.days


def is_difference_below_0(drawn: Drawn) -> bool:
    figures, value = figures_of_actual(drawn, SUM), drawn.assessment.actual
    return is_difference(drawn) and value is not None and value < 0 and all(each.numeric_value >= 0 for each in figures)


def is_weighted(drawn: Drawn, *, by_days: bool) -> bool:
    figures, frequency = figures_of_actual(drawn, MEAN), drawn.indicators[-1].frequency
    counts = [whole_reporting_periods(each.period, frequency) for each in figures]
    return len(figures) > 1 and (not all(counts) if by_days else all(counts) and len({*counts}) > 1)


def is_growth_without_base(drawn: Drawn) -> bool:
    """A year before, the value was not above 0."""
    if "yoy(x)" not in drawn.indicators[-1].formula:
        return False
    bases = (
        resolver(drawn).value("x", drawn.terms.period.until(day).years_before(1))
        for day in resolver(drawn).ends_inside("x", drawn.terms.period)
    )
    return any(base is not None and base <= 0 for base in bases)


def breaks_change(what: Callable[[AssessmentResult], object], drawn: Drawn, *ways: Accumulation | None) -> bool:
    """Whether without breaks something would be another; where the value is what is looked at, or the same."""
    if way(drawn) not in ways or not any(each.breaks for each in drawn.indicators):
        return False
    unbroken, broken = drawn.without_breaks(), drawn.assessment
    return what(unbroken) != what(broken) and (what is value_of or value_of(unbroken) == value_of(broken))


def value_of(assessment: AssessmentResult) -> object:
    return assessment.actual, assessment.covered_through


def season_of(assessment: AssessmentResult) -> object:
    return assessment.fallback, assessment.profile, assessment.inputs.expected and assessment.inputs.expected.shares


def years_of(assessment: AssessmentResult) -> object:
    return len(assessment.outlook.years)


def pace_of(assessment: AssessmentResult) -> object:
    return assessment.required_lower, assessment.required_upper


def stands_across_a_break(drawn: Drawn) -> bool:
    figures = figures_of_actual(drawn, SUM, MEAN)
    return len(figures) == 1 and any(figures[0].start < day <= figures[0].end for day in drawn.indicators[-1].breaks)


def sums(drawn: Drawn) -> list[Figure]:
    """The sums over areas that the assessment uses, in its value, its season or its earlier years."""
    with exact_arithmetic():
        return [source.figure for source in collect_sources(drawn.assessment.inputs) if source.figure.parts]


def joins(drawn: Drawn, *, as_new_area: bool) -> bool:
    return bool(sums(drawn)) and (drawn.places.nodes[0].valid_from is not None) is as_new_area


def has_part(drawn: Drawn, area: str) -> bool:
    return any(part.area == area for figure in sums(drawn) for part in figure.parts)


def is_restated(drawn: Drawn) -> bool:
    first = drawn.places.nodes[0].valid_from
    return first is not None and any(
        source.figure.end < first and not source.figure.parts and source.figure.id.startswith(CITY)
        for source in collect_sources(drawn.assessment.inputs)
    )


def is_refused_for_territory(drawn: Drawn) -> bool:
    """By a missing predecessor, or because what is not added up has no growth over a merger: the value, or a year before."""
    same_period = drawn.assessment.same_period
    reasons = (drawn.assessment.reason, same_period and same_period.reason)
    return any(reason and reason.slug == MissingSlug.TERRITORY_CHANGED for reason in reasons)


def is_judged_as_before(drawn: Drawn) -> bool:
    """No value on today's ground: the value of the old area, before the merger."""
    merger, through = drawn.places.merger, drawn.assessment.covered_through
    period = drawn.terms.period
    return merger is not None and through is not None and period.start < merger <= period.end and through < merger


def unguarded_shares(drawn: Drawn) -> list[Decimal]:
    actual = drawn.assessment.inputs.actual
    if actual is None or drawn.assessment.final:
        return []
    with exact_arithmetic():
        shares = seasonal_shares(resolver(drawn), drawn.indicators[-1].code, drawn.terms.period, actual.through)
        return [share.ratio - Decimal(actual.span.days) / drawn.terms.period.days for share in shares[:1]]


def is_guarded(drawn: Drawn) -> bool:
    by_default = drawn.terms.profile is None and not drawn.terms.milestones
    return by_default and drawn.assessment.fallback and bool(unguarded_shares(drawn))


def is_declared_against_the_guard(drawn: Drawn) -> bool:
    is_declared = drawn.terms.profile == drawn.assessment.profile == Profile.SEASONAL
    return is_declared and any(abs(distance) > Decimal("0.15") for distance in unguarded_shares(drawn))


def uses_profile(profile: Profile, drawn: Drawn) -> bool:
    return drawn.assessment.actual is not None and drawn.assessment.profile == profile


def leans(side: int, drawn: Drawn) -> bool:
    """A qualifier decides: the number itself lies on an edge."""
    actual, assessment = drawn.assessment.inputs.actual, drawn.assessment
    if actual is None or actual.qualifier_side != side:
        return False
    edges = (drawn.terms.lower, drawn.terms.upper, assessment.expected_lower, assessment.expected_upper)
    return actual.value in edges


def expects(method: OutlookMethod, drawn: Drawn) -> bool:
    return drawn.assessment.outlook.method == method


def tries(method: OutlookMethod, drawn: Drawn) -> bool:
    return method in drawn.assessment.outlook.by_method


def is_bounded(drawn: Drawn) -> bool:
    outlook = drawn.assessment.outlook
    ends = (outlook.value, outlook.low, outlook.high)
    return any(end is not None and end in outlook.bounds for end in ends)


def needs(drawn: Drawn, *ways: Accumulation | None) -> bool:
    return drawn.assessment.required_per is not None and way(drawn) in ways


def is_averaged_by_days(drawn: Drawn) -> bool:
    frequency = drawn.indicators[-1].frequency
    spans = [drawn.terms.period, *(figure.period for figure in figures_of_actual(drawn, MEAN))]
    return needs(drawn, MEAN) and not all(whole_reporting_periods(span, frequency) for span in spans)


def has_contributions(drawn: Drawn) -> bool:
    """A value of a target on the growth of x as a whole."""
    return drawn.indicators[-1].formula == "yoy(x)" and drawn.assessment.actual is not None


def compares(drawn: Drawn, *, by_difference: bool) -> bool:
    same_period = drawn.assessment.same_period
    return same_period is not None and same_period.change is not None and same_period.is_difference is by_difference


def is_not_comparable(drawn: Drawn) -> bool:
    same_period = drawn.assessment.same_period
    slugs = (MissingSlug.SERIES_BREAK, MissingSlug.TERRITORY_CHANGED)
    return same_period is not None and same_period.reason is not None and same_period.reason.slug in slugs


def lacks_points(drawn: Drawn) -> bool:
    """A growth that misses its required edge: each part would have had to bring more, or less."""
    result = drawn.assessment.inputs.variance_result
    return has_contributions(drawn) and result is not None and bool(result.shortfall)


def decided_by(rule: StatusRule, drawn: Drawn) -> bool:
    return drawn.assessment.rule == rule


RULES: dict[str, Rule] = {
    "a forecast by its stage counts nowhere": partial(is_foreseen, by_stage=True),
    "a forecast by its day counts nowhere": partial(is_foreseen, by_stage=False),
    "what is official is known early, not foreseen": is_known_early,
    "the issuer's forecast stands beside the assessment": lambda drawn: drawn.assessment.issuer is not None,
    "a figure taken back counts nowhere": lambda drawn: any(each.value is None for each in in_period(drawn)),
    "a flow as a difference of cumulative values": is_difference,
    "a difference below 0 settles nothing early": is_difference_below_0,
    "an average weighted by reporting periods": partial(is_weighted, by_days=False),
    "an average by days, where a figure is no whole period": partial(is_weighted, by_days=True),
    "no growth over a base that is not above 0": is_growth_without_base,
    "break: no sum is put together across it": lambda drawn: breaks_change(value_of, drawn, SUM),
    "break: no average is put together across it": lambda drawn: breaks_change(value_of, drawn, MEAN),
    "break: one figure across it stands": stands_across_a_break,
    "break: no growth across it": lambda drawn: breaks_change(value_of, drawn, None),
    "break: no season across it": lambda drawn: breaks_change(season_of, drawn, SUM),
    "break: no earlier year across it": lambda drawn: breaks_change(years_of, drawn, SUM, MEAN, NONE),
    "break: of a stock only the days count": lambda drawn: breaks_change(years_of, drawn, LAST),
    "merger: like with like under a kept code": partial(joins, as_new_area=False),
    "merger: like with like under a new code": partial(joins, as_new_area=True),
    "merger: predecessors that were there the day before": lambda drawn: has_part(drawn, EAST),
    "merger: predecessors of predecessors": lambda drawn: has_part(drawn, OLD),
    "merger: what a new area restated stands alone": is_restated,
    "merger: no value where a predecessor is missing": is_refused_for_territory,
    "merger: without a value of today's ground, that of the old area": is_judged_as_before,
    "default profile: the season of a flow": lambda drawn: drawn.terms.profile is None and uses_profile(Profile.SEASONAL, drawn),
    "default profile: even after a year of shock": is_guarded,
    "a declared season has no guard": is_declared_against_the_guard,
    "a season between two known days": lambda drawn: drawn.assessment.interpolated,
    **{f"profile: {profile.value}": partial(uses_profile, profile) for profile in Profile},
    "qualifier: more than an edge": partial(leans, 1),
    "qualifier: less than an edge, or nearly": partial(leans, -1),
    **{f"outlook: {method.value} is chosen": partial(expects, method) for method in OutlookMethod if method != OutlookMethod.MILESTONES},
    "outlook: milestones is tried": partial(tries, OutlookMethod.MILESTONES),
    "outlook: chosen by its error in earlier years": lambda drawn: drawn.assessment.outlook.past is not None,
    "outlook: a range of errors": lambda drawn: drawn.assessment.outlook.range_from == RangeBasis.ERRORS,
    "outlook: a range of methods": lambda drawn: drawn.assessment.outlook.range_from == RangeBasis.METHODS,
    "outlook: a bound of its kind": is_bounded,
    "beside it: the year before, in percent": partial(compares, by_difference=False),
    "beside it: the year before, as a difference": partial(compares, by_difference=True),
    "beside it: a year before that cannot be compared": is_not_comparable,
    "beside it: percent of the target": lambda drawn: drawn.assessment.percent_of_target is not None,
    "contributions: to a growth": has_contributions,
    "contributions: what parts would have had to bring more": lacks_points,
    "best seen: on the side of the edge": lambda drawn: drawn.assessment.best_seen is not None,
    "best seen: across a merger, by one territory": lambda drawn: drawn.assessment.best_seen is not None and bool(drawn.places.merger),
    "best seen: more is needed, or less allowed": lambda drawn: drawn.assessment.out_of_reach is True,
    "best seen: within reach": lambda drawn: drawn.assessment.out_of_reach is False,
    "best seen: too few periods are known": lambda drawn: bool(drawn.assessment.periods_seen) and drawn.assessment.out_of_reach is None,
    "pace: of a flow": lambda drawn: needs(drawn, SUM),
    "pace: of a stock with a baseline": lambda drawn: needs(drawn, LAST),
    "pace: of an average, by reporting periods": lambda drawn: needs(drawn, MEAN) and not is_averaged_by_days(drawn),
    "pace: of an average, by days": is_averaged_by_days,
    "pace: of posted growth, with equal weights": lambda drawn: needs(drawn, NONE),
    "pace: of growth from levels": lambda drawn: needs(drawn, None) and drawn.assessment.required_per == PaceUnit.REST,
    **{f"status: {rule.value}": partial(decided_by, rule) for rule in StatusRule if rule not in (StatusRule.JUDGED, StatusRule.OF_PARTS)},
}  # fmt: skip
