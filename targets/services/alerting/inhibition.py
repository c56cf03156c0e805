"""Inhibition: if a department posted none of its due figures, one alert covers all and inhibits its other alerts."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from kpitracker.lib.models import CommitSequence
from targets.domain.rules import RuleKind
from targets.models import Alert, AlertRule, Assessment, Target
from targets.services.alerting.matching import EvaluatedTarget

# A single overdue target needs no alert for the department.
_MIN_TARGETS = 2


class DepartmentInhibition:
    """The departments without any posted figure, in one run. Read when an alert about overdue figures may open."""

    def __init__(self) -> None:
        self._waiting_counts: dict[int, int] = {}
        self._inhibitors: dict[tuple[int, int], Alert] = {}

    def find_inhibitor(self, rule: AlertRule, alert: Alert, target: Target) -> tuple[Alert | None, int]:
        """Return the alert that covers the department (maybe this one) and the number of targets that wait for figures.

        Return (None, 0) if the rule is of another kind, or the department has posted something.
        """
        department = target.responsible_department
        if RuleKind(rule.kind) is not RuleKind.OVERDUE or department is None:
            return None, 0
        waiting_count = self._count_waiting(department.pk)
        if waiting_count < _MIN_TARGETS:
            return None, 0
        key = rule.pk, department.pk
        if key not in self._inhibitors:
            self._inhibitors[key] = _open_alerts(rule, department.pk).exclude(pk=alert.pk).first() or alert
        return self._inhibitors[key], waiting_count

    def _count_waiting(self, department_id: int) -> int:
        """Return the number of targets that wait for figures; 0 if any target has its due figures."""
        if department_id not in self._waiting_counts:
            # One process at a time: two that find no open alert would both open one.
            CommitSequence.lock("silent")
            rows = _filter_by_department(Assessment.objects.all(), department_id)
            up_to_date = rows.filter(overdue=False).exclude(payload__freshness__expected_through=None)
            self._waiting_counts[department_id] = 0 if up_to_date.exists() else rows.filter(overdue=True).count()
        return self._waiting_counts[department_id]


def release_inhibited(
    *, evaluated_targets: Iterable[EvaluatedTarget], closed_alerts: Collection[Alert], now: datetime
) -> None:
    """Release inhibited alerts whose department has posted something, or whose inhibiting alert is closed.

    The next check of a released alert is due now.
    """
    inhibited = Alert.objects.filter(inhibited_by__isnull=False, state="pending")
    if not inhibited.exists():
        return
    department_ids = {
        evaluated.evaluation.target.responsible_department.pk
        for evaluated in evaluated_targets
        if evaluated.is_news and evaluated.evaluation.target.responsible_department
    }
    released_ids = {
        pk
        for department_id in department_ids
        for pk in _filter_by_department(inhibited, department_id).values_list("pk", flat=True)
    }
    released_ids |= set(
        inhibited.filter(inhibited_by__in=[alert.pk for alert in closed_alerts]).values_list("pk", flat=True)
    )
    inhibited.filter(pk__in=released_ids).update(inhibited_by=None, next_check_at=now)


def _open_alerts(rule: AlertRule, department_id: int) -> QuerySet[Alert]:
    """Return the open alerts of a rule and a department that are not inhibited, the oldest first."""
    alerts = Alert.objects.filter(rule=rule, state__in=["firing", "acknowledged"], inhibited_by=None)
    return _filter_by_department(alerts, department_id).order_by("opened_at", "pk")


def _filter_by_department(rows: QuerySet[Any], department_id: int) -> QuerySet[Any]:
    """Filter rows by the answerable department of their target. Same rule as `Target.responsible_department`, in SQL."""
    answerable = Coalesce("target__department", "target__indicator__department")
    filtered: QuerySet[Any] = rows.annotate(answerable=answerable).filter(answerable=department_id)
    return filtered
