"""Builds the response bodies of targets, assessments, actions, comments, alerts and silences."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from indicators.payloads import WarningPayload
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.rest.renderers import iso_timestamp
from targets.domain.actions import ActionState, is_overdue
from targets.models import (
    Action,
    Alert,
    Assessment,
    Comment,
    Delivery,
    Silence,
    StatusChange,
    Target,
    TargetVersion,
)
from targets.payloads.alerts import AlertDeliveryPayload, AlertDetailPayload, AlertPayload, AlertSilencePayload
from targets.payloads.assessments import (
    AssessmentPayload,
    StatusChangePayload,
    StatusRow,
    TargetStatusDetailPayload,
    TargetStatusPayload,
)
from targets.payloads.targets import (
    ActionDetailPayload,
    AmendmentResultPayload,
    CommentPayload,
    TargetDetailPayload,
    TargetVersionPayload,
    TermsFields,
)
from targets.services.alerting import next_step, user_responses
from targets.services.evaluation import explanations, payloads
from targets.services.evaluation.evaluate import Evaluation
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.planning import actions, headings
from targets.services.planning.headings import HierarchyLinks
from targets.services.planning.targets import TargetResult
from targets.services.text import alert_messages, status_labels, status_sentence, target_terms


def _decimal_string(value: Decimal | None) -> str | None:
    """A number with the zeros with which it was entered: `7.50`, where `to_plain_string` gives `7.5`."""
    return None if value is None else format(value, "f")


def terms_row(version: TargetVersion) -> TermsFields:
    return {
        "lower": _decimal_string(version.lower),
        "upper": _decimal_string(version.upper),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
        "baseline": _decimal_string(version.baseline),
        "baseline_date": payloads.iso_date(version.baseline_date),
        "profile": version.profile or None,
        "milestones": version.milestones,
        "tolerance": _decimal_string(version.tolerance),
        "tolerance_percent": _decimal_string(version.tolerance_percent),
        "act": version.act,
        "state": version.state,
    }


def target_row(
    target: Target, today: date, action_counts: tuple[int, int], hierarchy: HierarchyLinks
) -> TargetDetailPayload:
    """A target with the version in force today or, if no version is announced yet, with the latest one.

    `action_counts`: how many actions are open, and how many of these are overdue.
    """
    version = find_version_in_force(target, today) or max(target.all_versions, key=lambda candidate: candidate.number)
    return {
        "id": target.identifier,
        "plan": target.plan.code,
        "indicator": target.indicator.code,
        "area": target.area.code,
        "period": str(target.period),
        "goal": target.goal or None,
        **terms_row(version),
        "version": version.number,
        "reason": version.reason,
        "announced": version.announced.isoformat(),
        "weight": format(target.weight, "f"),
        "department": target.department.code if target.department else None,
        "answers_for": target.answers_for.code if target.answers_for else None,
        "cooperating": sorted(department.code for department in target.cooperating.all()),
        "heading": hierarchy.heading,
        "components": list(hierarchy.components),
        "section": target.section,
        "section_en": target.section_en,
        "result_due": payloads.iso_date(target.result_due),
        "about": target.about,
        "qualitative": target.qualitative,
        "source": target.source,
        "note": target.note,
        "description": target_terms.describe_version(target, version),
        "actions_open": action_counts[0],
        "actions_overdue": action_counts[1],
    }


def target_rows(targets: Iterable[Target], by: Actor) -> list[TargetDetailPayload]:
    """The targets as the caller may see them, in a fixed number of queries."""
    targets, today = list(targets), clock.today()
    counts, hierarchies = (
        actions.count_open_actions(targets, today),
        headings.load_hierarchy_links(targets, by),
    )
    return [target_row(target, today, counts.get(target.pk, (0, 0)), hierarchies[target.pk]) for target in targets]


def version_row(target: Target, version: TargetVersion) -> TargetVersionPayload:
    return {
        "target": target.identifier,
        "description": target_terms.describe_version(target, version),
        **terms_row(version),
        "version": version.number,
        "announced": version.announced.isoformat(),
        "reason": version.reason,
        "source": version.source,
        "note": version.note,
        "recorded_at": iso_timestamp(version.recorded_at),
    }


def amendment_result(result: TargetResult) -> AmendmentResultPayload:
    """The new version, the warnings about it, and how it changed the assessments of today."""
    return {
        **version_row(result.target, result.version),
        "warnings": warning_rows(result.warnings),
        "changed": result.differences,
    }


def warning_rows(warnings: Iterable[ProblemItem]) -> list[WarningPayload]:
    return [{"slug": item.slug, "pointer": item.pointer, "detail": str(item.detail)} for item in warnings]


def with_label(row: StatusRow) -> TargetStatusPayload:
    """The row with the label of its status in the language of the request."""
    return {**row, "label": status_labels.label_assessment(row, row["goal"] or "")}


def status_detail(evaluation: Evaluation) -> TargetStatusDetailPayload:
    document = explanations.status_document(evaluation)
    return {
        **document,
        "label": status_sentence.label_status(document),
        "explanation": {**document["explanation"], "sentence": status_sentence.explain_status(document)},
    }


def assessment_row(assessment: Assessment, as_of_iso: str) -> TargetStatusPayload:
    payload: AssessmentPayload = assessment.payload
    return with_label(
        {
            **payload,
            # Assessments that were stored by earlier releases lack them.
            "unit_en": assessment.target.indicator.unit_en,
            "state": assessment.state,
            **payloads.target_fields(assessment.target),
            "as_of": as_of_iso,
            "since": assessment.status_since.isoformat(),
            "changed_at": iso_timestamp(assessment.changed_at),
            "change": str(assessment.change),
        }
    )


def status_change_row(change: StatusChange) -> StatusChangePayload:
    return {
        "target": change.target.identifier,
        "from": change.before or None,
        "to": change.after,
        "day": change.day.isoformat(),
        "recorded_at": iso_timestamp(change.recorded_at),
        "version": change.version,
    }


def action_row(action: Action, today: date) -> ActionDetailPayload:
    return {
        "id": str(action.pk),
        "target": action.target.identifier,
        "plan": action.target.plan.code,
        "text": action.text,
        "department": action.department.code if action.department else None,
        "person": action.person,
        "email": action.email,
        "due_day": action.due_day.isoformat(),
        "state": action.state,
        "overdue": is_overdue(ActionState(action.state), action.due_day, today),
        "closed_day": payloads.iso_date(action.closed_day),
        "outcome": action.outcome,
        "created_at": iso_timestamp(action.created_at),
        "created_by": action.created_by,
    }


def action_rows(action_list: Iterable[Action]) -> list[ActionDetailPayload]:
    today = clock.today()
    return [action_row(action, today) for action in action_list]


def comment_row(comment: Comment) -> CommentPayload:
    def id_text(pk: UUID | None) -> str | None:
        return None if pk is None else str(pk)

    return {
        "id": str(comment.pk),
        "target": comment.target.identifier if comment.target else None,
        "measurement": id_text(comment.measurement_id),
        "alert": id_text(comment.alert_id),
        "action": id_text(comment.action_id),
        "text": comment.text,
        "author": comment.author,
        "created_at": iso_timestamp(comment.created_at),
        "withdrawn_at": iso_timestamp(comment.withdrawn_at),
    }


def alert_row(alert: Alert) -> AlertPayload:
    return {
        "id": str(alert.pk),
        "rule": alert.rule.code,
        "severity": alert.severity,
        "target": alert.target.identifier,
        "state": alert.state,
        "status": alert.status,
        "opened_at": iso_timestamp(alert.opened_at),
        "resolved_at": iso_timestamp(alert.resolved_at),
        "message": alert_messages.alert_line(alert),
        "data_missing_since": payloads.iso_date(alert.data_missing_since),
        "last_notified_on": payloads.iso_date(alert.last_notified_on),
        "escalation_level": alert.escalation_level,
        "inhibited_by": str(alert.inhibited_by_id) if alert.inhibited_by_id else None,
        "next_check_at": iso_timestamp(alert.next_check_at),
        "acknowledged_at": iso_timestamp(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
        "acknowledgement_note": alert.acknowledgement_note,
        "promised_day": payloads.iso_date(alert.promised_day),
        "resolved_by": alert.resolved_by,
        "resolution_reason": alert.resolution_reason,
    }


def alert_detail(alert: Alert, by: Actor) -> AlertDetailPayload:
    """The alert with its deliveries in order. Only administrators see those to webhooks."""
    deliveries = Delivery.objects.visible_to(by).filter(alert=alert).with_recipient(by).order_by("pk")
    return {
        **alert_row(alert),
        "next_step": next_step.next_reason(alert).value,
        "has_no_open_action": user_responses.has_no_open_action(alert),
        "deliveries": [_delivery_row(row, row.shown_recipient) for row in deliveries],
    }


def _delivery_row(delivery: Delivery, recipient: str) -> AlertDeliveryPayload:
    """`recipient`: as the caller may see it."""
    return {
        "event": delivery.event,
        "channel": delivery.channel,
        "recipient": recipient,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": iso_timestamp(delivery.due_at),
        "sent_at": iso_timestamp(delivery.sent_at),
    }


def alert_silence_row(silence: Silence, alert: Alert) -> AlertSilencePayload:
    return {
        "id": str(silence.pk),
        "alert": str(alert.pk),
        "starts_at": iso_timestamp(silence.starts_at),
        "ends_at": iso_timestamp(silence.ends_at),
        "author": silence.author,
        "reason": silence.reason,
    }
