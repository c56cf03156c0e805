"""What can be supposed about a target: its coming figures and its edges, each with the range of its slider."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from indicators.domain.choices import Accumulation, Frequency
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.rounding import exact_arithmetic, round_half_up
from kpitracker.lib.numbers import canonical_decimal
from targets.domain.choices import Goal
from targets.services.evaluation.evaluate import Evaluation
from targets.services.reports.what_if import HypotheticalFigure

_STEPS = 100  # about how many places a slider has


class Choice(NamedTuple):
    """A number that can be supposed, in the unit of the indicator, and the range and step of its slider."""

    value: Decimal
    least: Decimal
    greatest: Decimal
    step: Decimal


class WhatIfChoices(NamedTuple):
    """`figure`: the value of each coming figure; None where no figure can come. `edges`: those that the goal requires.

    `ends`: the last days of the reporting periods to come.
    """

    figure: Choice | None
    edges: dict[str, Choice]
    ends: list[date]


def list_choices(evaluation: Evaluation) -> WhatIfChoices | None:
    """Return what can be supposed; None for a target without a number, and for one that has ended.

    The figure begins with the value as it came so far: the average of a reporting period where figures add up, else the
    last actual.
    """
    target, version = evaluation.target, evaluation.version
    if target.qualitative or evaluation.is_ended:
        return None
    decimals = target.indicator.decimals
    names = {Goal.AT_LEAST: ("lower",), Goal.AT_MOST: ("upper",)}.get(Goal(target.goal), ("lower", "upper"))
    edges = {name: edge for name in names if (edge := getattr(version, name)) is not None}
    coming = _coming_periods(evaluation)
    with exact_arithmetic():
        figure = _figure_choice(evaluation, list(edges.values()), decimals) if coming else None
        beside = [evaluation.assessment.actual] if evaluation.assessment.actual is not None else []
        return WhatIfChoices(
            figure,
            {name: _choice(edge, beside, decimals) for name, edge in edges.items()},
            [period.end for period in coming],
        )


def suppose_figures(evaluation: Evaluation, value: Decimal, until: date) -> list[HypotheticalFigure]:
    """The coming figures up to a day with the same value: cumulative from the beginning where figures do not add up."""
    target = evaluation.target
    is_cumulative = target.indicator.accumulation == Accumulation.NONE
    return [
        HypotheticalFigure(target.period.until(period.end) if is_cumulative else period, value)
        for period in _coming_periods(evaluation)
        if period.end <= until
    ]


def _coming_periods(evaluation: Evaluation) -> list[Period]:
    """The reporting periods that the actual does not cover yet. A formula is never posted: none."""
    target, covered = evaluation.target, evaluation.assessment.covered_through
    if target.indicator.formula:
        return []
    periods = reporting_periods(target.period, Frequency(target.indicator.frequency))
    return [period for period in periods if covered is None or period.end > covered]


def _figure_choice(evaluation: Evaluation, edges: Sequence[Decimal], decimals: int) -> Choice:
    target, actual = evaluation.target, evaluation.assessment.actual
    periods = reporting_periods(target.period, Frequency(target.indicator.frequency))
    coming = len(_coming_periods(evaluation))
    if target.indicator.accumulation != Accumulation.SUM:
        return _choice(edges[0] if actual is None else _rounded(actual, decimals), edges, decimals)
    past = len(periods) - coming
    reached = actual or Decimal(0)
    needed = [(edge - reached) / coming for edge in edges]
    average = reached / past if past and actual is not None else needed[0]
    return _choice(_rounded(average, decimals), needed, decimals)


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return canonical_decimal(round_half_up(value, decimals))


def _choice(value: Decimal, beside: Sequence[Decimal], decimals: int) -> Choice:
    """A slider that holds the value and the numbers beside it, with room on both sides, and none below 0 without need."""
    numbers = [value, *beside]
    finest = Decimal(1).scaleb(-decimals)
    room = max((max(numbers) - min(numbers)), abs(value) / 4, finest * 10)
    step = max(finest, _round_step(2 * room / _STEPS))
    least = min(numbers) - room
    least = max(least, Decimal(0)) if min(numbers) >= 0 else least
    return Choice(
        value,
        (least / step).to_integral_value(ROUND_FLOOR) * step,
        ((max(numbers) + room) / step).to_integral_value(ROUND_CEILING) * step,
        step,
    )


def _round_step(step: Decimal) -> Decimal:
    """The least of 1, 2 and 5 times a power of ten that is not less."""
    power = Decimal(10) ** step.adjusted()
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step)
