"""Triggers of the past: which figures were revised, and which actions were overdue, on a past day."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from kpitracker.lib import clock
from targets.models import Action, Target
from targets.services.alerting import revisions
from targets.services.alerting.matching import EvaluatedTarget
from targets.services.alerting.revisions import RevisedFigure, RevisionRecord


class HistoricalTriggers:
    """Revised figures and overdue actions of targets, by the days of publication and by the days of the actions."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._records_by_figure: dict[str, list[RevisionRecord]] = {}

    def revised_figures(self, evaluated: EvaluatedTarget) -> Sequence[RevisedFigure]:
        """Return the revisions that were published on the day of the evaluation."""
        evaluation, day = evaluated.evaluation, evaluated.evaluation.as_of
        figures = [item for item in revisions.iter_revised_figures(evaluation) if item[2].published == day]
        self._records_by_figure |= revisions.load_revision_records(
            {figure.id for _, _, figure in figures} - self._records_by_figure.keys()
        )
        changes = []
        for indicator, area, figure in figures:
            records = self._records_by_figure.get(figure.id, [])
            current = next((record for record in records if record.number == figure.revision), None)
            previous = revisions.record_in_force(
                [record for record in records if record.published is None or record.published < day]
            )
            if current is not None and (
                change := revisions.to_revised_figure(indicator, area, figure, previous, current)
            ):
                changes.append(change)
        return changes

    def overdue_actions(self, evaluated: EvaluatedTarget) -> Sequence[Action]:
        day = evaluated.evaluation.as_of
        return [
            action
            for action in self._actions_by_target.get(evaluated.evaluation.target.pk, ())
            if action.due_day < day
            and clock.local_day(action.created_at) <= day
            and (action.closed_day is None or action.closed_day > day)
        ]

    @cached_property
    def _actions_by_target(self) -> dict[int, list[Action]]:
        by_target: dict[int, list[Action]] = defaultdict(list)
        rows = Action.objects.filter(target__among=[target.pk for target in self._targets])
        for action in rows.select_related("department"):
            by_target[action.target_id].append(action)
        return by_target
