"""The tables of figures: revisions are appended, the current one is projected, the change is marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from indicators import signals
from indicators.domain.periods import Period
from indicators.domain.recording import Content, Entry, current_of
from indicators.models import Area, Indicator, Measurement, Revision, SeriesChange
from indicators.querysets import Pair
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Item
from kpitracker.lib.ids import uuid7
from kpitracker.lib.texts import both, text


def entry(revision: Revision) -> Entry:
    content = Content(
        revision.value, revision.missing_reason, revision.qualifier, revision.stage, revision.source, revision.note
    )
    return Entry(revision.number, content, revision.published, clock.local_day(revision.recorded_at))


def warnings(revision: Revision) -> list[Item]:
    """The warnings that were stored with a revision, as they are shown."""
    return [Item("", warning["slug"], text(warning["en"], warning["vi"])) for warning in revision.warnings]


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes figures of one series within the caller's transaction. `quiet`: nobody is told of what follows."""

    indicator: Indicator
    area: Area
    by: Actor
    now: datetime
    quiet: bool

    def create(
        self, period: Period, published: date | None, content: Content, warnings: Sequence[Item]
    ) -> Revision | None:
        """The first revision of a figure, or None when the figure exists.

        Of two simultaneous posts of one new figure the second waits at the insert, and then finds the first.
        """
        measurement = Measurement(
            indicator=self.indicator,
            area=self.area,
            period_start=period.start,
            period_end=period.end,
            revision=1,
            revisions=1,
            current=uuid7(),
            **self._columns(published, content),
        )
        if self._existing(period).exists():
            return None
        Measurement.objects.bulk_create([measurement], ignore_conflicts=True)
        if not Measurement.objects.filter(pk=measurement.pk).exists():
            return None
        return self._insert(measurement, 1, self._columns(published, content), warnings, measurement.current)

    def locked(self, period: Period) -> tuple[Measurement, list[Revision]]:
        """The figure, locked until the transaction ends, and its revisions, first to last."""
        measurement = self._existing(period).select_for_update(of=("self",)).get()
        return measurement, list(Revision.objects.filter(measurement=measurement).order_by("number"))

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
        # Who waited for the lock may have looked at the clock before the one that he waited for.
        last = Revision.objects.filter(measurement=measurement).latest("number")
        columns["recorded_at"] = max(self.now, last.recorded_at)
        number = measurement.revisions + 1
        revision = self._insert(measurement, number, columns, warnings, uuid7())
        changes: dict[str, Any] = {"revisions": number}
        if becomes_current:
            changes |= {"revision": number, "current": revision.pk, **columns}
        Measurement.objects.filter(pk=measurement.pk).update(**changes)
        for name, value in changes.items():
            setattr(measurement, name, value)
        return revision

    def _existing(self, period: Period) -> Any:
        return Measurement.objects.filter(
            indicator=self.indicator, area=self.area, period_start=period.start, period_end=period.end
        )

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
        revision.save(force_insert=True)
        mark({(self.indicator.pk, self.area.pk)}, quiet=self.quiet, now=self.now)
        return revision


def mark(pairs: Iterable[Pair], *, quiet: bool, now: datetime) -> None:
    """Note, in the transaction of the change, that the targets on these series are to be assessed."""
    SeriesChange.objects.bulk_create(
        SeriesChange(indicator_id=indicator, area_id=area, quiet=quiet, recorded_at=now, due_at=now)
        for indicator, area in sorted(set(pairs))
    )
    signals.series_marked.send(sender=SeriesChange)


@transaction.atomic
def rebuild_current() -> int:
    """Project every figure's current revision anew; the number of figures that were wrong."""
    wrong = 0
    for measurement in Measurement.objects.select_for_update().order_by("pk").iterator(chunk_size=1000):
        revisions = list(Revision.objects.filter(measurement=measurement).order_by("number"))
        right = current_of([entry(revision) for revision in revisions])
        assert right is not None, f"figure {measurement.pk} has no revision"
        revision = revisions[right.number - 1]
        if (measurement.current, measurement.revision, measurement.revisions) != (
            revision.pk,
            revision.number,
            len(revisions),
        ) or entry(revision).content != Content(*(getattr(measurement, name) for name in Content._fields)):
            wrong += 1
            columns = {name: getattr(revision, name) for name in (*Content._fields, "published", "recorded_at")}
            Measurement.objects.filter(pk=measurement.pk).update(
                current=revision.pk, revision=revision.number, revisions=len(revisions), **columns
            )
    return wrong
