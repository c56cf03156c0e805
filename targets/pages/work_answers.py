"""Alerts and actions on the page of one's own work, each with the form that answers it."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone

from indicators.services.access.person_names import shown_name
from kpitracker.lib.i18n.text import translate
from targets.domain.actions import ActionState
from targets.domain.alerting import AlertState
from targets.models import Action, Alert
from targets.models.action import ACTION_STATE_LABELS
from targets.pages.answer_forms import ActionProgressForm, AlertAnswerForm
from targets.services.text import alert_messages, formatting


@dataclass(slots=True)
class AlertRow:
    """An open alert. `answer` is empty until it was acknowledged; `form` None: the reader may not answer."""

    pk: str
    title: str
    url: str
    sentence: str
    rule: str
    since: str
    answer: str
    promised: str
    is_promise_late: bool
    form: AlertAnswerForm | None
    is_open: bool = False


@dataclass(slots=True)
class ActionRow:
    """An open action. `days_late`: 0 while its due day has not passed."""

    pk: str
    title: str
    url: str
    text: str
    state: str
    who: str
    due: str
    late: str
    outcome: str
    form: ActionProgressForm | None
    is_open: bool = False


def build_alert_row(alert: Alert, today: date, *, may_answer: bool, refused: AlertAnswerForm | None) -> AlertRow:
    """`refused`: the form that was sent for this alert and refused."""
    is_answered = AlertState(alert.state) is AlertState.ACKNOWLEDGED
    promised = alert.promised_day if is_answered else None
    opened = timezone.localtime(alert.opened_at).date()
    return AlertRow(
        pk=str(alert.pk),
        title=str(alert.target),
        url=reverse("target", args=[alert.target.identifier]),
        sentence=alert_messages.dated_alert_line(alert),
        rule=str(alert.rule),
        since=short_day(opened),
        answer=f"{shown_name(alert.acknowledged_by)}: {alert.acknowledgement_note}" if is_answered else "",
        promised=short_day(promised) if promised else "",
        is_promise_late=bool(promised and promised < today),
        form=(refused or AlertAnswerForm(None, alert)) if may_answer else None,
        is_open=refused is not None,
    )


def build_action_row(action: Action, today: date, *, may_report: bool, refused: ActionProgressForm | None) -> ActionRow:
    """`refused`: the form that was sent for this action and refused."""
    return ActionRow(
        pk=str(action.pk),
        title=str(action.target),
        url=reverse("target", args=[action.target.identifier]),
        text=action.text,
        state=str(ACTION_STATE_LABELS[ActionState(action.state)]),
        who=", ".join(str(part) for part in (action.department, action.person) if part),
        due=short_day(action.due_day),
        late=describe_late((today - action.due_day).days),
        outcome=action.outcome,
        form=(refused or ActionProgressForm(None, action)) if may_report else None,
        is_open=refused is not None,
    )


def describe_late(days: int) -> str:
    """Such as `12 days late`; empty when it is not late."""
    if days <= 0:
        return ""
    return translate(f"{days} {'day' if days == 1 else 'days'} late", f"quá hạn {days} ngày")


def short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
