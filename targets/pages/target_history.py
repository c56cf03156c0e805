"""What was decided, reported and done about a target, as rows of texts for its page."""

from datetime import date
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone

from indicators.services.access.person_names import shown_name
from kpitracker.lib.actor import Actor
from targets.domain.choices import VersionState
from targets.models import Action, Alert, Comment, Target
from targets.models.action import ACTION_STATE_LABELS
from targets.models.alert import ALERT_STATE_CHOICES
from targets.models.target import VERSION_STATE_LABELS
from targets.services.text import formatting, target_terms

_ALERT_STATES = dict(ALERT_STATE_CHOICES)
_MOST = 50  # of each kind, newest first; the rest is in the back office


class Entry(NamedTuple):
    """One row. `url`: the page where it can be changed; empty where there is none."""

    day: str
    title: str
    text: str
    by: str
    url: str = ""
    is_open: bool = False


def list_versions(target: Target, as_of: date) -> list[Entry]:
    """The versions, newest first. `is_open`: announced by then."""
    return [
        Entry(
            formatting.format_short_day(version.announced.isoformat()),
            str(VERSION_STATE_LABELS[VersionState(version.state)]),
            ". ".join(part for part in (target_terms.describe_version(target, version), version.reason) if part),
            version.act,
            is_open=version.announced <= as_of,
        )
        for version in reversed(target.all_versions)
    ]


def list_alerts(target: Target, by: Actor) -> list[Entry]:
    alerts = Alert.objects.visible_to(by).filter(target=target).exclude(state="pending").select_related("rule")
    return [
        Entry(
            formatting.format_short_day(timezone.localtime(alert.opened_at).date().isoformat()),
            str(alert.rule),
            f"{_ALERT_STATES[alert.state]}. {alert.acknowledgement_note}".strip(),
            shown_name(alert.acknowledged_by) if alert.acknowledged_by else "",
            reverse("admin:targets_alert_change", args=[alert.pk]),
            alert.state != "resolved",
        )
        for alert in alerts.order_by("-opened_at")[:_MOST]
    ]


def list_actions(target: Target, by: Actor) -> list[Entry]:
    actions = Action.objects.visible_to(by).for_list().filter(target=target).order_by("-due_day", "-pk")
    return [
        Entry(
            formatting.format_short_day(action.due_day.isoformat()),
            str(ACTION_STATE_LABELS[action.state]),
            ". ".join(part for part in (action.text, action.outcome) if part),
            ", ".join(str(part) for part in (action.department, action.person) if part),
            reverse("admin:targets_action_change", args=[action.pk]),
            action.closed_day is None,
        )
        for action in actions[:_MOST]
    ]


def list_comments(target: Target, by: Actor) -> list[Entry]:
    comments = Comment.objects.visible_to(by).filter(target=target, withdrawn_at=None).order_by("-created_at")
    return [
        Entry(
            formatting.format_short_day(timezone.localtime(comment.created_at).date().isoformat()),
            "",
            comment.text,
            shown_name(comment.author),
        )
        for comment in comments[:_MOST]
    ]
