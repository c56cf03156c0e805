"""Create, amend, update and delete targets and their versions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from indicators.domain.periods import Period
from indicators.models import Department, Indicator
from indicators.services import areas
from indicators.services.books import terms_of
from kpitracker.lib import clock, writing
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Conflict, Invalid, Item, Missing
from kpitracker.lib.texts import text
from targets.domain import checks
from targets.domain.vocabulary import State
from targets.models import Plan, StatusChange, Target, TargetVersion
from targets.services import assessments, headings, locks, plans, scorecards, terms, wording
from targets.services.judging import judge_many

# The fields of a version: only an amendment changes them, never PATCH.
VERSIONED = (
    "lower",
    "upper",
    "lower_open",
    "upper_open",
    "profile",
    "milestones",
    "baseline",
    "baseline_date",
    "tolerance",
    "tolerance_percent",
)
_STATED = ("act", "reason", "announced", "state", "source", "note")
_IDENTIFYING = ("plan", "indicator", "area", "period", "goal", "qualitative")


class Written(NamedTuple):
    """A written target and version, warnings to check, and how the assessment of today has changed."""

    target: Target
    version: TargetVersion
    warnings: list[Item]
    changed: list[dict[str, Any]]


def identifier(plan: Plan, indicator: Indicator, area: str, period: Period) -> str:
    """`<plan>:<indicator>:<area>`, with the period when it differs from the plan's. Fixed at creation."""
    parts = [plan.code, indicator.code, area]
    if period != plan.period:
        parts.append(str(period).replace("/", "--"))
    return ":".join(parts)


@transaction.atomic
def create(
    *,
    by: Actor,
    now: datetime,
    plan: str,
    indicator: str,
    area: str | None = None,
    period: Period | None = None,
    department: str | None = None,
    cooperating: list[str] | None = None,
    heading: str | None = None,
    **values: Any,
) -> Written:
    """Create a target with its first version.

    Raises `Invalid` for invalid terms, `Unfit` for codes that do not exist, `Conflict`
    (already-exists), `NotPermitted` (not-your-plan).
    """
    found_plan: Plan = Plan.objects.by_code(plan, "/plan")
    plans.check_owner(found_plan.department, by)
    found_indicator: Indicator = Indicator.objects.visible_to(by).by_code(indicator, "/indicator")
    found_area = areas.by_code_or_home(area) if area else found_plan.area
    span = period or found_plan.period
    first = _version_values(values, clock.local_day(now), State.ADOPTED)
    locks.check_terms(plan=found_plan, indicator=found_indicator, announced=first["announced"], now=now)
    values.pop("reason", None)
    target = Target(
        identifier=identifier(found_plan, found_indicator, found_area.code, span),
        plan=found_plan,
        indicator=found_indicator,
        area=found_area,
        period_start=span.start,
        period_end=span.end,
        department=Department.objects.by_code_or_none(department, "/department"),
        heading=headings.chosen(heading, plan=found_plan, indicator=found_indicator, by=by),
        **values,
    )
    version = TargetVersion(target=target, number=1, recorded_at=now, recorded_by=by.name, **first)
    writing.check_order({"period_start": span.start, "period_end": span.end}, names=("period_start", "period_end"))
    warnings = _check(target, version)
    writing.insert(target, by=by, pointer="/indicator")
    if cooperating:
        _set_cooperating(target, cooperating, by)
    version.save(force_insert=True)
    _note_version(version, by)
    assessments.assess(targets=[target.pk], now=now)
    return Written(target, version, warnings, [])


def _version_values(values: dict[str, Any], today: date, state: str) -> dict[str, Any]:
    """Remove the fields of a version from `values` and return them; `source` and `note` belong to both."""
    first = {name: values.pop(name) for name in (*VERSIONED, "act", "reason", "announced", "state") if name in values}
    first |= {name: values[name] for name in ("source", "note") if name in values}
    first["milestones"] = terms.stored_milestones(first.get("milestones") or [])
    first["profile"] = first.get("profile") or ""
    first["announced"] = first.get("announced") or today
    first["state"] = first.get("state") or state
    return first


def _check(target: Target, version: TargetVersion) -> list[Item]:
    stated, indicator = terms.of_version(target, version), terms_of(target.indicator)
    wording.refuse(checks.problems(stated, indicator))
    writing.check(version)
    return [wording.item(finding) for finding in checks.warnings(stated, indicator)]


def check_stays_valid(target: Target, version: TargetVersion) -> None:
    """Raises `Conflict` (in-use) when a change of the indicator would make the terms of the version invalid."""
    stated, indicator = terms.of_version(target, version), terms_of(target.indicator)
    if found := checks.problems(stated, indicator):
        detail = wording.item(found[0]).detail
        raise Conflict(
            "in-use",
            text(
                f"Version {version.number} of {target.identifier} would be invalid: {detail}",
                f"Phiên bản {version.number} của {target.identifier} sẽ không hợp lệ: {detail}",
            ),
        )


def _departments(codes: list[str]) -> list[Department]:
    return [Department.objects.by_code(code, f"/cooperating/{place}") for place, code in enumerate(codes)]


