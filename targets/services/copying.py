"""Copy a plan to the next period."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from indicators.domain.days import day_months_later, month_number
from indicators.domain.periods import Period
from indicators.models import Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, Invalid
from kpitracker.lib.numbers import parse_number
from kpitracker.lib.texts import text
from targets.domain.vocabulary import Profile, State
from targets.models import Plan, Target, TargetVersion
from targets.services import plans, targets
from targets.services.terms import version_in_force

_YEAR = re.compile(r"(?<![0-9])(?:19|20|21)[0-9]{2}(?![0-9])", re.ASCII)
_LAST_YEAR = 2199  # as periods have it


class LeftOut(NamedTuple):
    """A field of a target that was not copied; `field` None: the whole target was not copied."""

    target: str
    field: str | None
    detail: str


class Copied(NamedTuple):
    plan: Plan
    targets: list[str]
    left_out: list[LeftOut]


@transaction.atomic
def copy(
    *,
    plan: Plan,
    by: Actor,
    now: datetime,
    code: str | None = None,
    name: str | None = None,
    period: Period | None = None,
) -> Copied:
    """Copy a plan to another period (default: the next one of the same length), with its targets as drafts.

    Bands, milestones and tolerances are those in force today; days move with the period. The act, the source and
    the baseline are not copied: they belong to the old plan, and the baseline is the level at which its period began.
    Raises `Invalid` (required) where no code can be derived, `NotPermitted` (not-your-plan), `Conflict`
    (already-exists).
    """
    plans.check_owner(plan.department, by)
    span = period or plan.period.following()
    if span.end.year > _LAST_YEAR:
        raise Invalid("invalid-period", text("That is too far away.", "Kỳ quá xa."), pointer="/period")
    months = month_number(span.start) - month_number(plan.period_start)
    made = plans.create(
        by=by,
        area=plan.area,
        code=code or _next_code(plan.code, months),
        name=name or _moved_years(plan.name, months),
        name_en=_moved_years(plan.name_en, months),
        period=span,
        issuer=plan.issuer,
        department=plan.department,
        note=plan.note,
    )
    copied: dict[int, str] = {}
    left_out = []
    seen = _headings_first(Target.objects.visible_to(by).shown().filter(plan=plan).order_by("identifier"))
    for target in seen:
        values, lost = _values(target, months, span, clock.local_day(now))
        values["heading"] = copied.get(target.heading_id or 0)
        if values["heading"] is None and target.heading_id in {each.pk for each in seen}:
            detail = text("Its heading was not copied.", "Chỉ tiêu nhóm không được sao chép.")
            lost.append(LeftOut(target.identifier, "heading", detail))
        try:
            with transaction.atomic():
                copied[target.pk] = targets.create(by=by, now=now, plan=made.code, **values).target.identifier
            left_out += lost
        except DomainError as error:
            left_out.append(LeftOut(target.identifier, None, str(error.detail)))
    return Copied(made, sorted(copied.values()), left_out)


def _headings_first(found: Iterable[Target]) -> list[Target]:
    rows = list(found)
    above = {each.pk: each.heading_id for each in rows}

    def depth(pk: int | None) -> int:
        count = 0
        while pk is not None:
            pk, count = above.get(pk), count + 1
        return count

    return sorted(rows, key=lambda each: depth(each.pk))


def _next_code(code: str, months: int) -> str:
    found = _moved_years(code, months)
    if found == code:
        raise Invalid("required", text("The new plan needs a code.", "Cần mã cho kế hoạch mới."), pointer="/code")
    return found


def _moved_years(words: str, months: int) -> str:
    """Move every year in the text by these months; the text stays as it is unless they are whole years."""
    years, rest = divmod(months, 12)
    return words if rest else _YEAR.sub(lambda found: str(int(found[0]) + years), words)


def _values(target: Target, months: int, span: Period, today: date) -> tuple[dict[str, Any], list[LeftOut]]:
    version = version_in_force(target, today) or max(target.all_versions, key=lambda each: each.number)
    lost: list[LeftOut] = []
    lead, cooperating = _departments(target, span, lost)
    values = {
        "indicator": target.indicator.code,
        "area": target.area.code,
        "period": span if target.period == target.plan.period else target.period.months_later(months),
        "goal": target.goal,
        "qualitative": target.qualitative,
        "about": target.about,
        "section": target.section,
        "weight": target.weight,
        "note": target.note,
        "department": lead,
        "cooperating": cooperating,
        "result_due": day_months_later(target.result_due, months) if target.result_due else None,
        "state": State.DRAFT,
        **_terms(target, version, months, lost),
    }
    return values, lost


def _terms(target: Target, version: TargetVersion, months: int, lost: list[LeftOut]) -> dict[str, Any]:
    names = ("lower", "upper", "lower_open", "upper_open", "profile", "tolerance", "tolerance_percent")
    found = {name: getattr(version, name) for name in names}
    found["milestones"] = [
        {
            "date": day_months_later(date.fromisoformat(str(each["date"])), months),
            **{edge: None if each.get(edge) is None else parse_number(each[edge]) for edge in ("lower", "upper")},
        }
        for each in version.milestones
    ]
    if version.baseline is not None:
        detail = text("The baseline belongs to the old period.", "Mức đầu kỳ thuộc kỳ cũ.")
        lost.append(LeftOut(target.identifier, "baseline", detail))
    if version.profile == Profile.PATH:
        found["profile"] = ""
        detail = text("A path needs a baseline: state both.", "Tiến độ path cần mức đầu kỳ: hãy nêu cả hai.")
        lost.append(LeftOut(target.identifier, "profile", detail))
    return found


def _departments(target: Target, span: Period, lost: list[LeftOut]) -> tuple[str | None, list[str]]:
    """Codes of the lead and the cooperating departments in the new period.

    A department that ends before it is replaced by its successor, or skipped without one.
    """

    def then(department: Department, field: str) -> str | None:
        if department.valid_to is None or department.valid_to >= span.start:
            return department.code
        successor = department.successor
        if successor is None:
            detail = text(f"{department.code} has ended by then.", f"{department.code} khi đó không còn hoạt động.")
            lost.append(LeftOut(target.identifier, field, detail))
        return successor.code if successor else None

    lead = then(target.department, "department") if target.department else None
    others = {code for each in target.cooperating.all() if (code := then(each, "cooperating"))}
    return lead, sorted(others)
