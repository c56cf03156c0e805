"""Adopt the drafts of a plan together, by one act and from one day."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, OuterRef, Subquery

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import PreconditionFailed, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain.choices import VersionState
from targets.models import Plan, Target, TargetVersion
from targets.querysets import TargetQuerySet
from targets.services.planning import amendments, plans
from targets.services.planning.amendments import Amendment


def draft_targets(plan: Plan, by: Actor) -> list[Target]:
    """The targets of the plan, visible to the actor, whose last version is a draft."""
    rows = Target.objects.visible_to(by).with_versions().filter(plan=plan).select_related("indicator", "area")
    return [target for target in rows.order_by("identifier") if is_draft(target)]


def is_draft(target: Target) -> bool:
    """Whether the last version of the target is a draft."""
    return _last_version(target).state == VersionState.DRAFT


def _last_version(target: Target) -> TargetVersion:
    return max(target.all_versions, key=lambda version: version.number)


def count_targets(targets: TargetQuerySet) -> dict[int, tuple[int, int]]:
    """Count, by plan id, these targets and the drafts among them."""
    last_states = TargetVersion.objects.filter(target=OuterRef("pk")).order_by("-number").values("state")[:1]
    counts: dict[int, tuple[int, int]] = {}
    rows = targets.annotate(last_state=Subquery(last_states)).order_by("plan").values_list("plan", "last_state")
    for plan_id, state, number in rows.annotate(number=Count("pk")):
        all_targets, drafts = counts.get(plan_id, (0, 0))
        counts[plan_id] = (all_targets + number, drafts + (number if state == VersionState.DRAFT else 0))
    return counts


def identify_drafts(drafts: Iterable[Target]) -> str:
    """A digest of the drafts with their versions: it differs when another draft came, or one was changed."""
    lines = sorted(f"{target.identifier} {_last_version(target).number}" for target in drafts)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@transaction.atomic
def adopt_drafts(
    *, plan: Plan, by: Actor, now: datetime, act: str, announced: date, seen: str | None = None
) -> list[Target]:
    """Adopt all drafts of the plan with their terms, or none. Returns the adopted targets.

    `seen`: what `identify_drafts` said of the drafts that the actor has seen. Raises `PreconditionFailed` if others came or
    were changed since, `ValidationProblem` with an item for each target that cannot be adopted, or if the plan has no
    drafts; `Forbidden` (not-your-plan).
    """
    plans.check_owner(plan.department, by)
    # Locked: of two who adopt at the same time, the second finds no drafts any more.
    Plan.objects.select_for_update().get(pk=plan.pk)
    drafts = draft_targets(plan, by)
    if not drafts:
        raise ValidationProblem("required", text("The plan has no drafts.", "Kế hoạch không có dự thảo nào."))
    if seen is not None and seen != identify_drafts(drafts):
        raise PreconditionFailed(
            detail=text(
                "The drafts have changed since you opened the page. Nothing was adopted: look at them, then send it again.",
                "Các dự thảo đã thay đổi sau khi bạn mở trang. Chưa ban hành gì: hãy xem lại rồi gửi lần nữa.",
            )
        )
    try:
        amendments.amend_together(
            plan=plan,
            amendments=[Amendment(target, {}) for target in drafts],
            by=by,
            now=now,
            announced=announced,
            announcement={"act": act, "state": VersionState.ADOPTED.value},
        )
    except ValidationProblem as error:
        raise _name_targets(error, drafts) from error
    return drafts


def _name_targets(problem: ValidationProblem, drafts: Sequence[Target]) -> ValidationProblem:
    """The same problem; each detail names its target instead of its position."""
    return ValidationProblem(
        items=[
            item._replace(pointer="", detail=f"{drafts[int(item.pointer.split('/')[1])]}: {item.detail}")
            for item in problem.items
        ]
    )
