"""Evaluate hypothetical figures and terms with the ordinary core. Nothing is stored and no alert opens."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.value_resolver import ValueResolver
from indicators.models import Area, Indicator
from indicators.querysets import SeriesKey
from indicators.services.figures.recording import check_not_computed
from indicators.services.figures.series import load_resolvers
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ProblemItem, Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.rollup import compute_totals, roll_up
from targets.models import Plan, Target, TargetVersion
from targets.payloads.scorecards import WhatIfDocument
from targets.services.evaluation import changes, manual_judgements, target_versions
from targets.services.evaluation.evaluate import (
    Evaluation,
    EvaluationTask,
    evaluate_targets,
    evaluate_version,
    plan_tasks,
)
from targets.services.planning import targets
from targets.services.reports import scorecards

# Values of the fields of an amendment, by the name of the field.
HypotheticalTerms = Mapping[str, object]
# A recording order after that of every stored figure.
_AFTER_ALL_RECORDED = 1 << 128


class HypotheticalFigure(NamedTuple):
    """A hypothetical figure. `area` None: the target's area, or the home area; `value` None: as if withdrawn."""

    period: Period
    value: Decimal | None
    indicator: str | None = None
    area: str | None = None
    qualifier: str = ""
    stage: str = ""


class WhatIfResult(NamedTuple):
    """The same targets evaluated without and with the hypothetical figures and terms."""

    before: list[Evaluation]
    after: list[Evaluation]


def simulate_target(
    *,
    target: Target,
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[HypotheticalFigure],
    band: HypotheticalTerms,
) -> WhatIfResult:
    """Evaluate one target as of a day, which may be in the future. A figure without an indicator is the target's.

    Raises `ValidationProblem`, `Unprocessable` (unknown-..., computed-indicator), `NotFound` (not-announced).
    """
    target_versions.effective_version(target, as_of)
    complete_figures = _complete_figures(target, figures)
    return _simulate_targets([target], by, as_of, today, complete_figures, {target.identifier: band} if band else {})


def _complete_figures(target: Target, figures: Sequence[HypotheticalFigure]) -> list[HypotheticalFigure]:
    return [
        figure._replace(indicator=figure.indicator or target.indicator.code, area=figure.area or target.area.code)
        for figure in figures
    ]


class TargetInPlan(NamedTuple):
    """A target without and with the suppositions, and the score of its plan beside it, over the targets given."""

    before: Evaluation
    after: Evaluation
    score_before: str | None
    score_after: str | None


def simulate_target_in_plan(
    *,
    target: Target,
    plan_targets: list[Target],
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[HypotheticalFigure],
    band: HypotheticalTerms,
) -> TargetInPlan:
    """Evaluate one of the targets of a plan as of a day, as `simulate_target`, and the score of all of them."""
    target_versions.effective_version(target, as_of)
    complete_figures = _complete_figures(target, figures)
    bands = {target.identifier: band} if band else {}
    result = _simulate_targets(plan_targets, by, as_of, today, complete_figures, bands)
    day = min(as_of, today)
    scores = [compute_totals(scorecards.to_scored_targets(rows, day))["score"] for rows in result]
    before, after = (next(row for row in rows if row.target.pk == target.pk) for rows in result)
    return TargetInPlan(before, after, *scores)


def simulate_plan(
    *,
    plan: Plan,
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[HypotheticalFigure],
    bands: Mapping[str, HypotheticalTerms],
) -> WhatIfDocument:
    """The hypothetical scorecard of a plan, the totals without it (`before`), and each target that would differ."""
    plan_targets = list(Target.objects.for_list().visible_to(by).filter(plan=plan).order_by("section", "identifier"))
    if unknown := sorted(set(bands) - {target.identifier for target in plan_targets}):
        detail = text(f"The plan has no target {unknown[0]!r}.", f"Kế hoạch không có chỉ tiêu {unknown[0]!r}.")
        raise Unprocessable("unknown-target", detail, pointer=f"/bands/{unknown[0]}")
    result = _simulate_targets(plan_targets, by, as_of, today, figures, bands)
    after_rows = scorecards.sort_worst_first(result.after)
    day = min(as_of, today)
    before, after = (scorecards.to_scored_targets(group, day) for group in (result.before, result.after))
    return {
        "as_of": as_of.isoformat(),
        "before": roll_up(before)["totals"],
        **roll_up(after, scorecards.department_ancestors()),
        "changes": changes.diff_summaries(
            map(changes.summarize_evaluation, result.before), map(changes.summarize_evaluation, result.after)
        ),
        "targets": [scorecards.build_list_row(evaluation) for evaluation in after_rows],
    }


