"""The scorecard of a plan (domain.md section 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Q

from indicators.models import Department
from kpitracker.lib import collector
from kpitracker.lib.actor import Actor
from targets.domain.scores import Counted, roll_up
from targets.models import Assessment, Plan, StatusChange, Target
from targets.services import actions, rows
from targets.services.judging import Judged, judge_many


class Question(NamedTuple):
    """A plan on a day, from what had been recorded by a moment.

    `department` (a code, with all departments below it) and `section` limit the targets.
    """

    plan: Plan
    as_of: date
    today: date
    by: Actor
    recorded_by: datetime | None = None
    department: str | None = None
    section: str | None = None


def scorecard(question: Question, changed_since: date | None = None) -> dict[str, Any]:
    """Totals, also by department and section, each visible target, and the changes since `changed_since` if given.

    Targets not yet announced are left out. Raises `Unfit` (unknown-department).
    """
    with collector.paused():
        return _scorecard(question, changed_since)


def _scorecard(question: Question, changed_since: date | None) -> dict[str, Any]:
    judged = judged_of(question)
    moments = _moments(question.plan, question.as_of, question.today)
    card = {
        "as_of": question.as_of.isoformat(),
        **roll_up(counted_all(judged, question.as_of), departments_above()),
        "targets": [flat_row(each, **moments.get(each.target.pk, {})) for each in judged],
    }
    if changed_since is not None:
        before = judged_of(question._replace(as_of=changed_since))
        card["changed_since"] = changed_since.isoformat()
        card["changes"] = differences(map(seen, before), map(seen, judged))
    return card


def judged_of(question: Question) -> list[Judged]:
    found = Target.objects.visible_to(question.by).filter(plan=question.plan)
    if question.section is not None:
        found = found.filter(section=question.section)
    if question.department is not None:
        department = Department.objects.by_code(question.department, "?department")
        family = Department.objects.family(department.pk)
        lead = Q(department__in=family) | Q(department=None, indicator__department__in=family)
        found = found.filter(lead)
    seen = found.order_by("section", "identifier").to_judge()
    return judge_many(targets=seen, as_of=question.as_of, today=question.today, recorded_by=question.recorded_by)


def counted_all(judged: Sequence[Judged], as_of: date) -> list[Counted]:
    """Score inputs of the evaluations, with the actions that were open at the end of a day."""
    cooperating = Target.objects.cooperating_codes({each.target.pk for each in judged})
    found = actions.open_counts((each.target for each in judged), as_of)
    return [counted(each, cooperating.get(each.target.pk, ()), *found.get(each.target.pk, (0, 0))) for each in judged]


def counted(each: Judged, cooperating: Sequence[str] = (), actions_open: int = 0, actions_overdue: int = 0) -> Counted:
    target = each.target
    department = target.answerable
    return Counted(
        status=each.assessment.status,
        weight=target.weight,
        stale=each.assessment.overdue,
        department=department.code if department else None,
        section=target.section,
        cooperating=tuple(cooperating),
        actions_open=actions_open,
        actions_overdue=actions_overdue,
    )


def departments_above() -> dict[str, list[str]]:
    """The codes of the departments above each department, by its code, nearest first."""
    parents = {pk: (code, parent) for pk, code, parent in Department.objects.values_list("pk", "code", "parent")}
    found: dict[str, list[str]] = {}
    for code, parent in parents.values():
        above = found[code] = []
        while parent is not None:
            name, parent = parents[parent]
            above.append(name)
    return found


class Seen(NamedTuple):
    """The part of an assessment whose changes are reported; the field names are keys of the payload."""

    target: str
    version: int
    status: str
    actual: str | None
    variance: str | None


def seen(each: Judged) -> Seen:
    return seen_row(each.body)


def seen_row(row: Mapping[str, Any]) -> Seen:
    return Seen(*(row[name] for name in Seen._fields))


def differences(before: Iterable[Seen], after: Iterable[Seen]) -> list[dict[str, Any]]:
    """Each target that differs, with its summary before and after; null where it was not yet announced."""
    was, now = ({each.target: each for each in group} for group in (before, after))
    return [
        {"target": code, "before": _said(was.get(code)), "after": _said(now.get(code))}
        for code in sorted({*was, *now})
        if was.get(code) != now.get(code)
    ]


def _said(each: Seen | None) -> dict[str, Any] | None:
    return None if each is None else {name: value for name, value in each._asdict().items() if name != "target"}


def flat_row(
    each: Judged, since: date | None = None, changed_at: Any = None, change: int | None = None
) -> dict[str, Any]:
    return {
        **each.body,
        **rows.place(each.target),
        "as_of": each.as_of.isoformat(),
        "since": rows.day(since),
        "changed_at": changed_at,
        "change": None if change is None else str(change),
    }


def _moments(plan: Plan, as_of: date, today: date) -> dict[int, dict[str, Any]]:
    """Since when each target has had its status, by target id; for a past day only the changes until then."""
    if as_of == today:
        stored = Assessment.objects.filter(target__plan=plan)
        return {
            row.target_id: {"since": row.since, "changed_at": row.changed_at, "change": row.change} for row in stored
        }
    changes = StatusChange.objects.filter(target__plan=plan, day__lte=as_of).order_by("pk")
    return {row.target_id: {"since": row.day, "changed_at": row.recorded_at} for row in changes}
