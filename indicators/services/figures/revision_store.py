"""Write revisions: append them, keep the current revision on the figure, and mark the series as changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict
from uuid import UUID

from django.db import models, transaction

from indicators import signals
from indicators.domain.figures import RevisionContent, RevisionEntry, current_revision
from indicators.domain.periods import Period
from indicators.models import Approval, Area, Indicator, Measurement, Revision, SeriesChange
from indicators.querysets import NO_REVISION, SeriesKey
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.db import bulk, plain_sql
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import in_both_languages, text
from kpitracker.lib.models.audit import AuditEntry


def to_entry(revision: Revision) -> RevisionEntry:
    content = RevisionContent(*(getattr(revision, name) for name in RevisionContent._fields))
    approval: Approval | None = getattr(revision, "approval", None)
    known_at = approval.decided_at if approval and approval.decided_at else revision.recorded_at
    return RevisionEntry(revision.number, content, revision.published, clock.local_day(known_at))


def state_of(revision: Revision) -> str:
    """`valid` when the revision needed no approval, else the state of its approval."""
    approval: Approval | None = getattr(revision, "approval", None)
    return approval.state if approval else "valid"


def parse_warnings(revision: Revision) -> list[ProblemItem]:
    """The warnings stored with a revision, as problem items."""
    return [ProblemItem("", warning["slug"], text(warning["en"], warning["vi"])) for warning in revision.warnings]


# The columns of a figure while none of its revisions is in force: as if it had not been posted.
EMPTY_FIGURE: Mapping[str, object] = {
    **RevisionContent(None, "not_available", "", "", "", "")._asdict(),
    "published": None,
    "current_revision": NO_REVISION,
}


class RevisionColumns(TypedDict):
    """The columns that a revision and its figure share."""

    value: Decimal | None
    missing_reason: str
    qualifier: str
    stage: str
    source: str
    note: str
    published: date | None
    recorded_at: datetime
    department_id: int | None
    posted_by: str


@dataclass(frozen=True, slots=True)
class RevisionWriter:
    """Writes figures of one series within the caller's transaction. `quiet`: the changes send no notifications."""

    indicator: Indicator
    area: Area
    by: Actor
    now: datetime
    quiet: bool

    def create(
        self, period: Period, published: date | None, content: RevisionContent, warnings: Sequence[ProblemItem]
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
            **{**columns, **(EMPTY_FIGURE if self.indicator.needs_approval else {"current_revision": pk})},
        )
        if not plain_sql.insert_row(measurement, ignore_conflicts=True):
            return None
        return self._insert(measurement, 1, columns, warnings, pk, {})

    def append(
        self,
        measurement: Measurement,
        published: date | None,
        content: RevisionContent,
        warnings: Sequence[ProblemItem],
        *,
        recorded_at: datetime,
        becomes_current: bool,
    ) -> Revision:
        """Add a revision to a figure that the caller has locked."""
        columns, pk = self._columns(published, content), uuid7()
        columns["recorded_at"] = recorded_at
        number = measurement.revisions + 1
        changes: dict[str, object] = {"revisions": number}
        if becomes_current and not self.indicator.needs_approval:
            changes |= {"revision": number, "current_revision": pk, **columns}
        return self._insert(measurement, number, columns, warnings, pk, changes)

    @property
    def department_id(self) -> int | None:
        """The id of the department that posts."""
        return self.by.department or self.indicator.department_id

    def _columns(self, published: date | None, content: RevisionContent) -> RevisionColumns:
        return {
            "value": content.value,
            "missing_reason": content.missing_reason,
            "qualifier": content.qualifier,
            "stage": content.stage,
            "source": content.source,
            "note": content.note,
            "published": published,
            "recorded_at": self.now,
            "department_id": self.department_id,
            "posted_by": self.by.name,
        }

    def _insert(
        self,
        measurement: Measurement,
        number: int,
        columns: RevisionColumns,
        warnings: Sequence[ProblemItem],
        pk: UUID,
        changes: Mapping[str, object],
    ) -> Revision:
        """Write a revision with all that follows from it; `changes`: the new values of columns of the figure."""
        revision = Revision(
            id=pk,
            measurement=measurement,
            number=number,
            quiet=self.quiet,
            warnings=[{"slug": item.slug, **in_both_languages(item.detail)} for item in warnings],
            **columns,
        )
        rows: list[models.Model] = [revision, self._audit_entry(revision)]
        # Cache the approval, also a missing one, so that reading it needs no query.
        revision._state.fields_cache["approval"] = None
        if self.indicator.needs_approval:
            rows.append(approval := Approval(revision=revision))
            revision._state.fields_cache["approval"] = approval
        else:
            series = {"indicator_id": self.indicator.pk, "area_id": self.area.pk}
            rows.append(SeriesChange(**series, quiet=self.quiet, recorded_at=self.now, retry_at=self.now))
        updates = [plain_sql.update_statement(measurement, changes)] if changes else []
        plain_sql.write_together([*updates, *map(plain_sql.insert_statement, rows)])
        for row in rows:
            plain_sql.mark_stored(row)
        for name, value in changes.items():
            setattr(measurement, name, value)
        if not self.indicator.needs_approval:
            signals.series_marked.send(sender=SeriesChange)
        return revision

    def _audit_entry(self, revision: Revision) -> AuditEntry:
        measurement = revision.measurement
        period = Period(measurement.period_start, measurement.period_end)
        fields = {name: str(getattr(revision, name) or "") for name in (*RevisionContent._fields, "published")}
        return log.build_entry(
            by=self.by,
            verb="recorded",
            row=measurement,
            label=f"{self.indicator.code} · {self.area.code} · {period}",
            after={"revision": revision.number, "revision_id": str(revision.pk), **fields},
        )


