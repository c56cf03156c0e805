"""Evaluate targets as of a day: load the figures once, then call the pure core. Nothing is stored."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from indicators.domain.value_resolver import ValueResolver
from indicators.services.figures.series import SeriesCatalogue, load_catalogue, load_resolvers
from targets.domain import assessment as core
from targets.domain.choices import VersionState
from targets.domain.judgements import JudgementInForce
from targets.models import Target, TargetVersion
from targets.payloads.assessments import AssessmentPayload
from targets.services.evaluation import manual_judgements, payloads, target_versions


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The assessment of a target under one of its versions as of a day.

    `state`: that of the version in force. A suspended or withdrawn target keeps the assessment of the day before.
    `is_heading`: the target has parts in this roll-up; without a number it stands as they do.
    """

    target: Target
    version: TargetVersion
    as_of: date
    assessment: core.AssessmentResult
    state: VersionState
    is_heading: bool = False

    @property
    def is_ended(self) -> bool:
        """Whether the target is suspended or withdrawn, and so counts nowhere."""
        return self.state.is_ended

    @property
    def payload(self) -> AssessmentPayload:
        return payloads.assessment_payload(self.target, self.version, self.assessment, self.state)


class EvaluationTask(NamedTuple):
    """A target to be evaluated under a version, as of a day: of a suspended or withdrawn target the day before that."""

    target: Target
    version: TargetVersion
    state: VersionState
    day: date


def evaluate_version(
    task: EvaluationTask, book: ValueResolver, as_of: date, judgement: JudgementInForce | None = None
) -> Evaluation:
    """Evaluate one target. The resolver and the judgement are those of the day of the task."""
    assessment = core.assess(
        terms=target_versions.to_target_terms(task.target, task.version),
        indicator=task.target.indicator.code,
        resolver=book,
        as_of=task.day,
        judgement=judgement,
    )
    if task.state.is_ended:
        assessment = replace(assessment, overdue=False, next_due=None, unchanged_through=None)
    return Evaluation(task.target, task.version, as_of, assessment, task.state)


def plan_tasks(targets: Iterable[Target], as_of: date, recorded_by: datetime | None = None) -> Iterator[EvaluationTask]:
    """Yield what must be evaluated as of a day. Targets not yet announced are left out."""
    for target in targets:
        version = target_versions.find_version_in_force(target, as_of, recorded_by)
        if version is not None:
            yield _task_under(target, version, as_of, recorded_by)


def _task_under(target: Target, version: TargetVersion, as_of: date, recorded_by: datetime | None) -> EvaluationTask:
    in_force = target_versions.find_version_in_force(target, as_of, recorded_by)
    state = VersionState((in_force or version).state)
    day = target_versions.find_assessed_day(target, as_of, recorded_by) if state.is_ended else as_of
    return EvaluationTask(target, version, state, day)


def evaluate_target(
    *, target: Target, as_of: date, today: date, version: str | None = None, recorded_by: datetime | None = None
) -> Evaluation:
    """Evaluate one target as of a day, from what was known then.

    Raises `NotFound` (not-announced), `ValidationProblem` for a version that does not exist.
    """
    chosen_version = target_versions.effective_version(target, as_of, version, recorded_by)
    task = _task_under(target, chosen_version, as_of, recorded_by)
    return _evaluate_tasks([task], as_of, today, recorded_by)[0]


def evaluate_targets(
    *, targets: Iterable[Target], as_of: date, today: date, recorded_by: datetime | None = None
) -> list[Evaluation]:
    """Evaluate many targets in a fixed number of queries, and as many again for each day on which some of them ended.

    Targets not yet announced are left out.
    """
    return _evaluate_tasks(list(plan_tasks(targets, as_of, recorded_by)), as_of, today, recorded_by)


def evaluate_targets_on_days(
    *, targets: Sequence[Target], days: Sequence[date], today: date, recorded_by: datetime | None = None
) -> list[list[Evaluation]]:
    """As `evaluate_targets` for each of the days; what is the same on every day is read once."""
    catalogue = load_catalogue({(target.indicator_id, target.area_id) for target in targets})
    return [
        _evaluate_tasks(list(plan_tasks(targets, day, recorded_by)), day, today, recorded_by, catalogue) for day in days
    ]


def _evaluate_tasks(
    tasks: Sequence[EvaluationTask],
    as_of: date,
    today: date,
    recorded_by: datetime | None,
    catalogue: SeriesCatalogue | None = None,
) -> list[Evaluation]:
    tasks_by_day: dict[date, list[EvaluationTask]] = defaultdict(list)
    for task in tasks:
        tasks_by_day[task.day].append(task)
    evaluations: dict[int, Evaluation] = {}
    for day, tasks_of_day in tasks_by_day.items():
        targets = [task.target for task in tasks_of_day]
        pairs = {(target.indicator_id, target.area_id) for target in targets}
        books = load_resolvers(pairs, day, today, recorded_by, catalogue=catalogue)
        judgement_by_target = manual_judgements.load_judgements(targets, day, recorded_by)
        for task in tasks_of_day:
            target = task.target
            judgement = judgement_by_target.get(target.pk)
            evaluations[target.pk] = evaluate_version(task, books[target.area_id], as_of, judgement)
    return [evaluations[task.target.pk] for task in tasks]
