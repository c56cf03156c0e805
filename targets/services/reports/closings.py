"""Close a plan: freeze its scorecard, read it again, and compare it with what has been recorded since."""

import hashlib
import json
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.formats import date_format

from indicators.domain.periods import Period
from indicators.domain.rounding import to_plain_string
from indicators.models import Indicator, Revision
from indicators.querysets import RevisionQuerySet
from indicators.services.figures.series import source_series
from kpitracker.lib import clock, crud
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.audit import log
from kpitracker.lib.errors import NotFound, PreconditionFailed, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.renderers import iso_timestamp
from kpitracker.lib.text_validation import is_blank
from targets.domain.assessment import AssessmentResult
from targets.domain.choices import Status, VersionState
from targets.domain.heading_statuses import HeadingInput, settle_headings
from targets.domain.rollup import ScoredTarget, compute_totals, roll_up
from targets.models import Closing, Plan, Target, TargetVersion
from targets.payloads.explanations import VersionExplanation
from targets.payloads.scorecards import (
    ClosingComparisonPayload,
    FrozenScorecard,
    FrozenTarget,
    LaterAmendmentPayload,
    LaterRevisionPayload,
)
from targets.services.evaluation import changes, payloads
from targets.services.evaluation.evaluate import Evaluation, evaluate_targets
from targets.services.evaluation.explanations import explain_evaluations
from targets.services.planning import plans
from targets.services.reports import scorecards

# A transaction that began up to this long before a closing may commit after it: its rows are older than the closing, but
# the closing did not read them.
_MAX_TRANSACTION_TIME = timedelta(hours=1)
_UNRESTRICTED_ACTOR = Actor("closing", None, ALL_SCOPES)


class VisibleClosing(NamedTuple):
    """A closing as one user may read it. `digest` is the SHA-256 of `content`.

    `has_all_targets`: no target is hidden from the reader. False for every department, even if nothing is hidden from it:
    otherwise it could infer that something is.
    """

    closing: Closing
    content: str
    digest: str
    has_all_targets: bool

    @property
    def scorecard(self) -> FrozenScorecard:
        scorecard: FrozenScorecard = json.loads(self.content)
        return scorecard


@transaction.atomic
def close_plan(
    *, plan: Plan, by: Actor, now: datetime, reason: str, as_of: date | None = None, last_seen: int | None = None
) -> Closing:
    """Freeze the scorecard of a plan as of a day, from what has been recorded until now.

    From the last day of the plan's period on, closing also locks the plan's periods. `last_seen`: the number of the last
    closing that the caller has seen, 0 for none. Raises `Forbidden` (not-your-plan), `ValidationProblem` (required,
    invalid-date), `PreconditionFailed` if there are later closings.
    """
    plans.check_owner(plan.department, by)
    if is_blank(reason):
        raise ValidationProblem("required", text("Give a reason.", "Hãy nêu lý do."), pointer="/reason")
    today = clock.local_day(now)
    day = as_of or today
    if day > today:
        detail = text(
            f"as_of may not be after today ({date_format(today)}).",
            f"as_of không được sau hôm nay ({date_format(today)}).",
        )
        raise ValidationProblem("invalid-date", detail, pointer="/as_of")
    # Posting a figure takes a shared lock on the plans that read it. So each figure is either committed before the closing
    # and in its scorecard, or checked after it against the locked periods.
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    if day >= plan.period_end and (plan.locked_through is None or plan.locked_through < plan.period_end):
        plans.update_plan(plan=plan, by=by, locked_through=plan.period_end)
    last_number = _last_number(plan, last_seen)
    content = _build_content(plan, day, today, now)
    closing = Closing(
        plan=plan,
        number=last_number + 1,
        as_of=day,
        recorded_by=now,
        reason=reason,
        content=content,
        digest=content_digest(content),
        closed_by=by.name,
        recent=_read_recent_ids(plan, now),
    )
    crud.check_row(closing)
    closing.save(force_insert=True)
    # The audit log leaves out the content: the row keeps it, and the digest identifies it.
    audit_values = {
        "plan": plan.code,
        "number": closing.number,
        "as_of": str(day),
        "reason": reason,
        "digest": closing.digest,
    }
    log.write_entry(by=by, verb="created", row=closing, after=audit_values)
    return closing


def _last_number(plan: Plan, last_seen: int | None) -> int:
    """The number of the last closing, 0 for none. Raises `PreconditionFailed` if the caller has not seen it."""
    last_number: int = plan.closings.aggregate(last=Max("number"))["last"] or 0
    if last_seen is not None and last_number > last_seen:
        detail = text(
            "It was closed meanwhile; nothing more was stored. Send it again to close it once more.",
            "Vừa có người chốt kế hoạch này; chưa lưu thêm gì. Gửi lần nữa nếu vẫn muốn chốt.",
        )
        raise PreconditionFailed(detail=detail)
    return last_number


def content_digest(content: str) -> str:
    """SHA-256 over the UTF-8 of the content, in hexadecimal digits."""
    return hashlib.sha256(content.encode()).hexdigest()


