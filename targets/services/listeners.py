"""Which webhooks get the events of a target: their department must have to do with it and be allowed to read it."""

from functools import cached_property
from typing import NamedTuple

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.database import hold
from targets.models import Target, Webhook


class _Listener(NamedTuple):
    """A webhook, and the indicators (ids) that are hidden from it.

    `family`: the ids of its department and of those below it, None for the whole organisation.
    """

    webhook: Webhook
    family: set[int] | None
    hidden: set[int]


class Listeners:
    """The active webhooks, read when first needed: most runs write no deliveries."""

    def of(self, target: Target, event: str) -> list[Webhook]:
        """Return the webhooks for an event of a target, never one whose department may not see the indicator."""
        concerned: set[int] | None = None
        found = []
        for webhook, family, hidden in self._all:
            if (webhook.events and event not in webhook.events) or target.indicator_id in hidden:
                continue
            if family is not None:
                concerned = _departments(target) if concerned is None else concerned
                if family.isdisjoint(concerned):
                    continue
            found.append(webhook)
        return found

    @cached_property
    def _all(self) -> list[_Listener]:
        active = Webhook.objects.filter(active=True).order_by("pk")
        hold(active)
        return [_listener(each) for each in active]


def _hidden_from(department: int) -> set[int]:
    hidden: set[int] = Indicator.objects.hidden_from(Actor("", department))
    return hidden


def _listener(webhook: Webhook) -> _Listener:
    if webhook.department_id is None:
        return _Listener(webhook, None, set())
    family = Department.objects.family(webhook.department_id)
    return _Listener(webhook, family, _hidden_from(webhook.department_id))


def _departments(target: Target) -> set[int]:
    """Return the ids of the answerable and the cooperating departments of a target."""
    answerable = {target.answerable.pk} if target.answerable else set()
    return answerable | set(target.cooperating.values_list("pk", flat=True))
