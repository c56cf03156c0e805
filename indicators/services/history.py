"""Write revisions: append them, keep the current revision on the figure, and mark the series as changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from indicators import signals
from indicators.domain.periods import Period
from indicators.domain.recording import Content, Entry, current_of
from indicators.models import Approval, Area, Indicator, Measurement, Revision, SeriesChange
from indicators.querysets import Pair
from kpitracker.lib import bulk, clock, prepared
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Item
from kpitracker.lib.ids import uuid7
from kpitracker.lib.texts import both, text


def entry(revision: Revision) -> Entry:
    content = Content(*(getattr(revision, name) for name in Content._fields))
    approval = approval_of(revision)
    known_at = approval.decided_at if approval and approval.decided_at else revision.recorded_at
    return Entry(revision.number, content, revision.published, clock.local_day(known_at))


def approval_of(revision: Revision) -> Approval | None:
    return getattr(revision, "approval", None)


def state_of(revision: Revision) -> str:
    """`valid` when the revision needed no approval, else the state of its approval."""
    approval = approval_of(revision)
    return approval.state if approval else "valid"


def warnings(revision: Revision) -> list[Item]:
    """The warnings stored with a revision, as problem items."""
    return [Item("", warning["slug"], text(warning["en"], warning["vi"])) for warning in revision.warnings]


# The columns of a figure while none of its revisions is in force: as if it had not been posted.
NOTHING: dict[str, Any] = {
    **Content(None, "not_available", "", "", "", "")._asdict(),
    "published": None,
    "current": UUID(int=0),
}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes figures of one series within the caller's transaction. `quiet`: the changes send no notifications."""

    indicator: Indicator
    area: Area
    by: Actor
    now: datetime
    quiet: bool

    @property
    def waits(self) -> bool:
        """Whether a revision counts only after a second person has approved it."""
        return self.indicator.needs_approval

    def create(
        self, period: Period, published: date | None, content: Content, warnings: Sequence[Item]
    ) -> Revision | None:
        """Insert a figure with its first revision. Returns None when the figure exists already.

        When two requests post the same new figure, the second waits at the insert and then sees the first.
        """
        columns, pk = self._columns(published, content), uuid7()
        measurement = Measurement(
            indicator=self.indicator,
            area=self.area,
            period_start=period.start,
            period_end=period.end,
            revision=1,
            revisions=1,
            **(columns | NOTHING if self.waits else columns | {"current": pk}),
        )
        if not prepared.insert(measurement, unless_there=True):
            return None
        return self._insert(measurement, 1, columns, warnings, pk)

    def locked(self, period: Period) -> tuple[Measurement, list[Revision]]:
        """Lock the figure until the transaction ends. Returns it with its revisions, first to last."""
        (measurement,) = _locked(self.indicator.pk, self.area.pk, period.start, period.end)
        return measurement, _revisions(measurement.pk)

    def append(
        self,
        measurement: Measurement,
        published: date | None,
        content: Content,
        warnings: Sequence[Item],
        *,
        becomes_current: bool,
    ) -> Revision:
        columns = self._columns(published, content)
        # A caller that waited for the lock may have read the clock before the holder of the lock did.
        columns["recorded_at"] = max(self.now, *_last_recorded(measurement.pk))
        number = measurement.revisions + 1
        revision = self._insert(measurement, number, columns, warnings, uuid7())
        changes: dict[str, Any] = {"revisions": number}
        if becomes_current and not self.waits:
            changes |= {"revision": number, "current": revision.pk, **columns}
        Measurement.objects.filter(pk=measurement.pk).update(**changes)
        for name, value in changes.items():
            setattr(measurement, name, value)
        return revision

    def exists(self, period: Period) -> bool:
        return bool(_identities(self.indicator.pk, self.area.pk, period.start, period.end))

    def _columns(self, published: date | None, content: Content) -> dict[str, Any]:
        return {
            **content._asdict(),
            "published": published,
            "recorded_at": self.now,
            "department_id": self.by.department or self.indicator.department_id,
            "posted_by": self.by.name,
        }

    def _insert(
        self,
        measurement: Measurement,
        number: int,
        columns: dict[str, Any],
        warnings: Sequence[Item],
        pk: Any,
    ) -> Revision:
        revision = Revision(
            id=pk,
            measurement=measurement,
            number=number,
            quiet=self.quiet,
            warnings=[{"slug": item.slug, **both(item.detail)} for item in warnings],
            **columns,
        )
        prepared.insert(revision)
        if self.waits:
            revision.approval = Approval.objects.create(revision=revision)
        else:
            # Cache the missing approval, so that reading it needs no query.
            revision._state.fields_cache["approval"] = None
            mark({(self.indicator.pk, self.area.pk)}, quiet=self.quiet, now=self.now)
        self._note(measurement, revision)
        return revision

    def _note(self, measurement: Measurement, revision: Revision) -> None:
        period = Period(measurement.period_start, measurement.period_end)
        said = {name: str(getattr(revision, name) or "") for name in (*Content._fields, "published")}
        notes.note(
            by=self.by,
            verb="recorded",
            row=measurement,
            label=f"{self.indicator.code} · {self.area.code} · {period}",
            after={"revision": revision.number, "revision_id": str(revision.pk), **said},
        )