def _serialize_scorecard(scorecard: FrozenScorecard) -> str:
    return json.dumps(scorecard, ensure_ascii=False, separators=(",", ":"))


def _build_content(plan: Plan, as_of: date, today: date, now: datetime) -> str:
    query = scorecards.ScorecardQuery(plan, as_of, today, _UNRESTRICTED_ACTOR, recorded_by=now)
    evaluations = scorecards.evaluate_plan(query)
    scored_targets = scorecards.to_scored_targets(evaluations, as_of)
    own_evaluations = evaluate_targets(
        targets=[row.target for row in evaluations if row.is_heading], as_of=as_of, today=today, recorded_by=now
    )
    own_assessments = {row.target.pk: row.assessment for row in own_evaluations}
    identifiers = {row.target.pk: row.target.identifier for row in evaluations}
    return _serialize_scorecard(
        {
            "plan": {
                "code": plan.code,
                "name": plan.name,
                "name_en": plan.name_en,
                "area": plan.area.code,
                "period": str(plan.period),
                "issuer": plan.issuer,
                "act": plan.act,
            },
            "as_of": as_of.isoformat(),
            "recorded_by": iso_timestamp(now),
            **roll_up(scored_targets, scorecards.department_ancestors()),
            "targets": [
                _target_payload(
                    evaluation,
                    scored_target,
                    explanation,
                    heading=identifiers.get(evaluation.target.heading_id or 0),
                    own=own_assessments.get(evaluation.target.pk, evaluation.assessment),
                )
                for evaluation, scored_target, explanation in zip(
                    evaluations, scored_targets, explain_evaluations(evaluations), strict=True
                )
            ],
        }
    )


def _target_payload(
    evaluation: Evaluation,
    scored_target: ScoredTarget,
    explanation: VersionExplanation,
    *,
    heading: str | None,
    own: AssessmentResult,
) -> FrozenTarget:
    return {
        **evaluation.payload,
        **payloads.target_fields(evaluation.target),
        "heading": heading,
        "own_status": own.status.value,
        "own_rule": own.rule.value,
        "weight": to_plain_string(evaluation.target.weight),
        "cooperating": list(scored_target.cooperating),
        "actions_open": scored_target.actions_open,
        "actions_overdue": scored_target.actions_overdue,
        "explanation": explanation,
    }


def get_closing(plan: Plan, number: int) -> Closing:
    """Raises `NotFound`."""
    closing: Closing | None = Closing.objects.filter(plan=plan, number=number).first()
    if closing is None:
        raise NotFound(detail=text(f"{plan.code} has no closing {number}.", f"{plan.code} không có lần chốt {number}."))
    return closing


def visible_closing(closing: Closing, by: Actor) -> VisibleClosing:
    """The closing without the targets that the caller may not see; then the totals and the digest are recomputed.

    Raises `RuntimeError` when the content does not match its digest.
    """
    if content_digest(closing.content) != closing.digest:
        raise RuntimeError(f"The content of {closing} does not match its digest.")
    hidden_ids = Indicator.objects.hidden_from(by)
    hidden_codes = (
        set(Indicator.objects.filter(pk__in=hidden_ids).values_list("code", flat=True)) if hidden_ids else set()
    )
    stored = VisibleClosing(closing, closing.content, closing.digest, by.sees_everything)
    if not hidden_codes:
        return stored
    scorecard = stored.scorecard
    visible_rows = [row for row in scorecard["targets"] if row["indicator"] not in hidden_codes]
    if len(visible_rows) == len(scorecard["targets"]):
        return stored
    visible_rows, heading_ids = _settle_rows(visible_rows)
    scored_targets = [_to_scored_target(row, is_heading=row["target"] in heading_ids) for row in visible_rows]
    rolled_up = roll_up(scored_targets, scorecards.department_ancestors())
    content = _serialize_scorecard({**scorecard, **rolled_up, "targets": visible_rows})
    return VisibleClosing(closing, content, content_digest(content), False)


def _settle_rows(rows: Sequence[FrozenTarget]) -> tuple[list[FrozenTarget], Collection[int | str]]:
    """The rows with the statuses of headings that follow from these rows alone, and the ids of the headings."""
    statuses = settle_headings(
        HeadingInput(
            row["target"],
            row.get("heading"),
            Status(row.get("own_status", row["status"])),
            VersionState(row.get("state", VersionState.ADOPTED)),
            row["qualitative"],
        )
        for row in rows
    )
    settled: list[FrozenTarget] = []
    for row in rows:
        if row["qualitative"] and row["target"] in statuses:
            settled.append({**row, "status": statuses[row["target"]].value})
        else:
            own_status, own_rule = row.get("own_status", row["status"]), row.get("own_rule", row["rule"])
            settled.append({**row, "status": own_status, "rule": own_rule})
    return settled, statuses.keys()


