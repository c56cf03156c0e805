"""Copy a plan to the next period."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from indicators.domain.periods import Period, day_months_later, month_number
from indicators.models import Area, Department
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.numbers import parse_number
from targets.domain.choices import Profile, VersionState
from targets.models import Plan, Target, TargetVersion
from targets.models.target import VERSION_STATE_LABELS
from targets.services.evaluation.target_versions import find_version_in_force
from targets.services.planning import plans, targets

_YEAR = re.compile(r"(?<![0-9])(?:19|20|21)[0-9]{2}(?![0-9])", re.ASCII)
_LAST_YEAR = 2199  # as periods have it


class SkippedItem(NamedTuple):
    """A field of a target that was not copied; `field` None: the whole target was not copied."""

    target: str
    field: str | None
    detail: str


class CopyResult(NamedTuple):
    plan: Plan
    targets: list[str]
    skipped: list[SkippedItem]


class CopyValues(NamedTuple):
    """What a copy gets where nothing else is given. `code`: empty where none can be derived."""

    code: str
    name: str
    period: Period


def suggest_values(plan: Plan) -> CopyValues:
    period = plan.period.following()
    months = month_number(period.start) - month_number(plan.period_start)
    code = _shift_years(plan.code, months)
    return CopyValues("" if code == plan.code else code, _shift_years(plan.name, months), period)


@transaction.atomic
def copy_plan(
    *,
    plan: Plan,
    by: Actor,
    now: datetime,
    code: str | None = None,
    name: str | None = None,
    period: Period | None = None,
    area: Area | None = None,
    announced: date | None = None,
) -> CopyResult:
    """Copy a plan to another period (default: the next one of the same length), with its targets as drafts.

    `area`: of the copy, for targets about the area of the plan. `announced`: the day of the drafts (default: today).

    Bands, milestones and tolerances are those in force today; days move with the period. The act, the source and
    the baseline are not copied: they belong to the old plan, and the baseline is the level at which its period began.
    Raises `ValidationProblem` (required) where no code can be derived, `Forbidden` (not-your-plan), `Conflict`
    (already-exists).
    """
    plans.check_owner(plan.department, by)
    span = period or plan.period.following()
    if span.end.year > _LAST_YEAR:
        raise ValidationProblem("invalid-period", text("That is too far away.", "Kỳ quá xa."), pointer="/period")
    months = month_number(span.start) - month_number(plan.period_start)
    new_plan = plans.create_plan(
        by=by,
        area=area or plan.area,
        code=code or _next_code(plan.code, months),
        name=name or _shift_years(plan.name, months),
        name_en=_shift_years(plan.name_en, months),
        period=span,
        issuer=plan.issuer,
        department=plan.department,
        note=plan.note,
    )
    identifiers, skipped = _copy_targets(plan, new_plan, months, by, now, announced)
    return CopyResult(new_plan, identifiers, skipped)


def _copy_targets(
    plan: Plan, new_plan: Plan, months: int, by: Actor, now: datetime, announced: date | None
) -> tuple[list[str], list[SkippedItem]]:
    """Copy the targets that the caller may see. Return the identifiers of the copies, sorted, and what was skipped."""
    new_identifiers: dict[int, str] = {}
    skipped: list[SkippedItem] = []
    old_targets = _sort_headings_first(
        Target.objects.visible_to(by).for_list().filter(plan=plan).order_by("identifier")
    )
    today = clock.local_day(now)
    for target in old_targets:
        in_force = find_version_in_force(target, today)
        if in_force and VersionState(in_force.state).is_ended:
            state = VERSION_STATE_LABELS[VersionState(in_force.state)]
            detail = text(f"The target is {state}.", f"Chỉ tiêu đã {state}.")
            skipped.append(SkippedItem(target.identifier, None, detail))
            continue
        values, skipped_fields = _copied_values(target, months, new_plan.period, today)
        values["announced"] = announced
        if target.area_id == plan.area_id:
            values["area"] = new_plan.area.code
        values["heading"] = new_identifiers.get(target.heading_id or 0)
        if values["heading"] is None and target.heading_id in {old_target.pk for old_target in old_targets}:
            detail = text("Its heading was not copied.", "Chỉ tiêu nhóm không được sao chép.")
            skipped_fields.append(SkippedItem(target.identifier, "heading", detail))
        try:
            with transaction.atomic():
                new_identifiers[target.pk] = targets.create_target(
                    by=by, now=now, plan=new_plan.code, **values
                ).target.identifier
            skipped += skipped_fields
        except DomainError as error:
            skipped.append(SkippedItem(target.identifier, None, str(error.detail)))
    return sorted(new_identifiers.values()), skipped


def _sort_headings_first(unordered: Iterable[Target]) -> list[Target]:
    rows = list(unordered)
    heading_ids = {target.pk: target.heading_id for target in rows}

    def depth(pk: int | None) -> int:
        count = 0
        while pk is not None:
            pk, count = heading_ids.get(pk), count + 1
        return count

    return sorted(rows, key=lambda target: depth(target.pk))


def _next_code(code: str, months: int) -> str:
    new_code = _shift_years(code, months)
    if new_code == code:
        raise ValidationProblem(
            "required", text("The new plan needs a code.", "Cần mã cho kế hoạch mới."), pointer="/code"
        )
    return new_code


def _shift_years(name: str, months: int) -> str:
    """Move every year in the text by these months; the text stays as it is unless they are whole years."""
    years, remaining_months = divmod(months, 12)
    return name if remaining_months else _YEAR.sub(lambda match: str(int(match[0]) + years), name)


def _copied_values(target: Target, months: int, span: Period, today: date) -> tuple[dict[str, Any], list[SkippedItem]]:
    version = find_version_in_force(target, today) or max(target.all_versions, key=lambda candidate: candidate.number)
    skipped: list[SkippedItem] = []
    lead_code, cooperating_codes = _departments_in_period(target, span, skipped)
    values = {
        "indicator": target.indicator.code,
        "area": target.area.code,
        "period": span if target.period == target.plan.period else target.period.months_later(months),
        "goal": target.goal,
        "qualitative": target.qualitative,
        "about": target.about,
        "section": target.section,
        "section_en": target.section_en,
        "weight": target.weight,
        "note": target.note,
        "department": lead_code,
        "cooperating": cooperating_codes,
        "result_due": day_months_later(target.result_due, months) if target.result_due else None,
        "state": VersionState.DRAFT,
        **_copied_terms(target, version, months, skipped),
    }
    return values, skipped


def _copied_terms(target: Target, version: TargetVersion, months: int, skipped: list[SkippedItem]) -> dict[str, object]:
    names = ("lower", "upper", "lower_open", "upper_open", "profile", "tolerance", "tolerance_percent")
    values = {name: getattr(version, name) for name in names}
    values["milestones"] = [
        {
            "date": day_months_later(date.fromisoformat(str(milestone["date"])), months),
            **{
                edge: None if milestone.get(edge) is None else parse_number(milestone[edge])
                for edge in ("lower", "upper")
            },
        }
        for milestone in version.milestones
    ]
    if version.baseline is not None:
        detail = text("The baseline belongs to the old period.", "Mức đầu kỳ thuộc kỳ cũ.")
        skipped.append(SkippedItem(target.identifier, "baseline", detail))
    if version.profile == Profile.PATH:
        values["profile"] = ""
        detail = text("A path needs a baseline: state both.", "Tiến độ path cần mức đầu kỳ: hãy nêu cả hai.")
        skipped.append(SkippedItem(target.identifier, "profile", detail))
    return values


def _departments_in_period(target: Target, span: Period, skipped: list[SkippedItem]) -> tuple[str | None, list[str]]:
    """Codes of the lead and the cooperating departments in the new period.

    A department that ends before it is replaced by its successor, or skipped without one.
    """

    def code_in_period(department: Department, field: str) -> str | None:
        if department.valid_to is None or department.valid_to >= span.start:
            return department.code
        successor = department.successor
        if successor is None:
            detail = text(f"{department.code} has ended by then.", f"{department.code} khi đó không còn hoạt động.")
            skipped.append(SkippedItem(target.identifier, field, detail))
        return successor.code if successor else None

    lead_code = code_in_period(target.department, "department") if target.department else None
    cooperating_codes = {
        code for partner in target.cooperating.all() if (code := code_in_period(partner, "cooperating"))
    }
    return lead_code, sorted(cooperating_codes)
