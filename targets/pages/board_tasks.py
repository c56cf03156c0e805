"""What is open about a target of the board, in a few words: the first alert and the action that is due first."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.text import Truncator

from kpitracker.lib.i18n.text import translate
from targets.models import Action, Target
from targets.services.reports.board import BoardTarget
from targets.services.text import formatting

_LONGEST_TEXT = 80  # of an action, in characters; the whole text is on the page of the target


class Task(NamedTuple):
    """`text` leads to `url`; `note` says who has to do it by when. `is_late`: that day has passed."""

    url: str
    text: str
    note: str
    is_late: bool = False


def list_tasks(row: BoardTarget, url: str) -> list[Task]:
    """`url`: the page of the target."""
    return [*_alert_tasks(row, url), *_action_tasks(row, url)]


def _alert_tasks(row: BoardTarget, url: str) -> list[Task]:
    if not row.alerts:
        return []
    first, count = row.alerts[0], len(row.alerts)
    day = _short_day(timezone.localtime(first.opened_at).date())
    text = translate(f"alert of {day}", f"cảnh báo {day}")
    state = (
        translate("acknowledged", "đã tiếp nhận")
        if first.acknowledged
        else translate("not acknowledged", "chưa tiếp nhận")
    )
    return [Task(f"{url}#alerts", text, f"{state}{_more(count)}")]


def _action_tasks(row: BoardTarget, url: str) -> list[Task]:
    if not row.actions:
        return []
    action = row.actions[0]
    is_late = action.due_day < row.evaluation.as_of
    day = _short_day(action.due_day)
    due = translate(f"due {day}", f"hạn {day}")
    parts = [*_doers(action, row.evaluation.target), due, translate("late", "quá hạn") if is_late else ""]
    note = ", ".join(part for part in parts if part)
    return [
        Task(f"{url}#actions", Truncator(action.text).chars(_LONGEST_TEXT), f"{note}{_more(len(row.actions))}", is_late)
    ]


def _doers(action: Action, target: Target) -> list[str]:
    """Who has to do it, where it is not the department that answers for the target anyway."""
    other = action.department if action.department != target.answers_for else None
    return [str(part) for part in (action.person, other) if part]


def _more(count: int) -> str:
    return translate(f"; {count - 1} more", f"; còn {count - 1} nữa") if count > 1 else ""


def _short_day(day: date) -> str:
    return formatting.format_short_day(day.isoformat())