@transaction.atomic
def change(*, target: Target, by: Actor, now: datetime, **values: Any) -> Target:
    """Change fields that neither identify the target nor belong to a version. Raises `Invalid` (immutable)."""
    plans.check_owner(target.plan.department, by)
    _refuse_immutable(target, values)
    locks.check_rest(plan=target.plan, indicator=target.indicator, now=now)
    if "department" in values:
        values["department"] = Department.objects.by_code_or_none(values["department"], "/department")
    if "heading" in values:
        values["heading"] = headings.chosen(
            values["heading"], plan=target.plan, indicator=target.indicator, by=by, below=target
        )
    cooperating = values.pop("cooperating", None)
    changed = writing.change(target, values, by=by)
    if cooperating is not None:
        _set_cooperating(changed, cooperating, by)
    assessments.assess(targets=[target.pk], now=now, force=True)
    return changed


def _set_cooperating(target: Target, codes: list[str], by: Actor) -> None:
    before = sorted(target.cooperating.values_list("code", flat=True))
    target.cooperating.set(_departments(codes))
    after = sorted(set(codes))
    if before != after:
        notes.note(by=by, verb="changed", row=target, before={"cooperating": before}, after={"cooperating": after})


def _note_version(version: TargetVersion, by: Actor) -> None:
    """Log the new version in the audit log of its target."""
    notes.note(by=by, verb="amended", row=version.target, after=notes.snapshot(version))


def _refuse_immutable(target: Target, values: Mapping[str, Any]) -> None:
    fixed = [name for name in values if name in (*_IDENTIFYING, *VERSIONED, "act", "reason", "announced", "state")]
    if fixed:
        raise Invalid(
            items=[
                Item(
                    f"/{name}",
                    "immutable",
                    text(f"{name} cannot be changed, or only by amending.", f"{name} chỉ thay đổi bằng điều chỉnh."),
                )
                for name in fixed
            ]
        )


@transaction.atomic
def amend(*, target: Target, by: Actor, now: datetime, announced: date, **values: Any) -> Written:
    """Add a version: fields that are not given stay, None clears a field. Raises the errors of `create_target`."""
    plans.check_owner(target.plan.department, by)
    locks.check_terms(plan=target.plan, indicator=target.indicator, announced=announced, now=now)
    today = clock.local_day(now)
    # Locked: of two concurrent amendments, the second gets the next number and builds on the first.
    locked = Target.objects.select_for_update(of=("self",)).filter(pk=target.pk).first()
    if locked is None:
        raise Missing()
    last = TargetVersion.objects.filter(target=locked).order_by("-number")[0]
    settled = TargetVersion.objects.filter(target=locked).exclude(state=State.DRAFT).exists()
    cleared = _cleared(values)
    content = _content(last, cleared)
    stated = {name: getattr(last, name) for name in ("act", "source", "note")}
    stated |= {name: value for name, value in cleared.items() if name in _STATED and name != "state"}
    if cleared.get("state"):
        stated["state"] = cleared["state"]
    stated.setdefault("state", State.AMENDED if settled else State.ADOPTED)
    version = TargetVersion(
        target=locked,
        number=last.number + 1,
        announced=announced,
        recorded_at=now,
        recorded_by=by.name,
        **content,
        **stated,
    )
    warnings, before = _check(locked, version), _seen(locked, today)
    version.save(force_insert=True)
    _note_version(version, by)
    locked.save()
    assessments.assess(targets=[locked.pk], now=now)
    return Written(locked, version, warnings, scorecards.differences(before, _seen(locked, today)))


def _seen(target: Target, today: date) -> list[scorecards.Seen]:
    rows = Target.objects.filter(pk=target.pk).to_judge()
    return [scorecards.seen(each) for each in judge_many(targets=rows, as_of=today, today=today)]


def supposed(target: Target, version: TargetVersion, values: Mapping[str, Any]) -> TargetVersion:
    """The version with other terms; nothing is stored. Raises the errors of `amend_target`."""
    stated = {name: getattr(version, name) for name in ("number", "announced", "state", "recorded_at", "recorded_by")}
    other = TargetVersion(target=target, **stated, **_content(version, _cleared(values)))
    _check(target, other)
    return other


def _cleared(values: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(values)
    if "milestones" in found:
        found["milestones"] = terms.stored_milestones(found["milestones"] or [])
    return {name: _empty(name) if value is None else value for name, value in found.items()}


def _content(version: TargetVersion, cleared: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the next version: fields that are not given stay as they are."""
    return {name: cleared.get(name, getattr(version, name)) for name in VERSIONED}


def _empty(name: str) -> Any:
    """The value of a cleared column."""
    if name in ("lower_open", "upper_open"):
        return False
    return [] if name == "milestones" else "" if name in ("profile", *_STATED) else None


@transaction.atomic
def delete(*, target: Target, by: Actor, now: datetime) -> None:
    """Delete a target. Raises `Conflict` (in-use) once it has been amended, or has had a result or an alert."""
    plans.check_owner(target.plan.department, by)
    locks.check_removal(plan=target.plan, indicator=target.indicator, now=now)
    seen = StatusChange.objects.filter(target=target).exclude(after__in=["not_due", "no_data"])
    if seen.exists() or target.alerts.exists() or target.versions.count() > 1:
        raise writing.in_use()
    writing.delete(target, by=by)
