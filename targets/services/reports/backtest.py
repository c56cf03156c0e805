"""Back-test the outlooks of targets: what was said at the end of each quarter, and what came."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import IndicatorKind
from indicators.domain.periods import Period
from indicators.services.figures.series import load_resolvers
from kpitracker.lib import gc_pause
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain import assessment as core
from targets.domain.assessment import AssessmentResult
from targets.domain.backtest import OutlookWithResult, expect_plainly, move_terms, quarter_ends
from targets.domain.choices import PlainMethod, Status
from targets.domain.outlook import Outlook
from targets.domain.seasonality import MAX_DAYS
from targets.domain.terms import TargetTerms
from targets.models import Target
from targets.services.evaluation import target_versions
from targets.services.evaluation.evaluate import evaluate_targets

# What one request computes within about ten seconds.
MAX_POINTS = 10_000


class Years(NamedTuple):
    """Years, both inclusive."""

    first: int
    last: int


class BacktestQuery(NamedTuple):
    """From what had been recorded by a moment, with the results that are known on the day `as_of`.

    `years` None: the period of each target.
    """

    as_of: date
    today: date
    years: Years | None = None
    recorded_by: datetime | None = None


class Span(NamedTuple):
    """The period of a target (`years_before` 0), or the same period in another year, for which there was no target."""

    target: Target
    period: Period
    years_before: int = 0


class SpanAssessment(NamedTuple):
    """The part of an assessment that a back-test shows. Of another year `version` and `status` are None, and
    `is_below` is False: there was no target.

    `is_below`: the actual lies below the expected edges. It does not hold the figures: those of many days do not fit into memory.
    """

    version: int | None
    status: Status | None
    provisional: bool
    final: bool
    actual: Decimal | None
    covered_through: date | None
    is_below: bool
    outlook: Outlook
    plain: dict[PlainMethod, Decimal]


class BacktestPoint(NamedTuple):
    """A span at the end of a quarter. `result` is None while no figure of the whole span is known."""

    span: Span
    day: date
    before: SpanAssessment
    result: SpanAssessment | None

    @property
    def outlook_with_result(self) -> OutlookWithResult | None:
        """The outlook beside the result; None without one of them, and when there was nothing left to expect."""
        outlook, result = self.before.outlook, self.result.actual if self.result else None
        if outlook.value is None or outlook.method is None or result is None:
            return None
        kind = IndicatorKind(self.span.target.indicator.kind)
        return OutlookWithResult(
            kind, result, outlook.value, outlook.method, outlook.low, outlook.high, self.before.plain
        )


def run_backtest(
    targets: Iterable[Target], query: BacktestQuery, *, max_points: int | None = None
) -> list[BacktestPoint]:
    """Evaluate targets at the end of each quarter as of that day; in the order of the targets, then of the days.

    Targets without a number are left out, and so are days on which a target was not announced, suspended or withdrawn.
    Raises `ValidationProblem` (invalid-parameter) for more than `max_points`.
    """
    spans = _list_spans([target for target in targets if not target.qualitative], query.years)
    spans_by_day: dict[date, list[Span]] = defaultdict(list)
    for span in spans:
        for day in _days_of(span, query):
            spans_by_day[day].append(span)
    _check_size(sum(map(len, spans_by_day.values())), max_points)
    run = _Run(query)
    with gc_pause.gc_paused():
        results = {span: result for span, result in run.evaluate(spans, query.as_of) if result.final}
        points = [
            BacktestPoint(span, day, before, results.get(span))
            for day, spans_of_day in spans_by_day.items()
            for span, before in run.evaluate(spans_of_day, day)
        ]
    order = {span: number for number, span in enumerate(spans)}
    return sorted(points, key=lambda point: (order[point.span], point.day))


def _check_size(points: int, max_points: int | None) -> None:
    if max_points is not None and points > max_points:
        detail = text(
            f"These are {points} ends of quarters, at most {max_points} can be asked for. Ask for fewer years, one section, one department or one target.",
            f"Có {points} thời điểm cuối quý, tối đa {max_points}. Hãy chọn ít năm hơn, một lĩnh vực, một đơn vị hoặc một chỉ tiêu.",
        )
        raise ValidationProblem("invalid-parameter", detail, pointer="?from")


def _list_spans(targets: Iterable[Target], years: Years | None) -> list[Span]:
    """The periods of the targets and, with `years`, the same periods of these years: each once for an indicator and area.

    A period of more than a year has no other years.
    """
    own_spans = [Span(target, target.period) for target in targets]
    if years is None:
        return own_spans
    spans: list[Span] = []
    listed = {_identity(span) for span in own_spans}
    for span in own_spans:
        if span.period.days > MAX_DAYS:
            spans.append(span)
            continue
        own_year = span.period.start.year
        for year in range(years.first, years.last + 1):
            other = Span(span.target, span.period.years_before(own_year - year), own_year - year)
            if year == own_year or _identity(other) not in listed:
                spans.append(other)
                listed.add(_identity(other))
    return spans


def _identity(span: Span) -> tuple[int, int, Period]:
    return span.target.indicator_id, span.target.area_id, span.period


def _days_of(span: Span, query: BacktestQuery) -> list[date]:
    """The ends of quarters in a span until `as_of`; in a period of several years those of the years asked for."""
    days = [day for day in quarter_ends(span.period) if day <= query.as_of]
    if query.years is None or span.period.days <= MAX_DAYS:
        return days
    return [day for day in days if query.years.first <= day.year <= query.years.last]


class _Run:
    """The assessments of one back-test. The terms for other years are those in force on its day."""

    def __init__(self, query: BacktestQuery) -> None:
        self._query = query
        self._terms: dict[int, TargetTerms] = {}

    def evaluate(self, spans: Sequence[Span], day: date) -> Iterator[tuple[Span, SpanAssessment]]:
        query = self._query
        own_spans = {span.target.pk: span for span in spans if not span.years_before}
        own_targets = [span.target for span in own_spans.values()]
        for row in evaluate_targets(targets=own_targets, as_of=day, today=query.today, recorded_by=query.recorded_by):
            if not row.is_ended:
                yield own_spans[row.target.pk], _keep_shown(row.assessment, row.version.number)
        other_spans = [span for span in spans if span.years_before]
        pairs = {(span.target.indicator_id, span.target.area_id) for span in other_spans}
        resolvers = load_resolvers(pairs, day, query.today, query.recorded_by) if pairs else {}
        for span in other_spans:
            code, resolver = span.target.indicator.code, resolvers[span.target.area_id]
            terms = move_terms(self._terms_of(span.target), code, resolver, span.years_before)
            assessment = core.assess(terms=terms, indicator=code, resolver=resolver, as_of=day)
            yield span, _keep_shown(assessment, None)

    def _terms_of(self, target: Target) -> TargetTerms:
        if target.pk not in self._terms:
            in_force = target_versions.find_version_in_force(target, self._query.as_of, self._query.recorded_by)
            self._terms[target.pk] = target_versions.to_target_terms(target, in_force or target.all_versions[0])
        return self._terms[target.pk]


def _keep_shown(assessment: AssessmentResult, version: int | None) -> SpanAssessment:
    return SpanAssessment(
        version,
        None if version is None else assessment.status,
        assessment.provisional,
        assessment.final,
        assessment.actual,
        assessment.covered_through,
        version is not None and assessment.variance is not None and assessment.variance < 0,
        assessment.outlook,
        expect_plainly(assessment),
    )
