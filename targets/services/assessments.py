"""Assess targets: read everything once, evaluate in the pure core, write in one set-based statement."""

import json
import logging
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from indicators.domain.rounding import half_up, plain
from indicators.models import Indicator, SeriesChange
from indicators.querysets import Pair
from indicators.services.regions import with_areas_above
from kpitracker.lib import bulk, clock, collector
from kpitracker.lib.models import Counter
from targets.models import Assessment, StatusChange, Target
from targets.services import alerts
from targets.services.conditions import Looked
from targets.services.judging import Judged, judge_many

log = logging.getLogger(__name__)

SLICE = 1000
PUT_OFF = timedelta(minutes=10)
_KEPT = {
    "target_id": "bigint",
    "as_of": "date",
    "version": "integer",
    "overdue": "boolean",
    "since": "date",
    "holds_through": "date",
    "changed_at": bulk.MOMENT,
    "change": "bigint",
}
_SAID = {"status": "text", "covered_through": "date", "body": "jsonb"}
_NUMBERS = {"actual": "numeric", "variance": "numeric"}


class _Stored(NamedTuple):
    """The stored assessment of a target; the field names are its columns."""

    target: int
    status: str
    overdue: bool
    since: date
    holds_through: date
    body: dict[str, Any]


class _Fresh(NamedTuple):
    """An assessment to be written."""

    judged: Judged
    body: dict[str, Any]
    before: str
    was_overdue: bool
    since: date
    holds_through: date
    was_version: int | None = None

    @property
    def target(self) -> int:
        return self.judged.target.pk

    @property
    def status(self) -> str:
        return self.judged.assessment.status.value


@transaction.atomic
def assess(*, targets: Collection[int], now: datetime, force: bool = False) -> int:
    """Assess these targets (ids) today and write what changed. Returns the number of assessments written.

    A changed status opens alerts only while its series carries a mark that is not quiet. `force` also writes
    unchanged assessments, so that pollers see changes outside the assessment, such as another department.
    """
    today = clock.local_day(now)
    with collector.paused():
        # Lock before reading figures: a second transaction then reads what the first one has committed.
        locked = Target.objects.filter(pk__among=targets).order_by("pk").select_for_update()
        ids = list(locked.values_list("pk", flat=True))
        read = Target.objects.filter(pk__among=ids).order_by("pk").to_judge()
        judged = judge_many(targets=read, as_of=today, today=today)
        rows = Assessment.objects.filter(target__among=ids).values_list(*_Stored._fields)
        stored = {row[0]: _Stored(*row) for row in rows}
        fresh = [_fresh(each, stored.get(each.target.pk), force, today) for each in judged]
        changed = [each for each in fresh if each is not None]
        _write(changed, today, now)
    _note_changes(changed, today, now)
    return len(changed)


def _fresh(each: Judged, stored: _Stored | None, force: bool, today: date) -> _Fresh | None:
    """The assessment to write, or None when nothing changed."""
    body, holds = each.body, holds_through(each)
    if stored is None:
        return _Fresh(each, body, "", True, today, holds)
    if stored.body == body and stored.holds_through == holds and not force:
        return None
    since = stored.since if stored.status == each.assessment.status.value else today
    return _Fresh(each, body, stored.status, stored.overdue, since, holds, stored.body.get("version"))


def holds_through(each: Judged) -> date:
    """The last day on which the assessment stays the same while nothing is posted.

    After it a due day has passed, or another version is in force.
    """
    versions = [version.announced for version in each.target.all_versions if version.announced > each.as_of]
    ends = [announced - timedelta(days=1) for announced in versions]
    if each.assessment.next_due is not None:
        ends.append(each.assessment.next_due)
    return min(ends, default=date.max)


def _twelve(value: Decimal | None) -> Decimal | None:
    return None if value is None else half_up(value, 12)


