"""Roll-up of assessed targets (domain.md section 7): counts, score and coverage. Values do not enter a score."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, NamedTuple, TypedDict, TypeVar

from indicators.domain.rounding import round_half_up, to_plain_string

from .choices import Status, VersionState

_POINTS_BY_STATUS: Final = {
    Status.MET: Decimal(1),
    Status.EXCEEDED: Decimal(1),
    Status.ON_TRACK: Decimal(1),
    Status.AT_RISK: Decimal("0.5"),
}
_Key = TypeVar("_Key")


class ScoredTarget(NamedTuple):
    """The part of an assessed target that a roll-up needs. `department`: that which answers; None: there is none."""

    status: Status
    weight: Decimal
    stale: bool
    department: str | None
    section: str
    section_en: str = ""
    cooperating: tuple[str, ...] = ()
    actions_open: int = 0
    actions_overdue: int = 0
    state: VersionState = VersionState.ADOPTED
    is_heading: bool = False


_Groups = dict[str | None, list[ScoredTarget]]


class TotalsPayload(TypedDict):
    """`counts`: numbers of `targets` by status. Headings, suspended and withdrawn targets are counted apart.

    `score_best`: the score if all that have no data were met.
    """

    targets: int
    headings: int
    counts: dict[str, int]
    suspended: int
    withdrawn: int
    stale: int
    actions_open: int
    actions_overdue: int
    score: str | None
    score_best: str | None
    coverage: str | None


class DepartmentTotalsPayload(TotalsPayload):
    """`including_subdepartments`: targets of the department and of all below it."""

    department: str | None
    cooperating: TotalsPayload
    including_subdepartments: TotalsPayload


class SectionTotalsPayload(TotalsPayload):
    """`section_en`: the first English name that a target of the section has."""

    section: str
    section_en: str


class RollUp(TypedDict):
    """Totals of all targets, by department and by section."""

    totals: TotalsPayload
    by_department: list[DepartmentTotalsPayload]
    by_section: list[SectionTotalsPayload]


def compute_totals(targets: Iterable[ScoredTarget]) -> TotalsPayload:
    """Return counts by status, the number of stale targets, score and coverage: of the targets without parts.

    Silence never raises a score: what has no data stands in the divisor with nothing. Score and coverage are in percent to
    one decimal; None if there is no weight.
    """
    all_targets = list(targets)
    states = Counter(target.state for target in all_targets)
    counted = [target for target in all_targets if not target.state.is_ended]
    targets = [target for target in counted if not target.is_heading]
    counts = Counter(target.status for target in targets)
    weights: dict[Status, Decimal] = defaultdict(Decimal)
    for target in targets:
        weights[target.status] += target.weight
    total_weight = sum(weights.values(), Decimal())
    scored_weight = total_weight - weights[Status.NOT_DUE]
    points = sum((weight * _POINTS_BY_STATUS.get(status, 0) for status, weight in weights.items()), Decimal())
    return {
        "targets": len(targets),
        "headings": len(counted) - len(targets),
        "counts": {status.value: counts[status] for status in Status},
        "suspended": states[VersionState.SUSPENDED],
        "withdrawn": states[VersionState.WITHDRAWN],
        "stale": sum(target.stale for target in targets),
        "actions_open": sum(target.actions_open for target in counted),
        "actions_overdue": sum(target.actions_overdue for target in counted),
        "score": format_percent(points, scored_weight),
        "score_best": format_percent(points + weights[Status.NO_DATA], scored_weight),
        "coverage": format_percent(scored_weight - weights[Status.NO_DATA], total_weight),
    }


def format_percent(part: Decimal | int, whole: Decimal | int) -> str | None:
    """Format a part in percent of a whole, to one decimal; None if the whole is 0."""
    return None if whole <= 0 else to_plain_string(round_half_up(100 * Decimal(part) / whole, 1))


def roll_up(targets: Sequence[ScoredTarget], ancestors: Mapping[str, Sequence[str]] | None = None) -> RollUp:
    """Return totals of all targets, by department (as lead, as cooperating, with departments below it) and by section.

    `ancestors`: for the code of a department, the codes of the departments above it.
    """
    return {
        "totals": compute_totals(targets),
        "by_department": _totals_by_department(targets, ancestors or {}),
        "by_section": [
            {
                "section": section,
                "section_en": next((target.section_en for target in group if target.section_en), ""),
                **compute_totals(group),
            }
            for section, group in sorted(_group_by(targets, lambda target: [target.section]).items())
        ],
    }


def _totals_by_department(
    targets: Sequence[ScoredTarget], ancestors: Mapping[str, Sequence[str]]
) -> list[DepartmentTotalsPayload]:
    by_lead: _Groups = _group_by(targets, lambda target: [target.department])
    by_cooperating: _Groups = _group_by(targets, lambda target: target.cooperating)
    by_subtree: _Groups = _group_by(
        targets, lambda target: [target.department, *ancestors.get(target.department, ())] if target.department else []
    )
    codes = sorted(code for code in {*by_cooperating, *by_subtree} if code is not None)
    return [
        {
            "department": code,
            **compute_totals(by_lead.get(code, ())),
            "cooperating": compute_totals(by_cooperating.get(code, ())),
            "including_subdepartments": compute_totals(by_subtree.get(code, ()) if code else by_lead.get(None, ())),
        }
        for code in [*codes, *([None] if None in by_lead else [])]
    ]


def _group_by(
    targets: Iterable[ScoredTarget], keys_of: Callable[[ScoredTarget], Iterable[_Key]]
) -> dict[_Key, list[ScoredTarget]]:
    groups: dict[_Key, list[ScoredTarget]] = defaultdict(list)
    for target in targets:
        for key in keys_of(target):
            groups[key].append(target)
    return groups
