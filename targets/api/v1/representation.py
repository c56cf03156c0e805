"""Builds the response bodies of targets, assessments, actions, comments, alerts and silences."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor, Scope
from kpitracker.lib.errors import Item
from kpitracker.lib.rendering import timestamp
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
from targets.services import actions, answering, coming, explanations, headings, messages, rows, sentences, words
from targets.services.headings import Family
from targets.services.judging import Judged
from targets.services.terms import version_in_force


def _number(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def terms_row(version: TargetVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "lower": _number(version.lower),
        "upper": _number(version.upper),
        "lower_open": version.lower_open,
        "upper_open": version.upper_open,
        "baseline": _number(version.baseline),
        "baseline_date": rows.day(version.baseline_date),
        "profile": version.profile or None,
        "milestones": version.milestones,
        "tolerance": _number(version.tolerance),
        "tolerance_percent": _number(version.tolerance_percent),
        "act": version.act,
        "reason": version.reason,
        "announced": version.announced.isoformat(),
        "state": version.state,
    }


def target_row(target: Target, today: date, counted: tuple[int, int], family: Family) -> dict[str, Any]:
    """A target with the version in force today, or with the latest one before any is announced.

    `action_counts`: how many actions are open, and how many of these are overdue.
    """
    version = version_in_force(target, today) or max(target.all_versions, key=lambda each: each.number)
    return {
        "id": target.identifier,
        "plan": target.plan.code,
        "indicator": target.indicator.code,
        "area": target.area.code,
        "period": str(target.period),
        "goal": target.goal or None,
        **terms_row(version),
        "weight": _number(target.weight),
        "department": target.department.code if target.department else None,
        "cooperating": sorted(department.code for department in target.cooperating.all()),
        "heading": family.heading,
        "components": list(family.components),
        "section": target.section,
        "result_due": rows.day(target.result_due),
        "about": target.about,
        "qualitative": target.qualitative,
        "source": target.source,
        "note": target.note,
        "in_words": words.of_version(target, version),
        "actions_open": counted[0],
        "actions_overdue": counted[1],
    }


def target_rows(targets: Iterable[Target], by: Actor) -> list[dict[str, Any]]:
    """The targets as the caller may see them, in a fixed number of queries."""
    targets, today = list(targets), clock.today()
    counts, families = actions.open_counts(targets, today), headings.of_targets(targets, by)
    return [target_row(each, today, counts.get(each.pk, (0, 0)), families[each.pk]) for each in targets]


def version_row(target: Target, version: TargetVersion, warnings: Iterable[Item] | None = None) -> dict[str, Any]:
    row = {
        "target": target.identifier,
        "in_words": words.of_version(target, version),
        **terms_row(version),
        "source": version.source,
        "note": version.note,
        "recorded_at": timestamp(version.recorded_at),
    }
    return row if warnings is None else row | {"warnings": warning_rows(warnings)}


def warning_rows(warnings: Iterable[Item]) -> list[dict[str, Any]]:
    return [{"slug": item.slug, "pointer": item.pointer, "detail": item.detail} for item in warnings]


def labelled(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the label of its status in the language of the request, and with times as the API writes them."""
    found = row | {"label": messages.label(row["status"], provisional=row["provisional"])}
    if "changed_at" in row:
        found["changed_at"] = timestamp(row["changed_at"])
    return found


def status(judged: Judged) -> dict[str, Any]:
    found = explanations.status(judged)
    found["explanation"]["sentence"] = sentences.why(found)
    return labelled(found)


def stored_row(assessment: Assessment, as_of: str) -> dict[str, Any]:
    return labelled(
        {
            **assessment.body,
            **rows.place(assessment.target),
            "as_of": as_of,
            "since": assessment.since.isoformat(),
            "changed_at": assessment.changed_at,
            "change": str(assessment.change),
        }
    )


def change_row(change: StatusChange) -> dict[str, Any]:
    return {
        "target": change.target.identifier,
        "from": change.before or None,
        "to": change.after,
        "day": change.day.isoformat(),
        "recorded_at": timestamp(change.recorded_at),
        "version": change.version,
    }


def action_row(action: Action, today: date) -> dict[str, Any]:
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
        "closed_day": rows.day(action.closed_day),
        "outcome": action.outcome,
        "created_at": timestamp(action.created_at),
        "created_by": action.created_by,
    }


def action_rows(found: Iterable[Action]) -> list[dict[str, Any]]:
    today = clock.today()
    return [action_row(action, today) for action in found]


def comment_row(comment: Comment) -> dict[str, Any]:
    def link(pk: Any) -> str | None:
        return None if pk is None else str(pk)

    return {
        "id": str(comment.pk),
        "target": comment.target.identifier if comment.target else None,
        "measurement": link(comment.measurement_id),
        "alert": link(comment.alert_id),
        "action": link(comment.action_id),
        "text": comment.text,
        "author": comment.author,
        "created_at": timestamp(comment.created_at),
        "withdrawn_at": timestamp(comment.withdrawn_at),
    }


def alert_row(alert: Alert) -> dict[str, Any]:
    return {
        "id": str(alert.pk),
        "rule": alert.rule.code,
        "severity": alert.severity,
        "target": alert.target.identifier,
        "state": alert.state,
        "status": alert.status,
        "opened_at": timestamp(alert.opened_at),
        "resolved_at": timestamp(alert.resolved_at),
        "message": messages.sentence(alert.facts),
        "told_on": rows.day(alert.told_on),
        "level": alert.level,
        "parent": str(alert.parent_id) if alert.parent_id else None,
        "next_look_at": timestamp(alert.look_at),
        "acknowledged_at": timestamp(alert.acknowledged_at),
        "acknowledged_by": alert.acknowledged_by,
        "explanation": alert.explanation,
        "promised": rows.day(alert.promised),
        "resolved_by": alert.resolved_by,
        "resolve_reason": alert.resolve_reason,
    }


def alert_detail(alert: Alert, by: Actor) -> dict[str, Any]:
    """The alert with its notifications in order. Only administrators see those sent to webhooks."""
    told = alert.deliveries.select_related("contact").order_by("pk")
    if not by.may(Scope.ADMIN):
        told = told.filter(webhook=None)
    return {
        **alert_row(alert),
        "next": coming.of(alert).value,
        "lacks_action": answering.lacks_action(alert),
        "told": [_told(each, by) for each in told],
    }


def _told(delivery: Delivery, by: Actor) -> dict[str, Any]:
    """Only administrators see the address of a contact; other callers see the name of the contact."""
    named = delivery.contact is not None and not by.may(Scope.ADMIN)
    return {
        "event": delivery.event,
        "channel": delivery.channel,
        "recipient": delivery.contact.name if named and delivery.contact else delivery.recipient,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due_at": timestamp(delivery.due_at),
        "sent_at": timestamp(delivery.sent_at),
    }


def silence_row(silence: Silence, alert: Alert) -> dict[str, Any]:
    return {
        "id": str(silence.pk),
        "alert": str(alert.pk),
        "starts_at": timestamp(silence.starts_at),
        "ends_at": timestamp(silence.ends_at),
        "author": silence.author,
        "reason": silence.reason,
    }
