"""Figures that wait for a second person, on the page of one's own work: what they would change, and a decision for each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from indicators.models import Approval, Measurement
from indicators.services.access.person_names import shown_name
from indicators.services.figures import approvals, revision_store
from indicators.services.figures.figure_words import format_period, value_with_unit
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import DomainError
from kpitracker.lib.i18n.text import text, translate
from kpitracker.lib.text_validation import clean_text
from targets.pages.refusals import describe_refusal
from targets.services.text import formatting

APPROVE, REJECT = "approve", "reject"
_ALREADY_DECIDED = text(
    "Not stored: another user has decided about this figure in the meantime.",
    "Chưa ghi: người khác đã quyết định về số liệu này.",
)


@dataclass(slots=True)
class ApprovalRow:
    """A figure that waits. `before` and `after`: values in words; `decision` and `reason`: what was typed."""

    pk: UUID
    name: str
    period: str
    area: str
    before: str
    after: str
    poster: str
    details: list[str]
    is_own: bool
    may_decide: bool
    decision: str = ""
    reason: str = ""
    error: str = ""
    is_decided: bool = False


def build_row(approval: Any, by: Actor) -> ApprovalRow:
    """`approval`: of `list_pending_approvals`."""
    revision = approval.revision
    measurement: Measurement = revision.measurement
    is_new = measurement.current_revision == revision_store.EMPTY_FIGURE["current_revision"]
    is_own = revision.posted_by == by.name
    return ApprovalRow(
        pk=approval.pk,
        name=str(measurement.indicator),
        period=format_period(measurement),
        area=str(measurement.area),
        before="" if is_new else value_with_unit(measurement),
        after=value_with_unit(revision),
        poster=shown_name(approval.shown_poster or ""),
        details=_list_details(approval),
        is_own=is_own,
        may_decide=not is_own and by.person is not None and by.may(Scope.FIGURES_WRITE),
    )


def _list_details(approval: Approval) -> list[str]:
    revision = approval.revision
    published = formatting.format_short_day(revision.published.isoformat()) if revision.published else ""
    details = [
        str(revision.get_stage_display()) if revision.stage else "",
        translate(f"published on {published}", f"công bố ngày {published}") if published else "",
        translate(f"source: {revision.source}", f"nguồn: {revision.source}") if revision.source else "",
        translate(f"note: {revision.note}", f"ghi chú: {revision.note}") if revision.note else "",
        *(str(warning.detail) for warning in revision_store.parse_warnings(revision)),
    ]
    return [detail for detail in details if detail]


def read_decisions(rows: Iterable[ApprovalRow], posted: Mapping[str, str]) -> list[str]:
    """Put what was typed into the rows; return a sentence if something was decided that does not wait any more."""
    keys = set()
    for row in rows:
        keys.add(f"decision|{row.pk}")
        row.decision = posted.get(f"decision|{row.pk}", "")
        row.reason = posted.get(f"reason|{row.pk}", "")
    is_gone = any(value and name.startswith("decision|") and name not in keys for name, value in posted.items())
    return [str(_ALREADY_DECIDED)] if is_gone else []


def store_decisions(rows: Iterable[ApprovalRow], *, by: Actor, now: datetime) -> list[str]:
    """Store each decision by itself; return a sentence for each that was stored. Rows that were refused have an `error`."""
    touched = (row for row in rows if row.may_decide and (row.decision or row.reason.strip()))
    return [sentence for row in touched if (sentence := _store_decision(row, by=by, now=now))]


def _store_decision(row: ApprovalRow, *, by: Actor, now: datetime) -> str:
    if row.decision not in (APPROVE, REJECT):
        row.error = str(text("Choose to approve or to reject.", "Hãy chọn duyệt hoặc từ chối."))
        return ""
    try:
        reason = clean_text(row.reason.strip())
        approve = row.decision == APPROVE
        count = approvals.decide_approvals(revisions=[row.pk], approve=approve, by=by, now=now, reason=reason)
    except DomainError as error:
        row.error = describe_refusal(error)
        return ""
    if not count:
        row.error = str(_ALREADY_DECIDED)
        return ""
    row.is_decided = True
    figure = f"{row.name}, {row.period}, {row.area}: {row.after}"
    return translate(
        f"{'Approved' if approve else 'Rejected'}: {figure}.", f"{'Đã duyệt' if approve else 'Đã từ chối'}: {figure}."
    )
