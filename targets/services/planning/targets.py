"""Create, amend, update and delete targets and their versions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import transaction

from indicators.domain.periods import Period
from indicators.models import Area, Department, Indicator
from indicators.services.figures.series import terms_of
from kpitracker.lib import clock, crud
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Conflict, NotFound, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import FieldValues
from kpitracker.lib.models import CommitSequence
from targets.domain import terms_validation
from targets.domain.choices import VersionState
from targets.models import Plan, RemovedTarget, Target, TargetVersion
from targets.payloads.scorecards import AssessmentDifferencePayload
from targets.services.assessment import assess
from targets.services.evaluation import changes, target_versions
from targets.services.evaluation.evaluate import evaluate_targets
from targets.services.planning import headings, period_locks, plans, target_states
from targets.services.text import term_problems

# The fields of a version: only an amendment changes them, never PATCH.
VERSION_FIELDS = (
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
_ANNOUNCEMENT_FIELDS = ("act", "reason", "announced", "state", "source", "note")
_ONLY_VERSION_FIELDS = (*VERSION_FIELDS, "act", "reason", "announced", "state")
_IDENTITY_FIELDS = ("plan", "indicator", "area", "period", "goal", "qualitative")


class TargetResult(NamedTuple):
    """A stored target and version, warnings for the caller, and how the assessment of today has changed."""

    target: Target
    version: TargetVersion
    warnings: list[ProblemItem]
    differences: list[AssessmentDifferencePayload]


def build_identifier(plan: Plan, indicator: Indicator, area: str, period: Period) -> str:
    """`<plan>:<indicator>:<area>`, with the period when it differs from the plan's. Fixed at creation."""
    parts = [plan.code, indicator.code, area]
    if period != plan.period:
        parts.append(str(period).replace("/", "--"))
    return ":".join(parts)


@transaction.atomic
def create_target(
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
    **values: object,
) -> TargetResult:
    """Create a target with its first version.

    Raises `ValidationProblem` for invalid terms, `Unprocessable` for codes that do not exist, `Conflict`
    (already-exists), `Forbidden` (not-your-plan).
    """
    plan_row: Plan = Plan.objects.by_code(plan, "/plan")
    plans.check_owner(plan_row.department, by)
    indicator_row: Indicator = Indicator.objects.visible_to(by).by_code(indicator, "/indicator")
    area_row = Area.objects.by_code_or_home(area) if area else plan_row.area
    span = period or plan_row.period
    version_values = _pop_version_values(values, clock.local_day(now), VersionState.ADOPTED)
    target_states.check_first_state(version_values["state"])
    period_locks.check_announcement(
        plan=plan_row, indicator=indicator_row, announced=version_values["announced"], now=now
    )
    target = Target(
        identifier=build_identifier(plan_row, indicator_row, area_row.code, span),
        plan=plan_row,
        indicator=indicator_row,
        area=area_row,
        period_start=span.start,
        period_end=span.end,
        department=Department.objects.by_code_or_none(department, "/department"),
        heading=headings.resolve_heading(heading, plan=plan_row, indicator=indicator_row, by=by),
        **values,
    )
    version = TargetVersion(target=target, number=1, recorded_at=now, author=by.name, **version_values)
    crud.check_date_order({"period_start": span.start, "period_end": span.end}, names=("period_start", "period_end"))
    warnings = _check_terms(target, version)
    crud.insert_row(target, by=by, pointer="/indicator")
    if cooperating:
        _set_cooperating(target, cooperating, by)
    version.save(force_insert=True)
    _log_version(version, by)
    assess.assess(targets=[target.pk], now=now)
    return TargetResult(target, version, warnings, [])


def _pop_version_values(values: dict[str, Any], today: date, default_state: str) -> dict[str, Any]:
    """Remove the fields of a version from `values` and return them.

    `source` and `note` stay in `values` too: the target has them as well.
    """
    version_values = {name: values.pop(name) for name in _ONLY_VERSION_FIELDS if name in values}
    version_values |= {name: values[name] for name in ("source", "note") if name in values}
    version_values["milestones"] = target_versions.serialize_milestones(version_values.get("milestones") or [])
    version_values["profile"] = version_values.get("profile") or ""
    version_values["announced"] = version_values.get("announced") or today
    version_values["state"] = version_values.get("state") or default_state
    return version_values


