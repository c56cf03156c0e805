"""Which webhooks get the events of a target: their department must have to do with it and be allowed to read it."""

from functools import cached_property
from typing import NamedTuple

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.db.locks_and_triggers import lock_for_reference
from targets.models import Target, Webhook


class _Subscriber(NamedTuple):
    """A webhook, and the indicators (ids) that are hidden from it.

    `family`: the ids of its department and of those below it, None for the whole organisation.
    """

    webhook: Webhook
    subtree: set[int] | None
    hidden_indicators: set[int]


class SubscriberIndex:
    """The active webhooks, read when first needed: most runs write no deliveries."""

    def for_target(self, target: Target, event: str) -> list[Webhook]:
        """Return the webhooks for an event of a target, never one whose department may not see the indicator."""
        department_ids: set[int] | None = None
        webhooks = []
        for webhook, subtree, hidden_indicators in self._subscribers:
            if (webhook.events and event not in webhook.events) or target.indicator_id in hidden_indicators:
                continue
            if subtree is not None:
                department_ids = _department_ids(target) if department_ids is None else department_ids
                if subtree.isdisjoint(department_ids):
                    continue
            webhooks.append(webhook)
        return webhooks

    @cached_property
    def _subscribers(self) -> list[_Subscriber]:
        active = Webhook.objects.filter(active=True).order_by("pk")
        lock_for_reference(active)
        return [_to_subscriber(webhook) for webhook in active]


def _load_hidden_indicators(department_id: int) -> set[int]:
    indicator_ids: set[int] = Indicator.objects.hidden_from(Actor("", department_id))
    return indicator_ids


def _to_subscriber(webhook: Webhook) -> _Subscriber:
    if webhook.department_id is None:
        return _Subscriber(webhook, None, set())
    subtree = Department.objects.subtree_ids(webhook.department_id)
    return _Subscriber(webhook, subtree, _load_hidden_indicators(webhook.department_id))


def _department_ids(target: Target) -> set[int]:
    """Return the ids of the answerable and the cooperating departments of a target."""
    answerable_ids = {target.responsible_department.pk} if target.responsible_department else set()
    return answerable_ids | set(target.cooperating.values_list("pk", flat=True))
