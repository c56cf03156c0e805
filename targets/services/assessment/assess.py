"""Assess targets: read everything once, evaluate in the pure core, write in one set-based statement."""

import json
import logging
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.models import Indicator, SeriesChange
from indicators.querysets import SeriesKey
from indicators.services.figures.series import with_ancestor_areas
from kpitracker.lib import clock, gc_pause
from kpitracker.lib.db import bulk
from kpitracker.lib.models import CommitSequence
from targets.models import Assessment, StatusChange, Target
from targets.services.alerting import engine
from targets.services.alerting.store import EvaluatedTarget
from targets.services.evaluation.comparison import Cause, NewAssessment, StoredAssessment, compare_assessment
from targets.services.evaluation.evaluate import evaluate_targets

log = logging.getLogger(__name__)

BATCH_SIZE = 1000
POSTPONEMENT = timedelta(minutes=10)
_FIXED_WIDTH_COLUMNS = {
    "target_id": "bigint",
    "as_of": "date",
    "version": "integer",
    "overdue": "boolean",
    "not_notified": "boolean",
    "status_since": "date",
    "valid_through": "date",
    "changed_at": bulk.TIMESTAMP_TYPE,
    "change": "bigint",
}
_VARIABLE_WIDTH_COLUMNS = {"state": "text", "status": "text", "covered_through": "date", "payload": "jsonb"}
_NUMBER_COLUMNS = {"actual": "numeric", "variance": "numeric"}


@transaction.atomic
def assess(*, targets: Collection[int], now: datetime, force: bool = False, by_time: bool = False) -> int:
    """Assess these targets (ids) today and write what changed. Returns the number of assessments written.

    A changed status opens alerts while its series carries a mark that is not quiet, and when the day alone changed it
    (`by_time`: the day is why they are assessed). `force` also writes unchanged assessments, so that pollers see changes
    outside the assessment, such as another department.
    """
    today = clock.local_day(now)
    with gc_pause.gc_paused():
        # Lock before reading figures: a second transaction then reads what the first one has committed.
        locked = Target.objects.filter(pk__among=targets).order_by("pk").select_for_update()
        ids = list(locked.values_list("pk", flat=True))
        targets_to_assess = Target.objects.filter(pk__among=ids).order_by("pk").for_assessment()
        evaluations = evaluate_targets(targets=targets_to_assess, as_of=today, today=today)
        rows = Assessment.objects.filter(target__among=ids).values_list(*StoredAssessment._fields)
        stored = {row[0]: StoredAssessment(*row) for row in rows}
        causes = _find_causes([evaluation.target for evaluation in evaluations], by_time=by_time)
        candidates = [
            compare_assessment(
                evaluation, stored.get(evaluation.target.pk), today, causes[evaluation.target.pk], force=force
            )
            for evaluation in evaluations
        ]
        new_assessments = [candidate for candidate in candidates if candidate is not None]
        _write_assessments(new_assessments, today, now)
    _process_status_changes(new_assessments, today, now)
    return len(new_assessments)


def _round_to_12_places(value: Decimal | None) -> Decimal | None:
    return None if value is None else round_half_up(value, 12)


def _write_assessments(new_assessments: list[NewAssessment], today: date, now: datetime) -> None:
    if not new_assessments:
        return
    moment, day = bulk.moment_text(now), today.isoformat()
    change_numbers = CommitSequence.next_timestamps("assessment", len(new_assessments), now)
    encode_fixed, encode_variable, encode_number = (
        bulk.fixed_width_encoder(*_FIXED_WIDTH_COLUMNS.values()),
        bulk.variable_width_encoder(*_VARIABLE_WIDTH_COLUMNS.values(), is_cached=False),
        bulk.decimal_encoder(),
    )
    bulk.upsert_rows(
        Assessment,
        "target_id",
        _FIXED_WIDTH_COLUMNS | _VARIABLE_WIDTH_COLUMNS | _NUMBER_COLUMNS,
        (
            encode_fixed(
                row.target,
                day,
                row.evaluation.version.number,
                assessment.overdue,
                row.not_notified,
                row.since.isoformat(),
                row.valid_through.isoformat(),
                moment,
                change,
            )
            + encode_variable(
                (
                    row.evaluation.state.value,
                    row.status,
                    assessment.covered_through and assessment.covered_through.isoformat(),
                    json.dumps(row.payload),
                )
            )
            + encode_number(_to_decimal_text(_round_to_12_places(assessment.actual)))
            + encode_number(_to_decimal_text(_round_to_12_places(assessment.variance)))
            for row, change in zip(new_assessments, change_numbers, strict=True)
            for assessment in [row.evaluation.assessment]
        ),
    )


def _to_decimal_text(value: Decimal | None) -> str:
    return "" if value is None else to_plain_string(value)


