"""Judging targets: one gathering in, the pure core in the middle, one set-based write out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from indicators.domain.book import Book
from indicators.domain.rounding import half_up
from indicators.models import Indicator, SeriesChange
from indicators.querysets import Pair
from indicators.services.books import gather
from kpitracker.lib import clock
from kpitracker.lib.models import Counter, JobSlot
from targets.domain import assessment as core
from targets.models import Assessment, StatusChange, Target, TargetVersion
from targets.services import alerts, rows, terms

SLICE = 1000
DAILY = "assess-all"  # the job whose slots are the days for which all targets were assessed
_CONTENT = ("as_of", "version", "status", "overdue", "covered_through", "actual", "variance", "body", "since")


@dataclass(frozen=True, slots=True)
class Judged:
    """A target judged under one of its versions as of a day."""

    target: Target
    version: TargetVersion
    as_of: date
    assessment: core.Assessment

    @property
    def body(self) -> dict[str, Any]:
        return rows.body(self.target, self.version, self.assessment)


def judge(target: Target, version: TargetVersion, book: Book, as_of: date) -> Judged:
    verdict = core.assess(
        terms=terms.of_version(target, version), indicator=target.indicator.code, book=book, as_of=as_of
    )
    return Judged(target, version, as_of, verdict)


def judge_one(
    *, target: Target, as_of: date, today: date, version: str | None = None, recorded_by: datetime | None = None
) -> Judged:
    """The assessment of one target as of a day, computed from what was known then. Nothing is stored.

    Raises `Missing` (not-announced), `Invalid` for a version that does not exist.
    """
    chosen = terms.judged_version(target, as_of, version)
    book = gather({(target.indicator_id, target.area_id)}, as_of, today, recorded_by)[target.area_id]
    return judge(target, chosen, book, as_of)


def judge_many(
    *, targets: Iterable[Target], as_of: date, today: date, recorded_by: datetime | None = None
) -> list[Judged]:
    """The same for many, in a fixed number of queries. Targets not yet announced are left out."""
    targets = list(targets)
    books = gather({(each.indicator_id, each.area_id) for each in targets}, as_of, today, recorded_by)
    return [
        judge(target, version, books[target.area_id], as_of)
        for target in targets
        if (version := terms.version_in_force(target, as_of))
    ]


@transaction.atomic
def assess(*, targets: Collection[int], now: datetime, told: Collection[int] = (), force: bool = False) -> int:
    """Assess these targets (ids) today and write what changed; the number of assessments written.

    Status changes of those in `told` open alerts; of the others nobody hears. `force` writes a row anew, so that
    pollers see what does not stand in the assessment itself, such as another department.
    """
    today = clock.local_day(now)
    # Locked before figures are read: whoever comes second reads what the first one has committed.
    locked = Target.objects.filter(pk__in=targets).order_by("pk").select_for_update()
    ids = list(locked.values_list("pk", flat=True))
    judged = judge_many(targets=Target.objects.shown().filter(pk__in=ids).order_by("pk"), as_of=today, today=today)
    stored = {row.target_id: row for row in Assessment.objects.filter(target__in=ids)}
    fresh = [_row(each, stored.get(each.target.pk), force, today, now) for each in judged]
    changed = [(each, row) for each, row in zip(judged, fresh, strict=True) if row is not None]
    _write([row for _, row in changed])
    _note_changes(changed, stored, told, now)
    return len(changed)


def _row(each: Judged, stored: Assessment | None, force: bool, today: date, now: datetime) -> Assessment | None:
    """The row to be written, or None when nothing changed."""
    body = each.body
    if stored is not None and stored.body == body and not force:
        return None
    verdict = each.assessment
    same = stored is not None and stored.status == verdict.status
    return Assessment(
        target=each.target,
        as_of=today,
        version=each.version.number,
        status=verdict.status.value,
        overdue=verdict.overdue,
        covered_through=verdict.covered_through,
        actual=_twelve(verdict.actual),
        variance=_twelve(verdict.variance),
        body=body,
        since=stored.since if same and stored is not None else today,
        changed_at=now,
    )


def _twelve(value: Decimal | None) -> Decimal | None:
    return None if value is None else half_up(value, 12)


def _write(changed: list[Assessment]) -> None:
    if not changed:
        return
    for row, number in zip(changed, Counter.draw("assessment", len(changed)), strict=True):
        row.change = number
    Assessment.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["target"],
        update_fields=[*_CONTENT, "changed_at", "change"],
        batch_size=500,
    )


def _note_changes(
    changed: list[tuple[Judged, Assessment]], stored: Mapping[int, Assessment], told: Collection[int], now: datetime
) -> None:
    moved = []
    for each, row in changed:
        before = stored[row.target_id].status if row.target_id in stored else ""
        if before != row.status:
            change = StatusChange(
                target=each.target,
                version=row.version,
                before=before,
                after=row.status,
                day=row.as_of,
                recorded_at=now,
                quiet=row.target_id not in told,
            )
            moved.append((each, change))
    StatusChange.objects.bulk_create([change for _, change in moved])
    alerts.decide(moved=moved, now=now)


@transaction.atomic
def assess_marked(*, now: datetime) -> int:
    """Assess what the marks of posted figures point at, and take the marks away; the number of marks.

    Marks claimed by another are skipped: he has locked the targets by the time this one reads.
    """
    marks = list(SeriesChange.objects.select_for_update(skip_locked=True).order_by("pk")[:SLICE])
    if not marks:
        return 0
    told = affected({(m.indicator_id, m.area_id) for m in marks if not m.quiet})
    everyone = told | affected({(m.indicator_id, m.area_id) for m in marks if m.quiet})
    assess(targets=everyone, now=now, told=told)
    SeriesChange.objects.filter(pk__in=[mark.pk for mark in marks]).delete()
    return len(marks)


def affected(pairs: Collection[Pair]) -> set[int]:
    """Ids of the targets on these series, also through formulas."""
    if not pairs:
        return set()
    readers: dict[int, set[int]] = {}
    for indicator, _ in pairs:
        if indicator not in readers:
            readers[indicator] = {reader.pk for reader in Indicator.objects.with_readers({indicator})}
    wide = {(reader, area) for indicator, area in pairs for reader in readers[indicator]}
    return set(Target.objects.of_series(wide).values_list("pk", flat=True))


def assess_all(*, now: datetime) -> int:
    """Assess every target, slice by slice: on a new day, or after a restore. The number of assessments written."""
    ids = list(Target.objects.order_by("pk").values_list("pk", flat=True))
    return sum(assess(targets=ids[start : start + SLICE], now=now) for start in range(0, len(ids), SLICE))


def assessed_through() -> date | None:
    """The last day on which every target was assessed: what is stored holds for it."""
    done = JobSlot.objects.filter(job=DAILY, finished_at__isnull=False).order_by("-slot").first()
    return date.fromisoformat(done.slot) if done else None
