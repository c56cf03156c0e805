"""Departments that have posted nothing of what is due: one alert is told, and what else is overdue waits for its end."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from kpitracker.lib.models import Counter
from targets.domain.rules import RuleKind
from targets.models import Alert, AlertRule, Assessment, Target
from targets.services.conditions import Looked

# Of a single target the alert about it says all there is to say.
_LEAST = 2


class Silent:
    """What one round of decisions knows of them; asked when an overdue figure is about to be told."""

    def __init__(self) -> None:
        self._owed: dict[int, int] = {}
        self._leading: dict[tuple[int, int], Alert] = {}

    def leader(self, rule: AlertRule, alert: Alert, target: Target) -> tuple[Alert | None, int]:
        """The alert that is told for all of its department (it may be this one), and how many targets wait for figures;
        (None, 0) where the department has posted something.
        """
        department = target.answerable
        if RuleKind(rule.kind) is not RuleKind.OVERDUE or department is None:
            return None, 0
        owed = self._of(department.pk)
        if owed < _LEAST:
            return None, 0
        key = rule.pk, department.pk
        if key not in self._leading:
            self._leading[key] = _told(rule, department.pk).exclude(pk=alert.pk).first() or alert
        return self._leading[key], owed

    def _of(self, department: int) -> int:
        """Targets that wait for figures; 0 where any has what was due."""
        if department not in self._owed:
            # One at a time: of two that find nobody told each would tell.
            Counter.hold("silent")
            rows = _answered_by(Assessment.objects.all(), department)
            fresh = rows.filter(overdue=False).exclude(body__freshness__expected_through=None)
            self._owed[department] = 0 if fresh.exists() else rows.filter(overdue=True).count()
        return self._owed[department]


def release(*, looked: Iterable[Looked], closed: Collection[Alert], now: datetime) -> None:
    """What waited is decided about anew: where a department has posted something, and where the alert told for all is over."""
    waiting = Alert.objects.filter(parent__isnull=False, state="pending")
    if not waiting.exists():
        return
    posted = {each.judged.target.answerable.pk for each in looked if each.news and each.judged.target.answerable}
    freed = {pk for department in posted for pk in _answered_by(waiting, department).values_list("pk", flat=True)}
    freed |= set(waiting.filter(parent__in=[each.pk for each in closed]).values_list("pk", flat=True))
    waiting.filter(pk__in=freed).update(parent=None, look_at=now)


def _told(rule: AlertRule, department: int) -> QuerySet[Alert]:
    """Alerts of a rule that people of a department know of, the oldest first."""
    known = Alert.objects.filter(rule=rule, state__in=["firing", "acknowledged"], parent=None)
    return _answered_by(known, department).order_by("opened_at", "pk")


def _answered_by(rows: QuerySet[Any], department: int) -> QuerySet[Any]:
    """As `Target.answerable` has it."""
    answerable = Coalesce("target__department", "target__indicator__department")
    found: QuerySet[Any] = rows.annotate(answerable=answerable).filter(answerable=department)
    return found