def _simulate_targets(
    plan_targets: list[Target],
    by: Actor,
    as_of: date,
    today: date,
    figures: Sequence[HypotheticalFigure],
    bands: Mapping[str, HypotheticalTerms],
) -> WhatIfResult:
    pairs = {(target.indicator_id, target.area_id) for target in plan_targets}
    known_day = min(as_of, today)
    hypothetical = _resolve_figures(figures, by, as_of)
    actual_books, hypothetical_books = (
        load_resolvers(pairs, known_day, today),
        load_resolvers(pairs, known_day, today, overrides=hypothetical),
    )
    judgement_by_target = manual_judgements.load_judgements(plan_targets, as_of)
    tasks = list(plan_tasks(plan_targets, as_of))
    # Nothing hypothetical changes a suspended or withdrawn target.
    ended_targets = [task.target for task in tasks if task.state.is_ended]
    ended = {row.target.pk: row for row in evaluate_targets(targets=ended_targets, as_of=as_of, today=today)}

    def evaluate(task: EvaluationTask, books: Mapping[int, ValueResolver]) -> Evaluation:
        target = task.target
        return ended.get(target.pk) or evaluate_version(
            task, books[target.area_id], as_of, judgement_by_target.get(target.pk)
        )

    before = [evaluate(task, actual_books) for task in tasks]
    after = [
        evaluate(
            task._replace(version=_with_terms(task.target, task.version, bands.get(task.target.identifier))),
            hypothetical_books,
        )
        for task in tasks
    ]
    return WhatIfResult(scorecards.settle(before), scorecards.settle(after))


def _resolve_figures(
    figures: Sequence[HypotheticalFigure], by: Actor, as_of: date
) -> dict[SeriesKey, dict[Period, Figure]]:
    figures_by_series: dict[SeriesKey, dict[Period, Figure]] = defaultdict(dict)
    for position, figure in enumerate(figures):
        try:
            if figure.indicator is None:
                raise ValidationProblem(
                    "required", text("Give the code of an indicator.", "Hãy nêu mã chỉ số."), pointer="/indicator"
                )
            indicator: Indicator = Indicator.objects.visible_to(by).by_code(figure.indicator, "/indicator")
            check_not_computed(indicator)
            area = Area.objects.by_code_or_home(figure.area)
        except DomainError as error:
            raise _prefix_pointers(error, f"/figures/{position}") from error
        figures_by_period = figures_by_series[indicator.pk, area.pk]
        if figure.period in figures_by_period:
            detail = text(f"{figure.period} is given twice.", f"{figure.period} bị lặp.")
            raise ValidationProblem("duplicate-row", detail, pointer=f"/figures/{position}/period")
        figures_by_period[figure.period] = Figure(
            "",
            0,
            *figure.period,
            figure.value,
            figure.qualifier,
            figure.stage,
            # Supposed to be measured: known when its period has ended, or it would count as a forecast.
            max(as_of, figure.period.end),
            _AFTER_ALL_RECORDED + position,
            as_of,
        )
    return figures_by_series


def _prefix_pointers(error: DomainError, prefix: str) -> DomainError:
    items = [ProblemItem(prefix + item.pointer, item.slug, item.detail) for item in error.items]
    return type(error)(items=items) if items else error


def _with_terms(target: Target, version: TargetVersion, band: HypotheticalTerms | None) -> TargetVersion:
    """The version with other terms. Raises the errors of an amendment."""
    return targets.hypothetical_version(target, version, band) if band else version
