"""What is done about a target, with the forms of those who may: answers to alerts, actions, comments."""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django import forms
from django.urls import reverse
from django.utils import timezone

from indicators.services.access.person_names import shown_name
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.i18n.text import translate
from targets.domain.actions import ActionState, is_overdue
from targets.domain.alerting import AlertState
from targets.models import Action, Alert, Comment, Target
from targets.models.action import ACTION_STATE_LABELS
from targets.models.alert import ALERT_STATE_CHOICES
from targets.pages.answer_forms import ActionProgressForm, ActionRequestForm, AlertAnswerForm, NewCommentForm
from targets.services.alerting import user_responses
from targets.services.planning import actions, comments
from targets.services.text import alert_messages, formatting

_ALERT_STATES = dict(ALERT_STATE_CHOICES)
_MOST = 50  # of each kind, newest first; the rest is in the back office


class RefusedForm(NamedTuple):
    """A form that was sent and refused. `key`: the id of the alert or action, or the name of the form."""

    key: str
    form: forms.Form


@dataclass(slots=True)
class ResponseRow:
    """An alert, action or comment. `form` None: nothing is to be done about it, or not by the reader.

    `url`: its page in the back office. `late`: what is late about it, in words.
    """

    pk: str
    title: str
    text: str
    by: str
    day: str
    url: str = ""
    note: str = ""
    late: str = ""
    is_ended: bool = False
    form: forms.Form | None = None
    is_refused: bool = False


def list_responses(target: Target, by: Actor, refused: RefusedForm | None = None) -> dict[str, Any]:
    """The values of the template `target_responses.html`. The number of queries does not grow with the rows."""
    today = clock.today()
    alerts = _load_alerts(target, by)
    open_alerts = [alert for alert in alerts if AlertState(alert.state).is_active]
    answerable = user_responses.find_answerable(target, open_alerts, by)
    rows = list(Action.objects.visible_to(by).for_list().filter(target=target).order_by("-due_day", "-pk")[:_MOST])
    reportable = actions.find_reportable(target, [row for row in rows if row.closed_day is None], by)
    new_action = ActionRequestForm(None, target, today) if actions.may_create(target, by) else None
    return {
        "target": target,
        "alerts": [_alert_row(alert, refused, may_answer=alert.pk in answerable) for alert in alerts],
        "actions": [_action_row(row, refused, today, may_report=row.pk in reportable) for row in rows],
        "comments": _list_comments(target, by),
        "new_action": _form_of("new-action", refused) or new_action,
        "new_comment": _form_of("new-comment", refused) or (NewCommentForm(None) if comments.may_comment(by) else None),
        "refused": refused.key if refused else "",
    }


def _load_alerts(target: Target, by: Actor) -> list[Alert]:
    alerts = Alert.objects.visible_to(by).filter(target=target).exclude(state="pending").select_related("rule")
    return list(alerts.order_by("-opened_at")[:_MOST])


def _form_of(key: str, refused: RefusedForm | None) -> forms.Form | None:
    return refused.form if refused and refused.key == key else None


def _alert_row(alert: Alert, refused: RefusedForm | None, *, may_answer: bool) -> ResponseRow:
    key, parts = str(alert.pk), [str(_ALERT_STATES[alert.state])]
    if alert.acknowledged_at:
        parts.append(f"{shown_name(alert.acknowledged_by)}: {alert.acknowledgement_note}")
    if alert.resolved_by:
        parts.append(f"{shown_name(alert.resolved_by)}: {alert.resolution_reason}")
    promised = alert.promised_day
    note = translate(f"Promised day {short_day(promised)}", f"Ngày cam kết {short_day(promised)}") if promised else ""
    return ResponseRow(
        key,
        str(alert.rule),
        alert_messages.dated_alert_line(alert),
        ". ".join(parts),
        short_day(timezone.localtime(alert.opened_at).date()),
        reverse("admin:targets_alert_change", args=[alert.pk]),
        note,
        is_ended=not AlertState(alert.state).is_active,
        form=_form_of(key, refused) or (AlertAnswerForm(None, alert) if may_answer else None),
        is_refused=bool(_form_of(key, refused)),
    )


def _action_row(action: Action, refused: RefusedForm | None, today: date, *, may_report: bool) -> ResponseRow:
    key = str(action.pk)
    is_late = is_overdue(ActionState(action.state), action.due_day, today)
    return ResponseRow(
        key,
        action.text,
        action.outcome,
        ", ".join(str(part) for part in (action.department, action.person) if part),
        short_day(action.due_day),
        reverse("admin:targets_action_change", args=[action.pk]),
        str(ACTION_STATE_LABELS[ActionState(action.state)]),
        translate("late", "quá hạn") if is_late else "",
        is_ended=action.closed_day is not None,
        form=_form_of(key, refused) or (ActionProgressForm(None, action) if may_report else None),
        is_refused=bool(_form_of(key, refused)),
    )


def _list_comments(target: Target, by: Actor) -> list[ResponseRow]:
    rows = Comment.objects.visible_to(by).filter(target=target, withdrawn_at=None).order_by("-created_at")
    return [
        ResponseRow(
            str(comment.pk),
            "",
            comment.text,
            shown_name(comment.author),
            short_day(timezone.localtime(comment.created_at).date()),
        )
        for comment in rows[:_MOST]
    ]


def short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