def _figure(indicator: int, area: int, start: date, end: date) -> QuerySet[Any]:
    rows = Measurement.objects.filter(indicator=indicator, area=area, period_start=start, period_end=end)
    return rows.order_by()


@prepared.prepared
def _identities(indicator: int, area: int, start: date, end: date) -> QuerySet[Any]:
    return _figure(indicator, area, start, end).values_list("pk", flat=True)


@prepared.prepared
def _locked(indicator: int, area: int, start: date, end: date) -> QuerySet[Any]:
    return _figure(indicator, area, start, end).select_for_update(of=("self",))


@prepared.prepared
def _revisions(measurement: UUID) -> QuerySet[Any]:
    rows = Revision.objects.filter(measurement=measurement).select_related("approval")
    return rows.order_by("number")


@prepared.prepared
def _last_recorded(measurement: UUID) -> QuerySet[Any]:
    rows = Revision.objects.filter(measurement=measurement).order_by("-number")
    return rows.values_list("recorded_at", flat=True)[:1]


def mark(pairs: Iterable[Pair], *, quiet: bool, now: datetime) -> None:
    """Record, in the transaction of the change, that the targets on these series must be assessed."""
    moment = bulk.moment(now)
    row = bulk.fixed("bigint", "bigint", "boolean", bulk.MOMENT, bulk.MOMENT)
    rows = (row(*pair, quiet, moment, moment) for pair in sorted(set(pairs)))
    bulk.insert(SeriesChange, ("indicator_id", "area_id", "quiet", "recorded_at", "due_at"), rows)
    signals.series_marked.send(sender=SeriesChange)


def project(measurement: Measurement) -> dict[str, Any]:
    """Recompute from the revisions which one is in force, and store it.

    Returns the corrected columns with their new values.
    """
    revisions = list(Revision.objects.filter(measurement=measurement).select_related("approval").order_by("number"))
    right = current_of([entry(revision) for revision in revisions if state_of(revision) in ("valid", "approved")])
    wanted: dict[str, Any] = {"revisions": len(revisions), "revision": right.number if right else 1, **NOTHING}
    if right is not None:
        revision = revisions[right.number - 1]
        said = (*Content._fields, "published", "recorded_at", "department_id", "posted_by")
        wanted |= {name: getattr(revision, name) for name in said}
        wanted["current"] = revision.pk
    wrong = {name: value for name, value in wanted.items() if getattr(measurement, name) != value}
    if wrong:
        Measurement.objects.filter(pk=measurement.pk).update(**wanted)
    return wrong


@transaction.atomic
def rebuild_current(*, by: Actor) -> int:
    """Recompute the current revision of every figure. Returns the number of figures that were wrong."""
    count = 0
    for measurement in Measurement.objects.select_for_update().order_by("pk").iterator(chunk_size=1000):
        if wrong := project(measurement):
            before = {name: str(getattr(measurement, name)) for name in wrong}
            after = {name: str(value) for name, value in wrong.items()}
            notes.note(by=by, verb="changed", row=measurement, before=before, after=after)
            count += 1
    return count