def _check_terms(target: Target, version: TargetVersion) -> list[ProblemItem]:
    target_terms, indicator = target_versions.to_target_terms(target, version), terms_of(target.indicator)
    term_problems.raise_if_problems(terms_validation.find_problems(target_terms, indicator))
    crud.check_row(version)
    return [term_problems.to_item(warning) for warning in terms_validation.find_warnings(target_terms, indicator)]


def check_stays_valid(target: Target, version: TargetVersion) -> None:
    """Raises `Conflict` (in-use) if the terms of the version would be invalid with the new indicator.

    `target.indicator` has the new, unsaved values.
    """
    target_terms, indicator = target_versions.to_target_terms(target, version), terms_of(target.indicator)
    if problems := terms_validation.find_problems(target_terms, indicator):
        detail = term_problems.to_item(problems[0]).detail
        raise Conflict(
            "in-use",
            text(
                f"Version {version.number} of {target.identifier} would be invalid: {detail}",
                f"Phiên bản {version.number} của {target.identifier} sẽ không hợp lệ: {detail}",
            ),
        )


def _resolve_departments(codes: list[str]) -> list[Department]:
    return [Department.objects.by_code(code, f"/cooperating/{position}") for position, code in enumerate(codes)]


@transaction.atomic
def update_target(*, target: Target, by: Actor, now: datetime, **values: Any) -> Target:
    """Change fields that neither identify the target nor belong to a version. Raises `ValidationProblem` (immutable)."""
    plans.check_owner(target.plan.department, by)
    _refuse_immutable(target, values)
    period_locks.check_attribute_change(plan=target.plan, indicator=target.indicator, now=now)
    if "department" in values:
        values["department"] = Department.objects.by_code_or_none(values["department"], "/department")
    if "heading" in values:
        values["heading"] = headings.resolve_heading(
            values["heading"], plan=target.plan, indicator=target.indicator, by=by, target=target
        )
    cooperating = values.pop("cooperating", None)
    updated = crud.change_row(target, values, by=by)
    if cooperating is not None:
        _set_cooperating(updated, cooperating, by)
    # `force`: clients that poll must see the change, for example the new department, even if the status is the same.
    assess.assess(targets=[target.pk], now=now, force=True)
    return updated


def _set_cooperating(target: Target, codes: list[str], by: Actor) -> None:
    before = sorted(target.cooperating.values_list("code", flat=True))
    target.cooperating.set(_resolve_departments(codes))
    after = sorted(set(codes))
    if before != after:
        log.write_entry(by=by, verb="changed", row=target, before={"cooperating": before}, after={"cooperating": after})


def _log_version(version: TargetVersion, by: Actor) -> None:
    """Log the new version in the audit log of its target."""
    log.write_entry(by=by, verb="amended", row=version.target, after=log.snapshot_row(version))


def _refuse_immutable(target: Target, values: Mapping[str, object]) -> None:
    details = {
        name: text(f"{name} cannot be changed.", f"Không thay đổi được {name}.") for name in _IDENTITY_FIELDS
    } | {
        name: text(f"{name} can only be changed by an amendment.", f"{name} chỉ thay đổi bằng điều chỉnh.")
        for name in _ONLY_VERSION_FIELDS
    }
    if items := [ProblemItem(f"/{name}", "immutable", details[name]) for name in values if name in details]:
        raise ValidationProblem(items=items)


@transaction.atomic
def amend_target(
    *, target: Target, by: Actor, now: datetime, announced: date, last_seen: int | None = None, **values: object
) -> TargetResult:
    """Add a version: fields that are not given stay, None clears a field. Raises the errors of `create_target`.

    `last_seen`: the number of the last version that the caller has seen. Raises `PreconditionFailed` if there are later ones.
    A suspension or withdrawal keeps the terms before it; it takes the target out of counts from its announced day on.
    """
    plans.check_owner(target.plan.department, by)
    period_locks.check_announcement(plan=target.plan, indicator=target.indicator, announced=announced, now=now)
    today = clock.local_day(now)
    # Locked: of two concurrent amendments, the second gets the next number and builds on the first.
    locked = Target.objects.select_for_update(of=("self",)).filter(pk=target.pk).first()
    if locked is None:
        raise NotFound()
    target_states.check_last_seen(locked, last_seen)
    version = _build_amendment(locked, announced, _replace_nulls(values))
    version.recorded_at, version.author = now, by.name
    warnings, before = _check_terms(locked, version), _summarize_today(locked, today)
    version.save(force_insert=True)
    _log_version(version, by)
    # Increments the row version, and with it the ETag: a client must see the amendment before it changes the target.
    locked.save()
    assess.assess(targets=[locked.pk], now=now)
    return TargetResult(locked, version, warnings, changes.diff_summaries(before, _summarize_today(locked, today)))


