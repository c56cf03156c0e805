"""Inhibition: if a department posted none of its due figures, one alert covers all and inhibits its other alerts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from kpitracker.lib.models import Counter
from targets.domain.rules import RuleKind
from targets.models import Alert, AlertRule, Assessment, Target
from targets.services.conditions import Looked

# A single overdue target needs no alert for the department.
_LEAST = 2


class Silent:
    """The departments without any posted figure, in one run. Read when an alert about overdue figures may open."""

    def __init__(self) -> None:
        self._owed: dict[int, int] = {}
        self._leading: dict[tuple[int, int], Alert] = {}

    def leader(self, rule: AlertRule, alert: Alert, target: Target) -> tuple[Alert | None, int]:
        """Return the alert that covers the department (maybe this one) and the number of targets that wait for figures.

        Return (None, 0) if the rule is of another kind, or the department has posted something.
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
        """Return the number of targets that wait for figures; 0 if any target has its due figures."""
        if department not in self._owed:
            # One process at a time: two that find no open alert would both open one.
            Counter.hold("silent")
            rows = _answered_by(Assessment.objects.all(), department)
            fresh = rows.filter(overdue=False).exclude(body__freshness__expected_through=None)
            self._owed[department] = 0 if fresh.exists() else rows.filter(overdue=True).count()
        return self._owed[department]


def release(*, looked: Iterable[Looked], closed: Collection[Alert], now: datetime) -> None:
    """Release inhibited alerts whose department has posted something, or whose inhibiting alert is closed.

    The next check of a released alert is due now.
    """
    waiting = Alert.objects.filter(parent__isnull=False, state="pending")
    if not waiting.exists():
        return
    posted = {each.judged.target.answerable.pk for each in looked if each.news and each.judged.target.answerable}
    freed = {pk for department in posted for pk in _answered_by(waiting, department).values_list("pk", flat=True)}
    freed |= set(waiting.filter(parent__in=[each.pk for each in closed]).values_list("pk", flat=True))
    waiting.filter(pk__in=freed).update(parent=None, look_at=now)


def _told(rule: AlertRule, department: int) -> QuerySet[Alert]:
    """Return the open alerts of a rule and a department that are not inhibited, the oldest first."""
    known = Alert.objects.filter(rule=rule, state__in=["firing", "acknowledged"], parent=None)
    return _answered_by(known, department).order_by("opened_at", "pk")


def _answered_by(rows: QuerySet[Any], department: int) -> QuerySet[Any]:
    """Filter rows by the answerable department of their target. Same rule as `Target.answerable`, in SQL."""
    answerable = Coalesce("target__department", "target__indicator__department")
    found: QuerySet[Any] = rows.annotate(answerable=answerable).filter(answerable=department)
    return found