def _write(changed: list[_Fresh], today: date, now: datetime) -> None:
    if not changed:
        return
    moment, day = bulk.moment(now), today.isoformat()
    changes = Counter.draw_moments("assessment", len(changed), now)
    kept, said, number = bulk.fixed(*_KEPT.values()), bulk.free(*_SAID.values(), repeated=False), bulk.number()
    bulk.upsert(
        Assessment,
        "target_id",
        _KEPT | _SAID | _NUMBERS,
        (
            kept(
                row.target,
                day,
                row.judged.version.number,
                verdict.overdue,
                row.since.isoformat(),
                row.holds_through.isoformat(),
                moment,
                change,
            )
            + said((row.status, verdict.covered_through and verdict.covered_through.isoformat(), json.dumps(row.body)))
            + number(_text(_twelve(verdict.actual)))
            + number(_text(_twelve(verdict.variance)))
            for row, change in zip(changed, changes, strict=True)
            for verdict in [row.judged.assessment]
        ),
    )


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _note_changes(changed: list[_Fresh], today: date, now: datetime) -> None:
    if not changed:
        return
    told = told_of([row.judged.target for row in changed])
    StatusChange.objects.bulk_create(
        StatusChange(
            target=row.judged.target,
            version=row.judged.version.number,
            before=row.before,
            after=row.status,
            day=today,
            recorded_at=now,
            quiet=row.target not in told,
        )
        for row in changed
        if row.before != row.status
    )
    looked = [Looked(r.judged, r.before, r.target in told, r.was_overdue, r.was_version) for r in changed]
    alerts.decide(looked=looked, now=now)


def told_of(targets: Sequence[Target]) -> set[int]:
    """Ids of these targets whose series carry a mark that is not quiet: their changes may open alerts.

    Marks that another worker has claimed count too: that worker may lock the targets after us, and then finds nothing
    changed.
    """
    read = Indicator.objects.inputs_of({each.indicator_id for each in targets})
    loud = SeriesChange.objects.filter(quiet=False, indicator__in=set().union(*read.values()))
    wide = _read_from(set(loud.values_list("indicator_id", "area_id").distinct()))
    return {each.pk for each in targets if (each.indicator_id, each.area_id) in wide}


def assess_marked(*, now: datetime) -> int:
    """Assess the targets of all due marks and delete the marks. Returns the number of marks.

    A mark that fails is postponed by `POSTPONEMENT`, so that it does not block the others.
    """
    try:
        return _assess_claimed(now, SLICE)
    except DatabaseError:
        raise
    except Exception:
        log.exception("The marks cannot be processed together; trying one by one.")
    return sum(_assess_one(pk, now) for pk in _due(now).values_list("pk", flat=True)[:SLICE])


def _due(now: datetime) -> QuerySet[SeriesChange]:
    return SeriesChange.objects.filter(due_at__lte=now).order_by("pk")


@transaction.atomic
def _assess_claimed(now: datetime, limit: int) -> int:
    marks = list(_due(now).select_for_update(skip_locked=True)[:limit])
    if marks:
        assess(targets=affected({(mark.indicator_id, mark.area_id) for mark in marks}), now=now)
        SeriesChange.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return len(marks)


def _assess_one(pk: int, now: datetime) -> int:
    try:
        with transaction.atomic():
            mark = SeriesChange.objects.select_for_update().get(pk=pk)
            assess(targets=affected({(mark.indicator_id, mark.area_id)}), now=now)
            mark.delete()
    except SeriesChange.DoesNotExist:
        return 0
    except Exception:
        log.exception("Mark %s is postponed.", pk)
        SeriesChange.objects.filter(pk=pk).update(due_at=now + PUT_OFF)
    return 1


def affected(pairs: Collection[Pair]) -> set[int]:
    """Ids of the targets on these series, including those that read them through sums over areas or formulas."""
    return set(Target.objects.of_series(_read_from(pairs)).values_list("pk", flat=True)) if pairs else set()


def _read_from(pairs: Collection[Pair]) -> set[Pair]:
    """These series and the series computed from them."""
    if not pairs:
        return set()
    pairs = with_areas_above(pairs)
    readers = Indicator.objects.readers_of({indicator for indicator, _ in pairs})
    return {(reader, area) for indicator, area in pairs for reader in readers[indicator]}