def _to_scored_target(row: FrozenTarget, *, is_heading: bool) -> ScoredTarget:
    return ScoredTarget(
        status=Status(row["status"]),
        state=VersionState(row.get("state", VersionState.ADOPTED)),
        is_heading=is_heading,
        weight=Decimal(row["weight"]),
        stale=row["freshness"]["overdue"],
        # Closings of earlier releases name who answered as the department.
        department=row.get("answers_for", row["department"]),
        section=row["section"],
        # Closings that were stored before sections had two languages lack it.
        section_en=row.get("section_en", ""),
        cooperating=tuple(row["cooperating"]),
        actions_open=row["actions_open"],
        actions_overdue=row["actions_overdue"],
    )


def compare_closing(closing: Closing, *, by: Actor, as_of: date, today: date) -> ClosingComparisonPayload:
    """What differs as of a day: the targets, and every revision and amendment recorded since the closing."""
    scorecard = visible_closing(closing, by).scorecard
    evaluations = scorecards.evaluate_plan(scorecards.ScorecardQuery(closing.plan, as_of, today, by))
    current_totals = compute_totals(scorecards.to_scored_targets(evaluations, as_of))
    return {
        "plan": closing.plan.code,
        "number": closing.number,
        "as_of": as_of.isoformat(),
        "before": scorecard["totals"],
        "after": current_totals,
        "targets": changes.diff_summaries(
            map(changes.summarize_row, scorecard["targets"]), map(changes.summarize_evaluation, evaluations)
        ),
        "figures": [_revision_payload(revision) for revision in _revisions_since(closing, by)],
        "amendments": [_version_payload(version) for version in _versions_since(closing, by)],
    }


def _plan_revisions_after(revisions: RevisionQuerySet, plan: Plan, by: Actor, since: datetime) -> list[Revision]:
    """Those of `revisions` recorded after a moment on the series that the plan's targets read, in recording order."""
    targets = list(Target.objects.visible_to(by).filter(plan=plan))
    if not targets:
        return []
    series = source_series({(target.indicator_id, target.area_id) for target in targets})
    last_day = max(target.period_end for target in targets)
    candidates = revisions.for_series(series, "measurement__").filter(
        _recorded_after(since), measurement__period_start__lte=last_day
    )
    ordered = candidates.select_related("measurement__indicator", "measurement__area", "department").order_by("pk")
    return [
        revision for revision in ordered if (revision.measurement.indicator_id, revision.measurement.area_id) in series
    ]


def _read_recent_ids(plan: Plan, now: datetime) -> dict[str, list[str] | list[int]]:
    """The ids of the revisions and versions of the last hour that the closing reads.

    A comparison uses them to distinguish these rows from others of that hour that were committed later.
    """
    since = now - _MAX_TRANSACTION_TIME
    versions = TargetVersion.objects.filter(target__plan=plan, recorded_at__gt=since)
    return {
        "revisions": sorted(
            revision.pk.hex
            for revision in _plan_revisions_after(Revision.objects.all(), plan, _UNRESTRICTED_ACTOR, since)
        ),
        "versions": sorted(versions.values_list("pk", flat=True)),
    }


def _recorded_after(moment: datetime) -> Q:
    """Recorded, or approved, after a moment."""
    return Q(recorded_at__gt=moment) | Q(approval__decided_at__gt=moment)


def _revisions_since(closing: Closing, by: Actor) -> list[Revision]:
    """Revisions that count now and did not count at the closing, in recording order."""
    frozen_ids = set(closing.recent["revisions"])
    candidates = _plan_revisions_after(
        Revision.objects.valid(), closing.plan, by, closing.recorded_by - _MAX_TRANSACTION_TIME
    )
    return [revision for revision in candidates if revision.pk.hex not in frozen_ids]


def _versions_since(closing: Closing, by: Actor) -> QuerySet[TargetVersion]:
    targets = Target.objects.visible_to(by).filter(plan=closing.plan)
    versions = TargetVersion.objects.filter(
        target__in=targets, recorded_at__gt=closing.recorded_by - _MAX_TRANSACTION_TIME
    )
    return versions.exclude(pk__in=closing.recent["versions"]).select_related("target").order_by("pk")


def _revision_payload(revision: Revision) -> LaterRevisionPayload:
    measurement = revision.measurement
    return {
        "id": str(measurement.pk),
        "indicator": measurement.indicator.code,
        "area": measurement.area.code,
        "period": str(Period(measurement.period_start, measurement.period_end)),
        "revision": revision.number,
        "value": None if revision.value is None else to_plain_string(revision.value),
        "stage": revision.stage,
        "published": payloads.iso_date(revision.published) or "unknown",
        "recorded_at": iso_timestamp(revision.recorded_at),
        "department": revision.department.code if revision.department else None,
        "current": measurement.current_revision == revision.pk,
    }


def _version_payload(version: TargetVersion) -> LaterAmendmentPayload:
    return {
        "target": version.target.identifier,
        "version": version.number,
        "announced": version.announced.isoformat(),
        "act": version.act,
        "reason": version.reason,
        "recorded_at": iso_timestamp(version.recorded_at),
    }
