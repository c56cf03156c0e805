"""Record single figures: load, decide and write in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils.formats import date_format

from indicators import signals
from indicators.domain.choices import IndicatorKind, MissingReason, Stage
from indicators.domain.figures import (
    ForecastRule,
    RecordOutcome,
    RevisionContent,
    decide_outcome,
    is_forecast,
)
from indicators.domain.periods import Period
from indicators.models import Area, Indicator, Measurement, Revision
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import figure_problems, plausibility, posting_reads, revision_store, series_checks
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.posting_reads import Located, Surroundings
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Conflict, Forbidden, ProblemItem, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank

# The fields of a posted figure, in the order of forms, files and exports.
FIGURE_FIELDS = (
    "indicator",
    "area",
    "period",
    "value",
    "missing_reason",
    "qualifier",
    "stage",
    "published",
    "source",
    "note",
)


class FigureInput(NamedTuple):
    """One figure as posted. `published`: a day, or None for unknown. `area`: a code, or None for the home area."""

    indicator: str
    period: Period
    published: date | None
    area: str | None = None
    value: Decimal | None = None
    missing_reason: str = ""
    qualifier: str = ""
    stage: str = ""
    source: str = ""
    note: str = ""

    @property
    def content(self) -> RevisionContent:
        return RevisionContent(self.value, self.missing_reason, self.qualifier, self.stage, self.source, self.note)


class RecordResult(NamedTuple):
    """The result of posting a figure. `revision` has the posted content, `previous` is the revision before it.

    `department_codes`: by id, of departments that posted revisions, those that were read.
    """

    outcome: RecordOutcome
    revision: Revision
    measurement: Measurement
    indicator: Indicator
    area: Area
    previous: Revision | None
    warnings: Sequence[ProblemItem]
    department_codes: Mapping[int, str | None] = {}


@transaction.atomic
def record_figure(*, figure: FigureInput, by: Actor, now: datetime, quiet: bool = False) -> RecordResult:
    """As `record_in_transaction`, in a transaction of its own; within another an error undoes only this figure."""
    return record_in_transaction(figure=figure, by=by, now=now, quiet=quiet)


def record_in_transaction(*, figure: FigureInput, by: Actor, now: datetime, quiet: bool = False) -> RecordResult:
    """Record one figure with its revision, and mark its series for assessment. An error must end the transaction.

    A figure is news, whatever its day of publication, unless it is `quiet`: then no alert follows from it.
    Raises `ValidationProblem` (a day after today), `Forbidden` (no duty; backdated or quiet without `figures:history`),
    `Unprocessable` (unknown-indicator, unknown-area, computed-indicator, stage-regression), `Conflict` (period-locked).
    """
    today = clock.local_day(now)
    check_may_be_quiet(quiet=quiet, by=by)
    check_published(figure.published, today, by)
    located = _locate(figure, by)
    indicator, area, measurement, department_code = located
    surroundings = _read_surroundings(figure, located, today)
    _check_references(figure, indicator, area, surroundings, by, today)
    writer = revision_store.RevisionWriter(indicator=indicator, area=area, by=by, now=now, quiet=quiet)
    change = _to_change(figure, indicator, area, today)
    warnings = collect_warnings([change], today, surroundings=surroundings).get(0, [])
    codes: dict[int, str | None] = {writer.department_id or 0: department_code}
    if measurement is None:
        _refuse_locked_period(change, by, now, surroundings)
        if created := writer.create(figure.period, figure.published, figure.content, warnings):
            response_warnings = [*warnings, *figure_problems.approval_warnings(created)]
            return RecordResult(
                RecordOutcome.CREATED, created, created.measurement, indicator, area, None, response_warnings, codes
            )
        # Another request has created the figure in the meantime.
        measurement = _locate(figure, by).measurement
        assert measurement is not None
    revisions = posting_reads.load_revisions(measurement.pk)
    codes |= {revision.department_id or 0: code for revision, code in revisions}
    stored_revisions = [revision for revision, _ in revisions]
    result = _revise_figure(figure, measurement, writer, stored_revisions, _Checks(change, warnings, surroundings))
    return result._replace(department_codes=codes)


class _Checks(NamedTuple):
    """A posted figure as a change, its warnings, and what it was checked against."""

    change: FigureChange
    warnings: list[ProblemItem]
    surroundings: Surroundings


@transaction.atomic
def withdraw_figure(*, figure_id: UUID, reason: str, by: Actor, now: datetime, quiet: bool = False) -> RecordResult:
    """Withdraw a figure that was posted by mistake, by a revision of today without a value: it must be reported again.

    The outcome is UNCHANGED when the figure was withdrawn before. Raises `ValidationProblem` (required: the reason),
    and as `record_figure`.
    """
    if is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    measurement = Measurement.objects.select_related("indicator", "area").get(pk=figure_id)
    content = RevisionContent(None, MissingReason.WITHDRAWN.value, "", "", "", reason)
    if measurement.missing_reason == content.missing_reason:
        # The reason of the first time stays: the repeated request of a caller that got no response writes nothing.
        content = RevisionContent(*(getattr(measurement, name) for name in RevisionContent._fields))
    figure = FigureInput(
        measurement.indicator.code,
        Period(measurement.period_start, measurement.period_end),
        clock.local_day(now),
        measurement.area.code,
        **content._asdict(),
    )
    return record_figure(figure=figure, by=by, now=now, quiet=quiet)


def _to_change(figure: FigureInput, indicator: Indicator, area: Area, today: date) -> FigureChange:
    known_on, kind = figure.published or today, IndicatorKind(indicator.kind)
    return FigureChange(
        indicator,
        area.pk,
        figure.period,
        figure.value,
        figure.stage,
        is_forecast(figure.stage, known_on, figure.period.end, kind),
    )


def _revise_figure(
    figure: FigureInput,
    measurement: Measurement,
    writer: revision_store.RevisionWriter,
    stored_revisions: Sequence[Revision],
    checks: _Checks,
) -> RecordResult:
    # A revision that needs approval is also compared with pending ones; any other only with those in force.
    compared_states = {"valid", "approved", "pending"} if writer.indicator.needs_approval else {"valid", "approved"}
    entries = [
        revision_store.to_entry(revision)
        for revision in stored_revisions
        if revision_store.state_of(revision) in compared_states
    ]
    today = clock.local_day(writer.now)
    forecasts = ForecastRule(IndicatorKind(writer.indicator.kind), figure.period.end, today)
    decision = decide_outcome(figure.content, figure.published, entries, forecasts)
    previous = stored_revisions[decision.previous.number - 1] if decision.previous else None
    if decision.outcome is RecordOutcome.STAGE_REGRESSION:
        raise figure_problems.stage_regression_error(figure.stage, previous.stage if previous else "")
    if decision.outcome is RecordOutcome.UNCHANGED and previous is not None:
        response_warnings = [*revision_store.parse_warnings(previous), *figure_problems.approval_warnings(previous)]
        return RecordResult(
            decision.outcome, previous, measurement, writer.indicator, writer.area, None, response_warnings
        )
    _refuse_locked_period(checks.change, writer.by, writer.now, checks.surroundings)
    warnings = [*checks.warnings, *figure_problems.repeated_value_warnings(decision)]
    # A caller that waited for the lock may have read the clock before the holder of the lock did.
    recorded_at = max([writer.now, *(revision.recorded_at for revision in stored_revisions[-1:])])
    revision = writer.append(
        measurement,
        figure.published,
        figure.content,
        warnings,
        recorded_at=recorded_at,
        becomes_current=decision.becomes_current,
    )
    response_warnings = [*warnings, *figure_problems.approval_warnings(revision)]
    return RecordResult(
        decision.outcome, revision, measurement, writer.indicator, writer.area, previous, response_warnings
    )


def check_may_be_quiet(*, quiet: bool, by: Actor) -> None:
    """Raises `Forbidden` (insufficient-scope): no one is notified only by leave, or a department could hide its results."""
    if quiet and not by.may(Scope.FIGURES_HISTORY):
        raise Forbidden(
            "insufficient-scope",
            text(
                "quiet (no notifications) needs the scope figures:history.",
                "quiet (không thông báo) cần quyền figures:history.",
            ),
        )


def check_published(published: date | None, today: date, by: Actor) -> None:
    """Raises `ValidationProblem` (invalid-date) for a future day, `Forbidden` (insufficient-scope) for an earlier or unknown
    one without the scope `figures:history`: it changes what was known in the past.
    """
    if published is not None and published > today:
        raise ValidationProblem(
            "invalid-date",
            text(
                f"published may not be after today ({date_format(today)}).",
                f"Ngày công bố không được sau hôm nay ({date_format(today)}).",
            ),
            pointer="/published",
        )
    if published != today and not by.may(Scope.FIGURES_HISTORY):
        raise Forbidden(
            "insufficient-scope",
            text(
                "A day of publication before today, or unknown, needs the scope figures:history.",
                "Ngày công bố trước hôm nay hoặc không rõ cần quyền figures:history.",
            ),
        )


def _locate(figure: FigureInput, by: Actor) -> Located:
    """Raises `Unprocessable` (unknown-indicator, unknown-area), `ValidationProblem` (required) without a home area."""
    arguments = (figure.indicator, figure.area, figure.period, by.department)
    if located := posting_reads.lock_figure(*arguments):
        return located
    indicator: Indicator = Indicator.objects.by_code(figure.indicator, "/indicator")
    if indicator.pk in Indicator.objects.hidden_from(by):
        raise Indicator.objects.unknown_code_error(figure.indicator, "/indicator")
    Area.objects.by_code_or_home(figure.area)
    # Both exist: they have just been created.
    located = posting_reads.lock_figure(*arguments)
    assert located is not None
    return located


def _read_surroundings(figure: FigureInput, located: Located, today: date) -> Surroundings:
    indicator = located.indicator
    needs_neighbours = figure.value is not None and series_checks.needs_neighbours(indicator)
    reach = series_checks.find_reach([figure.period]) if needs_neighbours else None
    bounds = (reach.earliest_start, reach.last, reach.first) if reach else None
    return posting_reads.read_surroundings(indicator, located.area, today, bounds)


def _check_references(
    figure: FigureInput, indicator: Indicator, area: Area, surroundings: Surroundings, by: Actor, today: date
) -> None:
    if indicator.pk in Indicator.objects.hidden_from(by, dict(surroundings.pairs("restricted"))):
        raise Indicator.objects.unknown_code_error(figure.indicator, "/indicator")
    check_not_computed(indicator)
    if problem := figure_problems.find_content_problem(indicator, figure.value, figure.stage):
        raise Unprocessable(items=[problem])
    assigned = surroundings.ids("duty")
    reporting_duties.check_may_report(indicator=indicator, area=area, day=today, by=by, assigned=assigned)


def check_not_computed(indicator: Indicator) -> None:
    """Raises `Unprocessable` (computed-indicator)."""
    if indicator.formula:
        raise Unprocessable(
            "computed-indicator",
            text(f"{indicator.code} is computed: post its inputs.", f"{indicator.code} được tính từ chỉ số khác."),
            pointer="/indicator",
        )


def collect_warnings(
    changes: Sequence[FigureChange],
    today: date,
    shared_starts: Collection[plausibility.StartKey] | None = None,
    surroundings: Surroundings | None = None,
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings about these figures. `shared_starts`: series starts at which several figures begin.

    `surroundings`: of the only figure.
    """
    # A figure for a future period is a forecast, or its year was mistyped.
    warnings_by_position = {
        index: [ProblemItem("/period", "period-not-begun", text("The period has not begun.", "Kỳ này chưa bắt đầu."))]
        for index, change in enumerate(changes)
        if change.period.start > today
    }
    for index, change in enumerate(changes):
        if change.is_forecast and change.stage != Stage.FORECAST:
            warnings_by_position.setdefault(index, []).append(figure_problems.FORECAST_WARNING)
    responses: list[tuple[Any, Any]] = signals.figure_warnings_requested.send(
        sender=Measurement, changes=changes, surroundings=surroundings
    )
    for _, warnings in responses:
        for position, items in warnings.items():
            warnings_by_position.setdefault(position, []).extend(items)
    for position, items in plausibility.find_warnings(changes, today, shared_starts, surroundings).items():
        warnings_by_position.setdefault(position, []).extend(items)
    return warnings_by_position


def find_locked_changes(
    changes: Sequence[FigureChange], *, by: Actor, now: datetime, surroundings: Surroundings | None = None
) -> dict[int, ProblemItem]:
    """By position, the changes that receivers of `figures_changing` refuse (period-locked)."""
    responses: list[tuple[Any, Any]] = signals.figures_changing.send(
        sender=Measurement, changes=changes, by=by, now=now, surroundings=surroundings
    )
    return {position: item for _, locked_items in responses for position, item in locked_items.items()}


def check_period_open(*, indicator: Indicator, area: Area, period: Period, by: Actor, now: datetime) -> None:
    """Raises `Conflict` (period-locked) when the period is locked."""
    _refuse_locked_period(FigureChange(indicator, area.pk, period, None), by, now, None)


def _refuse_locked_period(change: FigureChange, by: Actor, now: datetime, surroundings: Surroundings | None) -> None:
    for item in find_locked_changes([change], by=by, now=now, surroundings=surroundings).values():
        raise Conflict(item.slug, item.detail, pointer=item.pointer)
