"""Approval by a second person: figures that count only after another user of the department has approved them."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from indicators.domain.figures import RecordOutcome
from indicators.domain.periods import Period
from indicators.models import Approval, Indicator, Measurement, Revision
from indicators.services.catalogue import reporting_duties
from indicators.services.figures import recording, revision_store
from indicators.services.figures.recording import RecordResult
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Forbidden, NotFound, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.text_validation import is_blank


@transaction.atomic
def decide_approvals(*, revisions: Collection[UUID], approve: bool, by: Actor, now: datetime, reason: str = "") -> int:
    """Approve or reject the pending ones of these revisions (ids), all or none. Returns how many were pending.

    `published` does not change; an approved revision is known from the moment of the approval. Raises `Forbidden`
    (second-person-needed) for figures that the caller posted, for API keys and for users of other departments,
    `ValidationProblem` (required) for a rejection without a reason, `Conflict` (period-locked).
    """
    if not approve and is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    approvals = Approval.objects.visible_to(by).filter(pk__in=revisions, state="pending").order_by("pk")
    pending = list(
        approvals.select_for_update(of=("self",)).select_related("revision__measurement__indicator__department")
    )
    # Lock all figures in one order before writing any: two callers with the same figures would deadlock otherwise.
    list(
        Measurement.objects.filter(pk__in={pending_approval.revision.measurement_id for pending_approval in pending})
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    for approval in pending:
        _decide_approval(approval, approve, by, now, reason)
    return len(pending)


def _decide_approval(approval: Approval, approve: bool, by: Actor, now: datetime, reason: str) -> None:
    revision = approval.revision
    measurement = Measurement.objects.select_for_update(of=("self",)).get(pk=revision.measurement_id)
    indicator, area = measurement.indicator, measurement.area
    _check_second_person(approval, indicator, measurement, by, now)
    if approve:
        period = Period(measurement.period_start, measurement.period_end)
        recording.check_period_open(indicator=indicator, area=area, period=period, by=by, now=now)
    approval.state = "approved" if approve else "rejected"
    # A caller that waited for the lock may have read the clock before the revision was recorded.
    approval.decided_at, approval.decided_by, approval.reason = max(now, revision.recorded_at), by.name, reason
    approval.save(force_update=True)
    if approve:
        revision_store.project_current(measurement)
        revision_store.mark_changed_series({(indicator.pk, area.pk)}, quiet=revision.quiet, now=now)
    log.write_entry(
        by=by,
        verb=approval.state,
        row=measurement,
        after={"revision": revision.number, "revision_id": str(revision.pk), "reason": reason},
    )


@transaction.atomic
def take_back_figure(*, figure_id: UUID, reason: str, by: Actor, now: datetime) -> RecordResult:
    """Take back the revisions of a figure that wait for approval: they never count, and wait no longer.

    The result has the last one. Its outcome is UNCHANGED when the figure was taken back before. Raises `NotFound` where none
    waits that the caller sees, `ValidationProblem` (required: the reason), `Forbidden` (other-department: another department
    posted it).
    """
    if is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    Measurement.objects.select_for_update(of=("self",)).filter(pk=figure_id).first()
    approvals = Approval.objects.visible_to(by).filter(revision__measurement=figure_id).order_by("revision__number")
    rows = list(approvals.select_related("revision__measurement__indicator", "revision__measurement__area"))
    pending = [approval for approval in rows if approval.state == "pending"]
    taken_back = pending or [
        approval for approval in rows if approval.state == "rejected" and approval.decided_by == by.name
    ]
    if not taken_back:
        raise NotFound()
    for approval in pending:
        if not _is_poster(approval.revision, by):
            raise _not_the_poster()
        approval.state, approval.decided_by, approval.reason = "rejected", by.name, reason
        approval.decided_at = max(now, approval.revision.recorded_at)
        approval.save(force_update=True)
        after = {"revision": approval.revision.number, "revision_id": str(approval.revision.pk), "reason": reason}
        log.write_entry(by=by, verb="revoked", row=approval.revision.measurement, after=after)
    revision = taken_back[-1].revision
    measurement = revision.measurement
    outcome = RecordOutcome.REVISED if pending else RecordOutcome.UNCHANGED
    warnings = revision_store.parse_warnings(revision)
    return RecordResult(outcome, revision, measurement, measurement.indicator, measurement.area, None, warnings)


def _is_poster(revision: Revision, by: Actor) -> bool:
    """Whether the actor posted the revision, or another of the same department. Who has no department acts for all."""
    return revision.posted_by == by.name or by.department in (None, revision.department_id)


def _not_the_poster() -> Forbidden:
    return Forbidden(
        detail=text("Only the department that posted it takes it back.", "Chỉ đơn vị đã gửi mới rút lại được."),
    )


def _check_second_person(
    approval: Approval, indicator: Indicator, measurement: Measurement, by: Actor, now: datetime
) -> None:
    today = clock.local_day(now)
    reporters = reporting_duties.departments_on_duty(indicator=indicator, area=measurement.area, day=today)
    is_own_department = by.department is None or bool(
        reporters & reporting_duties.represented_departments(by.department, today)
    )
    if (
        by.person is None
        or not by.may(Scope.FIGURES_WRITE)
        or not is_own_department
        or approval.revision.posted_by == by.name
    ):
        raise Forbidden(
            "second-person-needed",
            text(
                f"{measurement}: a second person of the department must approve it, not the one who posted it.",
                f"{measurement}: cần người thứ hai của đơn vị duyệt, không phải người gửi.",
            ),
        )
