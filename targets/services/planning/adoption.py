"""Adopt the drafts of a plan together, by one act and from one day."""

from datetime import date, datetime

from django.db import transaction

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.choices import VersionState
from targets.models import Plan, Target
from targets.services.planning import plans, targets


def draft_targets(plan: Plan, by: Actor) -> list[Target]:
    """The targets of the plan, visible to the actor, whose last version is a draft."""
    rows = Target.objects.visible_to(by).with_versions().filter(plan=plan).select_related("indicator", "area")
    return [target for target in rows.order_by("identifier") if _last_state(target) == VersionState.DRAFT]


def _last_state(target: Target) -> str:
    return max(target.all_versions, key=lambda version: version.number).state


@transaction.atomic
def adopt_drafts(*, plan: Plan, by: Actor, now: datetime, act: str, announced: date) -> list[Target]:
    """Adopt all drafts of the plan with their terms, or none. Returns the adopted targets.

    Raises `ValidationProblem` with an item for each target that cannot be adopted, or if the plan has no drafts;
    `Forbidden` (not-your-plan).
    """
    plans.check_owner(plan.department, by)
    drafts = draft_targets(plan, by)
    if not drafts:
        raise ValidationProblem("required", text("The plan has no drafts.", "Kế hoạch không có dự thảo nào."))
    problems = [problem for target in drafts for problem in _adopt(target, by, now, act, announced)]
    if problems:
        raise ValidationProblem(items=problems)
    return drafts


def _adopt(target: Target, by: Actor, now: datetime, act: str, announced: date) -> list[ProblemItem]:
    """Adopt one draft; what the service refuses, with the name of the target."""
    try:
        with transaction.atomic():
            targets.amend_target(
                target=target, by=by, now=now, act=act, announced=announced, state=VersionState.ADOPTED.value
            )
    except DomainError as error:
        details = [item.detail for item in error.items] or [error.detail or ""]
        return [ProblemItem("", error.slug, f"{target}: {detail}") for detail in details]
    return []