def mark_changed_series(pairs: Iterable[SeriesKey], *, quiet: bool, now: datetime) -> None:
    """Record, in the transaction of the change, that the targets on these series must be assessed."""
    moment = bulk.moment_text(now)
    encode_row = bulk.fixed_width_encoder("bigint", "bigint", "boolean", bulk.TIMESTAMP_TYPE, bulk.TIMESTAMP_TYPE)
    rows = (encode_row(*pair, quiet, moment, moment) for pair in sorted(set(pairs)))
    bulk.insert_rows(SeriesChange, ("indicator_id", "area_id", "quiet", "recorded_at", "retry_at"), rows)
    signals.series_marked.send(sender=SeriesChange)


def project_current(measurement: Measurement) -> dict[str, object]:
    """Recompute from the revisions which one is in force, and store it.

    Returns the corrected columns with their new values.
    """
    revisions = list(Revision.objects.filter(measurement=measurement).select_related("approval").order_by("number"))
    in_force = current_revision(
        [to_entry(revision) for revision in revisions if state_of(revision) in ("valid", "approved")]
    )
    expected: dict[str, object] = {
        "revisions": len(revisions),
        "revision": in_force.number if in_force else 1,
        **EMPTY_FIGURE,
    }
    if in_force is not None:
        revision = revisions[in_force.number - 1]
        copied_fields = (*RevisionContent._fields, "published", "recorded_at", "department_id", "posted_by")
        expected |= {name: getattr(revision, name) for name in copied_fields}
        expected["current_revision"] = revision.pk
    corrections = {name: value for name, value in expected.items() if getattr(measurement, name) != value}
    if corrections:
        Measurement.objects.filter(pk=measurement.pk).update(**expected)
    return corrections


@transaction.atomic
def rebuild_current(*, by: Actor) -> int:
    """Recompute the current revision of every figure. Returns the number of figures that were wrong."""
    count = 0
    for measurement in Measurement.objects.select_for_update().order_by("pk").iterator(chunk_size=1000):
        if corrections := project_current(measurement):
            before = {name: str(getattr(measurement, name)) for name in corrections}
            after = {name: str(value) for name, value in corrections.items()}
            log.write_entry(by=by, verb="changed", row=measurement, before=before, after=after)
            count += 1
    return count