def _build_amendment(target: Target, announced: date, new_values: FieldValues) -> TargetVersion:
    """The next version, not stored yet."""
    versions = list(TargetVersion.objects.filter(target=target).order_by("number"))
    last_version = versions[-1]
    # An empty state means: not given.
    state = target_states.decide_next_state(versions, str(new_values.get("state") or ""), announced)
    version_before = _version_to_amend(versions, announced)
    announcement_values = {name: getattr(version_before, name) for name in ("act", "source", "note")}
    announcement_values |= {name: value for name, value in new_values.items() if name in _ANNOUNCEMENT_FIELDS}
    announcement_values["state"] = state.value
    if state.is_ended:
        ended_version = target_states.version_before_end(versions, announced, new_values)
        given_terms = {name: value for name, value in new_values.items() if name in VERSION_FIELDS}
        target_states.check_terms_stay(ended_version, given_terms)
        version_values = _carry_over_terms(ended_version, {})
    else:
        version_values = _carry_over_terms(version_before, new_values)
    return TargetVersion(
        target=target, number=last_version.number + 1, announced=announced, **version_values, **announcement_values
    )


def _version_to_amend(versions: Sequence[TargetVersion], announced: date) -> TargetVersion:
    """The version whose terms stay where no others are given: the last, or that of the day of an act of an earlier day.

    A draft is amended, or adopted, as it is: an act of an earlier day may adopt it.
    """
    last = versions[-1]
    if announced >= last.announced or last.state == VersionState.DRAFT:
        return last
    return target_states.version_on(versions, announced) or last


def _summarize_today(target: Target, today: date) -> list[changes.AssessmentSummary]:
    rows = Target.objects.filter(pk=target.pk).for_assessment()
    return [
        changes.summarize_evaluation(evaluation)
        for evaluation in evaluate_targets(targets=rows, as_of=today, today=today)
    ]


def hypothetical_version(target: Target, version: TargetVersion, values: Mapping[str, object]) -> TargetVersion:
    """The version with other terms; nothing is stored. Raises the errors of `amend_target`."""
    copied_values = {name: getattr(version, name) for name in ("number", "announced", "state", "recorded_at", "author")}
    hypothetical = TargetVersion(target=target, **copied_values, **_carry_over_terms(version, _replace_nulls(values)))
    _check_terms(target, hypothetical)
    return hypothetical


def _replace_nulls(values: Mapping[str, object]) -> FieldValues:
    replaced: FieldValues = dict(values)
    if "milestones" in replaced:
        replaced["milestones"] = target_versions.serialize_milestones(replaced["milestones"] or [])
    return {name: _empty_value(name) if value is None else value for name, value in replaced.items()}


def _carry_over_terms(version: TargetVersion, new_values: Mapping[str, object]) -> dict[str, object]:
    """The fields of the next version: fields that are not given stay as they are."""
    return {name: new_values.get(name, getattr(version, name)) for name in VERSION_FIELDS}


def _empty_value(name: str) -> object:
    """The value of a cleared column."""
    if name in ("lower_open", "upper_open"):
        return False
    return [] if name == "milestones" else "" if name in ("profile", *_ANNOUNCEMENT_FIELDS) else None


@transaction.atomic
def delete_target(*, target: Target, by: Actor, now: datetime) -> None:
    """Delete a draft. Raises `Conflict` (in-use) if the target was ever adopted, or has an alert: it is withdrawn instead."""
    plans.check_owner(target.plan.department, by)
    period_locks.check_deletion(plan=target.plan, indicator=target.indicator, now=now)
    target_states.check_deletable(target)
    if target.alerts.exists():
        raise crud.in_use_conflict(target)
    (change,) = CommitSequence.next_timestamps("assessment", 1, now)
    RemovedTarget.objects.create(
        identifier=target.identifier,
        indicator=target.indicator,
        plan_code=target.plan.code,
        indicator_code=target.indicator.code,
        area_code=target.area.code,
        section=target.section,
        department=target.answers_for,
        removed_at=now,
        change=change,
    )
    crud.delete_row(target, by=by)
