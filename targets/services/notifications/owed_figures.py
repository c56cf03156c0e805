"""Who owes the figures of a target: the departments with the duty to report the series that it reads."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from indicators.domain.department_succession import successors_on
from indicators.domain.periods import ValidityRange
from indicators.models import Department, Indicator, ReportingDuty
from targets.domain.reporting_obligations import reporters_on
from targets.models import Target


def load_owing_departments(targets: Iterable[Target], day: date) -> dict[int, list[Department]]:
    """By target id, the departments that owe its figures on a day, by code; in a fixed number of queries.

    Of a formula: those that report its inputs. Without a duty it is the department of the indicator.
    """
    targets = list(targets)
    inputs = Indicator.objects.inputs_of({target.indicator_id for target in targets})
    stored = Indicator.objects.filter(pk__in=set().union(*inputs.values()), formula="")
    defaults = dict(stored.values_list("pk", "department"))
    duties: dict[tuple[int, int], list[tuple[int, ValidityRange]]] = defaultdict(list)
    areas = {target.area_id for target in targets}
    rows = ReportingDuty.objects.filter(indicator__in=defaults, area__in=areas)
    for duty in rows:
        validity = ValidityRange(duty.valid_from, duty.valid_to)
        duties[duty.indicator_id, duty.area_id].append((duty.department_id, validity))
    successions = Department.objects.successions()
    ids_by_target: dict[int, set[int]] = {}
    for target in targets:
        series = [(pk, target.area_id) for pk in inputs[target.indicator_id] if pk in defaults]
        reporters = set[int]().union(*(reporters_on(duties[pair], defaults[pair[0]], day) for pair in series))
        ids_by_target[target.pk] = successors_on(reporters, day, successions)
    departments = {row.pk: row for row in Department.objects.filter(pk__in=set[int]().union(*ids_by_target.values()))}
    return {
        pk: sorted((departments[department] for department in ids), key=lambda department: department.code)
        for pk, ids in ids_by_target.items()
    }


def find_targets_owed_by(department_id: int, day: date) -> set[int]:
    """The ids of the targets whose figures a department owes on a day."""
    return {
        pk
        for pk, departments in load_owing_departments(_targets_near(department_id), day).items()
        if any(department.pk == department_id for department in departments)
    }


def _targets_near(department_id: int) -> Collection[Target]:
    """The targets that a department may owe figures for: by its indicators, its duties, and those of its predecessors."""
    successions = Department.objects.successions()
    near = {department_id, *(pk for pk in successions if department_id in successors_on({pk}, date.max, successions))}
    duties = ReportingDuty.objects.filter(department__in=near).values("indicator")
    indicators = set(Indicator.objects.filter(department__in=near).values_list("pk", flat=True))
    indicators |= set(Indicator.objects.filter(pk__in=duties).values_list("pk", flat=True))
    readers = set[int]().union(*Indicator.objects.readers_of(indicators).values())
    return list(Target.objects.filter(indicator__in=readers))
