"""How the actual of a target grew inside its period, and how it was expected to grow."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from indicators.domain.choices import Frequency
from indicators.domain.periods import Period, reporting_periods
from indicators.domain.rounding import exact_arithmetic
from targets.domain.actual import compute_actual
from targets.domain.profiles import expected_edges_at
from targets.services.evaluation.evaluate import Evaluation

# Actuals by the day that they are covered through, oldest first, in the unit of the indicator.
Actuals = list[tuple[date, Decimal]]


class TrajectoryPoint(NamedTuple):
    """A day inside the period of a target, in the unit of its indicator. None: there is no such number.

    `actual`: the value that figures give up to that day. `lower`, `upper`: the edges that are expected by that day.
    """

    day: date
    actual: Decimal | None
    lower: Decimal | None
    upper: Decimal | None


def list_actuals(evaluation: Evaluation) -> Actuals:
    """Return the actual at the end of each reporting period that figures reach. Qualitative targets have none."""
    with exact_arithmetic():
        return sorted(dict(_iter_actuals(evaluation)).items())


def build_trajectory(evaluation: Evaluation) -> list[TrajectoryPoint]:
    """Return a point for the end of each reporting period of the target, and for each day on which an actual ends."""
    target, inputs = evaluation.target, evaluation.assessment.inputs
    if target.qualitative:
        return []
    actuals = dict(list_actuals(evaluation))
    ends = {period.end for period in _reporting_periods(evaluation)}
    with exact_arithmetic():
        return [
            TrajectoryPoint(
                day,
                actuals.get(day),
                *expected_edges_at(inputs.terms, target.indicator.code, inputs.resolver, day)[:2],
            )
            for day in sorted(ends | set(actuals))
        ]


def _iter_actuals(evaluation: Evaluation) -> Iterator[tuple[date, Decimal]]:
    target, covered_through = evaluation.target, evaluation.assessment.covered_through
    if target.qualitative or covered_through is None:
        return
    for reporting_period in _reporting_periods(evaluation):
        if reporting_period.start > covered_through:
            break
        period = target.period.until(min(reporting_period.end, covered_through))
        actual = compute_actual(evaluation.assessment.inputs.resolver, target.indicator.code, period)
        if actual is not None:
            yield actual.through, actual.value


def _reporting_periods(evaluation: Evaluation) -> Iterator[Period]:
    target = evaluation.target
    yield from reporting_periods(target.period, Frequency(target.indicator.frequency))
