"""Triggers of the past: which figures were revised, and which actions were overdue, on a past day."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from kpitracker.lib import clock
from targets.models import Action, Target
from targets.services import revised
from targets.services.conditions import Looked
from targets.services.revised import Revised, Stated


class Past:
    """Revised figures and overdue actions of targets, by the days of publication and by the days of the actions."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._stated: dict[str, list[Stated]] = {}

    def revised(self, looked: Looked) -> Sequence[Revised]:
        """Return the revisions that were published on the day of the evaluation."""
        judged, day = looked.judged, looked.judged.as_of
        figures = [each for each in revised.figures_of(judged) if each[2].published == day]
        self._stated |= revised.history({figure.id for _, _, figure in figures} - self._stated.keys())
        found = []
        for indicator, area, figure in figures:
            stated = self._stated.get(figure.id, [])
            now = next((each for each in stated if each.number == figure.revision), None)
            before = revised.in_force([each for each in stated if each.published is None or each.published < day])
            if now is not None and (change := revised.change_of(indicator, area, figure, before, now)):
                found.append(change)
        return found

    def late(self, looked: Looked) -> Sequence[Action]:
        day = looked.judged.as_of
        return [
            each
            for each in self._actions.get(looked.judged.target.pk, ())
            if each.due_day < day
            and clock.local_day(each.created_at) <= day
            and (each.closed_day is None or each.closed_day > day)
        ]

    @cached_property
    def _actions(self) -> dict[int, list[Action]]:
        found: dict[int, list[Action]] = defaultdict(list)
        rows = Action.objects.filter(target__among=[each.pk for each in self._targets])
        for action in rows.select_related("department"):
            found[action.target_id].append(action)
        return found
