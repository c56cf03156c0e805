"""Which webhooks are told of a target: those whose department could read it by a key, and has to do with it."""

from functools import cached_property
from typing import NamedTuple

from indicators.models import Department, Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.database import hold
from targets.models import Target, Webhook


class _Listener(NamedTuple):
    """`family` are the ids of its department and those below it, None for the whole organisation."""

    webhook: Webhook
    family: set[int] | None
    hidden: set[int]


class Listeners:
    """The webhooks in use, read at the first question: most rounds tell nobody anything."""

    def of(self, target: Target, event: str) -> list[Webhook]:
        """Those that are told of a target: never one whose department may not see its indicator."""
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
    """Who answers for a target, and who works for it."""
    answerable = {target.answerable.pk} if target.answerable else set()
    return answerable | set(target.cooperating.values_list("pk", flat=True))
