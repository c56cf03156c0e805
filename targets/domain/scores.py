"""Roll-up of assessed targets (domain.md section 7): counts, score and coverage. Values do not enter a score."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

from indicators.domain.rounding import half_up, plain

from .vocabulary import Status

_POINTS: Final = {
    Status.MET: Decimal(1),
    Status.EXCEEDED: Decimal(1),
    Status.ON_TRACK: Decimal(1),
    Status.AT_RISK: Decimal("0.5"),
}
_UNKNOWN: Final = (Status.NOT_DUE, Status.NO_DATA)


class Counted(NamedTuple):
    """The part of an assessed target that a roll-up needs. `department`: the responsible one; None: there is none."""

    status: Status
    weight: Decimal
    stale: bool
    department: str | None
    section: str
    cooperating: tuple[str, ...] = ()
    actions_open: int = 0
    actions_overdue: int = 0


def totals(targets: Iterable[Counted]) -> dict[str, Any]:
    """Return counts by status, the number of stale targets, score and coverage.

    Score and coverage are in percent to one decimal; None if there is no weight.
    """
    targets = list(targets)
    counts = Counter(each.status for each in targets)
    weights: dict[Status, Decimal] = defaultdict(Decimal)
    for each in targets:
        weights[each.status] += each.weight
    whole = sum(weights.values(), Decimal())
    known = whole - sum((weights[status] for status in _UNKNOWN), Decimal())
    won = sum((weight * _POINTS.get(status, 0) for status, weight in weights.items()), Decimal())
    return {
        "targets": len(targets),
        "counts": {status.value: counts[status] for status in Status},
        "stale": sum(each.stale for each in targets),
        "actions_open": sum(each.actions_open for each in targets),
        "actions_overdue": sum(each.actions_overdue for each in targets),
        "score": percent(won, known),
        "coverage": percent(known, whole),
    }


def percent(part: Decimal | int, whole: Decimal | int) -> str | None:
    """Format a part in percent of a whole, to one decimal; None if the whole is 0."""
    return None if whole <= 0 else plain(half_up(100 * Decimal(part) / whole, 1))


def roll_up(targets: Sequence[Counted], above: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """Return totals of all targets, by department (as lead, as cooperating, with departments below it) and by section.

    `ancestors`: for the code of a department, the codes of the departments above it.
    """
    return {
        "totals": totals(targets),
        "by_department": _by_department(targets, above or {}),
        "by_section": [
            {"section": section, **totals(group)}
            for section, group in sorted(_grouped(targets, lambda each: [each.section]).items())
        ],
    }


def _by_department(targets: Sequence[Counted], above: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    lead = _grouped(targets, lambda each: [each.department])
    helping = _grouped(targets, lambda each: each.cooperating)
    family = _grouped(
        targets, lambda each: [each.department, *above.get(each.department, ())] if each.department else []
    )
    codes: list[str | None] = sorted({*helping, *family})
    return [
        {
            "department": code,
            **totals(lead.get(code, ())),
            "cooperating": totals(helping.get(code, ())),
            "with_below": totals(family.get(code, ()) if code else lead.get(None, ())),
        }
        for code in codes + ([None] if None in lead else [])
    ]


def _grouped(targets: Iterable[Counted], keys: Callable[[Counted], Iterable[Any]]) -> dict[Any, list[Counted]]:
    groups: dict[Any, list[Counted]] = defaultdict(list)
    for each in targets:
        for key in keys(each):
            groups[key].append(each)
    return groups
