"""The assessment of a target on a day: status, numbers and reason (domain.md section 6)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from indicators.domain.choices import Accumulation, Stage
from indicators.domain.missing_values import MissingValue
from indicators.domain.periods import Period
from indicators.domain.provenance import Provenance, SourceFigure, sort_source_figures
from indicators.domain.rounding import exact_arithmetic
from indicators.domain.value_resolver import ValueResolver

from .actual import Actual, compute_actual
from .best_seen import SeenPace
from .choices import PaceAssumption, PaceUnit, Profile, Status, StatusRule
from .equations import AssessmentInputs
from .freshness import assess_freshness
from .issuer_forecast import IssuerForecast, find_issuer_forecast
from .judgements import JudgementInForce
from .milestones import milestones_reached
from .missing_actuals import find_missing_reason
from .outlook import NO_OUTLOOK, Outlook, expect_value
from .pace import RequiredPace, required_pace
from .profiles import ExpectedEdges, declared_profile, expected_edges_at
from .same_period import SamePeriod, compare_with_year_before, percent_of_target
from .seasonality import SeasonalShare
from .status import StatusInputs, StatusVerdict, judge_status, verdict_without_value
from .terms import Milestone, TargetTerms
from .variance import VarianceResult, measure_variance


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentResult:
    """Numbers are in the unit of the indicator, those ending in _percent in percent.

    Numbers that are compared are rounded to 12 places, all others are exact. Without a value all numbers and
    `covered_through` are None, and `reason` says why. After `unchanged_through` another due day has passed.
    """

    status: Status
    rule: StatusRule
    final: bool = False
    provisional: bool = False
    actual: Decimal | None = None
    covered_through: date | None = None
    partial: bool = False
    gaps: tuple[Period, ...] = ()
    reason: MissingValue | None = None
    profile: Profile
    fallback: bool = False
    interpolated: bool = False
    expected_lower: Decimal | None = None
    expected_upper: Decimal | None = None
    variance: Decimal | None = None
    variance_percent: Decimal | None = None
    shortfall: Decimal | None = None
    position: Decimal | None = None
    tolerance: Decimal | None = None
    outlook: Outlook = NO_OUTLOOK
    issuer: IssuerForecast | None = None
    required_lower: Decimal | None = None
    required_upper: Decimal | None = None
    required_per: PaceUnit | None = None
    required_assumes: PaceAssumption | None = None
    best_seen: SeenPace | None = None
    periods_seen: int | None = None
    out_of_reach: bool | None = None
    same_period: SamePeriod | None = None
    percent_of_target: Decimal | None = None
    expected_through: date | None
    overdue: bool
    next_due: date | None
    unchanged_through: date | None = None
    milestones: tuple[tuple[Milestone, bool | None], ...] = ()
    figures: tuple[SourceFigure, ...] = ()
    judgement: JudgementInForce | None = None
    inputs: AssessmentInputs = field(compare=False, repr=False)

    @property
    def formula(self) -> str:
        """The arithmetic with the numbers inserted; computed at each access."""
        return self.inputs.as_text()


def assess(
    *,
    terms: TargetTerms,
    indicator: str,
    resolver: ValueResolver,
    as_of: date,
    judgement: JudgementInForce | None = None,
) -> AssessmentResult:
    """Assess a target by the figures in force on a day, which the resolver holds; a qualitative one by its judgement.

    The terms must have passed `checks.find_problems`. The resolver must hold the indicator and its inputs. The judgement
    is the one in force on that day.
    """
    with exact_arithmetic():
        if terms.qualitative and judgement is not None:
            return _assess_by_judgement(terms, indicator, resolver, as_of, judgement)
        actual = None if terms.qualitative else compute_actual(resolver, indicator, terms.period)
        if actual is None:
            return _assess_without_value(terms, indicator, resolver, as_of)
        return _assess_with_value(terms, indicator, resolver.beside(actual.through), as_of, actual)


def _assess_by_judgement(
    terms: TargetTerms, code: str, resolver: ValueResolver, as_of: date, judgement: JudgementInForce
) -> AssessmentResult:
    indicator = resolver.terms(code)
    reporting = assess_freshness(terms, indicator, judgement.day, as_of, resolver.calendar)
    return AssessmentResult(
        status=judgement.status,
        rule=StatusRule.JUDGED,
        profile=declared_profile(terms, indicator),
        expected_through=reporting.expected_through,
        overdue=reporting.overdue and not judgement.never_stale,
        next_due=reporting.next_due,
        unchanged_through=reporting.unchanged_through,
        judgement=judgement,
        inputs=AssessmentInputs(terms, code, resolver),
    )


def _assess_without_value(terms: TargetTerms, code: str, resolver: ValueResolver, as_of: date) -> AssessmentResult:
    indicator = resolver.terms(code)
    reporting = assess_freshness(terms, indicator, None, as_of, resolver.calendar)
    verdict = verdict_without_value(first_due_passed=reporting.first_due_passed)
    return AssessmentResult(
        status=verdict.status,
        rule=verdict.rule,
        profile=declared_profile(terms, indicator),
        gaps=_find_gaps(terms, code, resolver, None),
        issuer=find_issuer_forecast(terms, code, resolver),
        reason=None if terms.qualitative else find_missing_reason(resolver, code, terms.period),
        expected_through=reporting.expected_through,
        overdue=reporting.overdue,
        next_due=reporting.next_due,
        unchanged_through=reporting.unchanged_through,
        milestones=milestones_reached(terms, code, resolver, None),
        inputs=AssessmentInputs(terms, code, resolver),
    )


def _assess_with_value(
    terms: TargetTerms, code: str, resolver: ValueResolver, as_of: date, actual: Actual
) -> AssessmentResult:
    indicator = resolver.terms(code)
    expected = expected_edges_at(terms, code, resolver, actual.through)
    variance_result = measure_variance(terms, indicator.kind, actual, expected)
    final = actual.through == terms.period.end and not actual.partial
    reporting = assess_freshness(terms, indicator, actual.through, as_of, resolver.calendar)
    outlook = expect_value(terms, code, resolver, actual, expected, final=final)
    required = RequiredPace() if final else required_pace(terms, code, resolver, actual)
    figures = _collect_figures(code, resolver, actual, required, () if final else expected.shares)
    verdict = _judge(terms, code, resolver, actual, (expected, variance_result), final, reporting.last_due_passed)
    return AssessmentResult(
        status=verdict.status,
        rule=verdict.rule,
        final=final,
        provisional=any(source.figure.stage != Stage.OFFICIAL for source in figures),
        actual=actual.value,
        covered_through=actual.through,
        partial=actual.partial,
        gaps=_find_gaps(terms, code, resolver, actual.through),
        profile=expected.profile,
        fallback=expected.fallback,
        interpolated=expected.interpolated,
        expected_lower=expected.lower,
        expected_upper=expected.upper,
        variance=variance_result.variance,
        variance_percent=variance_result.percent,
        shortfall=variance_result.shortfall,
        position=variance_result.position,
        tolerance=variance_result.tolerance,
        outlook=outlook,
        issuer=None if final else find_issuer_forecast(terms, code, resolver),
        required_lower=required.lower,
        required_upper=required.upper,
        required_per=required.per,
        required_assumes=required.assumes,
        best_seen=required.best_seen,
        periods_seen=required.periods_seen,
        out_of_reach=required.out_of_reach,
        same_period=compare_with_year_before(code, resolver, actual),
        percent_of_target=percent_of_target(terms, indicator.kind, actual),
        expected_through=reporting.expected_through,
        overdue=reporting.overdue,
        next_due=reporting.next_due,
        unchanged_through=reporting.unchanged_through,
        milestones=milestones_reached(terms, code, resolver, actual.through),
        figures=figures,
        inputs=AssessmentInputs(terms, code, resolver, actual, expected, variance_result),
    )


def _judge(
    terms: TargetTerms,
    code: str,
    resolver: ValueResolver,
    actual: Actual,
    due: tuple[ExpectedEdges, VarianceResult],
    final: bool,
    last_due_passed: bool,
) -> StatusVerdict:
    non_decreasing, kind = _is_non_decreasing(code, resolver, actual), resolver.terms(code).kind
    return judge_status(StatusInputs(terms, kind, actual, *due, final, non_decreasing, last_due_passed))


def _is_non_decreasing(code: str, resolver: ValueResolver, actual: Actual) -> bool:
    """Whether the actual is a sum of figures none of which is below 0, nor is it (a difference can be)."""
    return (
        resolver.terms(code).accumulation == Accumulation.SUM
        and actual.value >= 0
        and all(figure.numeric_value >= 0 for figure in resolver.series(code).figures(actual.span))
    )


def _collect_figures(
    code: str,
    resolver: ValueResolver,
    actual: Actual,
    required: RequiredPace,
    shares: tuple[SeasonalShare, ...],
) -> tuple[SourceFigure, ...]:
    """Return every figure used, without duplicates, ordered by span."""
    provenance = Provenance(resolver)
    provenance.value_of(code, actual.span)
    for other_code, span in required.source_spans:
        provenance.value_of(other_code, span)
    sources = provenance.source_figures()
    other_sources = [source for share in shares for source in share.source_figures(code)]
    return tuple(sort_source_figures({*sources, *other_sources}) if other_sources else sources)


def _find_gaps(terms: TargetTerms, code: str, resolver: ValueResolver, through: date | None) -> tuple[Period, ...]:
    if resolver.terms(code).accumulation not in (Accumulation.SUM, Accumulation.MEAN):
        return ()
    return resolver.series(code).gaps(terms.period, through)