def _process_status_changes(new_assessments: list[NewAssessment], today: date, now: datetime) -> None:
    if not new_assessments:
        return
    statuses_before = _find_statuses_before(new_assessments)
    StatusChange.objects.bulk_create(
        StatusChange(
            target=row.evaluation.target,
            version=row.evaluation.version.number,
            before=statuses_before[row.target],
            after=row.status,
            day=today,
            recorded_at=now,
            quiet=row.cause is Cause.OTHER,
        )
        for row in new_assessments
        # A target that is suspended or withdrawn is judged as of the day before: it changes no status any more.
        if statuses_before[row.target] != row.status and not row.evaluation.is_ended
    )
    evaluated = [
        EvaluatedTarget(
            row.evaluation,
            row.previous_status,
            row.cause is Cause.NEWS,
            row.previously_overdue,
            row.previous_version,
            by_day_alone=row.cause is Cause.TIME,
            was_not_notified=row.previously_not_notified,
        )
        for row in new_assessments
    ]
    engine.process_evaluations(evaluated_targets=evaluated, now=now)


def _find_statuses_before(new_assessments: Sequence[NewAssessment]) -> dict[int, str]:
    """By target id, the status that was told last. While a target was suspended, none was told."""
    statuses = {row.target: row.previous_status for row in new_assessments}
    resumed = [row.target for row in new_assessments if row.previously_ended and not row.evaluation.is_ended]
    if resumed:
        changes = StatusChange.objects.filter(target__among=resumed).order_by("pk")
        statuses |= dict.fromkeys(resumed, "") | dict(changes.values_list("target", "after"))
    return statuses


def _find_causes(targets: Sequence[Target], *, by_time: bool) -> dict[int, Cause]:
    """By target id, why it is assessed. One mark of its series that is not quiet makes it news.

    Marks that another worker has claimed count too: that worker may lock the targets after us, and then finds nothing
    changed.
    """
    inputs_by_indicator = Indicator.objects.inputs_of({target.indicator_id for target in targets})
    marks = SeriesChange.objects.filter(indicator__in=set().union(*inputs_by_indicator.values()))
    quiet_by_series: dict[SeriesKey, bool] = {}
    for indicator, area, quiet in marks.order_by("-quiet").values_list("indicator_id", "area_id", "quiet").distinct():
        quiet_by_series[indicator, area] = quiet
    loud = _dependent_series({pair for pair, quiet in quiet_by_series.items() if not quiet})
    quiet_ones = _dependent_series({pair for pair, quiet in quiet_by_series.items() if quiet})
    causes = {}
    for target in targets:
        pair = target.indicator_id, target.area_id
        is_time_alone = by_time and pair not in quiet_ones
        causes[target.pk] = Cause.NEWS if pair in loud else Cause.TIME if is_time_alone else Cause.OTHER
    return causes


def process_series_changes(*, now: datetime) -> int:
    """Assess the targets of all due marks and delete the marks. Returns the number of marks.

    A mark that fails is postponed by `POSTPONEMENT`, so that it does not block the others.
    """
    try:
        return _process_batch(now, BATCH_SIZE)
    except DatabaseError:
        raise
    except Exception:
        log.exception("The marks cannot be processed together; trying one by one.")
    return sum(_process_change(pk, now) for pk in _due_changes(now).values_list("pk", flat=True)[:BATCH_SIZE])


def _due_changes(now: datetime) -> QuerySet[SeriesChange]:
    return SeriesChange.objects.filter(retry_at__lte=now).order_by("pk")


@transaction.atomic
def _process_batch(now: datetime, limit: int) -> int:
    marks = list(_due_changes(now).select_for_update(skip_locked=True)[:limit])
    if marks:
        assess(targets=targets_affected_by({(mark.indicator_id, mark.area_id) for mark in marks}), now=now)
        SeriesChange.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return len(marks)


def _process_change(pk: int, now: datetime) -> int:
    try:
        with transaction.atomic():
            mark = SeriesChange.objects.select_for_update().get(pk=pk)
            assess(targets=targets_affected_by({(mark.indicator_id, mark.area_id)}), now=now)
            mark.delete()
    except SeriesChange.DoesNotExist:
        return 0
    except Exception:
        log.exception("Mark %s is postponed.", pk)
        SeriesChange.objects.filter(pk=pk).update(retry_at=now + POSTPONEMENT)
    return 1


def targets_affected_by(pairs: Collection[SeriesKey]) -> set[int]:
    """Ids of the targets on these series, including those that read them through sums over areas or formulas."""
    return set(Target.objects.of_series(_dependent_series(pairs)).values_list("pk", flat=True)) if pairs else set()


def _dependent_series(pairs: Collection[SeriesKey]) -> set[SeriesKey]:
    """These series and the series computed from them."""
    if not pairs:
        return set()
    pairs = with_ancestor_areas(pairs)
    readers = Indicator.objects.readers_of({indicator for indicator, _ in pairs})
    return {(reader, area) for indicator, area in pairs for reader in readers[indicator]}
