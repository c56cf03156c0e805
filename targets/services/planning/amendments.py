"""Amend several targets of a plan together, by one act and from one day: all of them or none."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from django.db import transaction

from indicators.services.figures.series import terms_of
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ProblemItem, ValidationProblem
from kpitracker.lib.i18n.text import text
from targets.domain import terms_validation
from targets.domain.choices import VersionState
from targets.models import Plan, Target
from targets.services.evaluation import target_versions
from targets.services.planning import plans, targets
from targets.services.planning.targets import TargetResult
from targets.services.text import target_terms, term_problems


class Decision(StrEnum):
    """What an act decides about targets."""

    AMEND = "amend"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"
    RESUME = "resume"


class Amendment(NamedTuple):
    """What changes of one target. `values`: fields of the version, as for `amend_target`.

    `last_seen`: the number of the last version that the caller has seen; None: any. `decision`: gives the state; None: it
    is among the values, or left to `amend_target`.
    """

    target: Target
    values: Mapping[str, object]
    last_seen: int | None = None
    decision: Decision | None = None


@transaction.atomic
def amend_together(
    *,
    plan: Plan,
    amendments: Sequence[Amendment],
    by: Actor,
    now: datetime,
    announced: date,
    announcement: Mapping[str, object],
) -> list[TargetResult]:
    """Amend all of these targets or none, in their order. `announcement`: act, reason and so on, the same for all.

    Raises `ValidationProblem` with an item for each error, whose pointer begins with the position of the amendment;
    `Forbidden` (not-your-plan).
    """
    plans.check_owner(plan.department, by)
    # Locked: two planners who amend the same targets in different orders would wait for each other.
    Plan.objects.select_for_update().get(pk=plan.pk)
    results: list[TargetResult] = []
    problems: list[ProblemItem] = []
    for position, amendment in enumerate(amendments):
        try:
            with transaction.atomic():
                state = _state_after(amendment.target, amendment.decision) if amendment.decision else {}
                results.append(
                    targets.amend_target(
                        target=amendment.target,
                        by=by,
                        now=now,
                        announced=announced,
                        last_seen=amendment.last_seen,
                        **{**announcement, **state, **amendment.values},
                    )
                )
        except DomainError as error:
            items = error.items or [ProblemItem("", error.slug, error.detail or "")]
            problems += [item.with_prefix(f"/{position}") for item in items]
    if problems:
        raise ValidationProblem(items=problems)
    return results


def _state_after(target: Target, decision: Decision) -> dict[str, str]:
    """The state to give to `amend_target`: a draft that is amended stays a draft.

    Raises `ValidationProblem` (invalid-choice) for a suspended target that would be amended, and for one that would be
    taken up again though it is not suspended.
    """
    last = target.all_versions[-1]
    is_suspended = last.state == VersionState.SUSPENDED
    match decision:
        case Decision.SUSPEND:
            return {"state": VersionState.SUSPENDED.value}
        case Decision.WITHDRAW:
            return {"state": VersionState.WITHDRAWN.value}
        case Decision.RESUME if not is_suspended:
            detail = text("The target is not suspended.", "Chỉ tiêu không tạm dừng.")
            raise ValidationProblem("invalid-choice", detail, pointer="")
        case Decision.RESUME:
            return {"state": VersionState.ADOPTED.value}
        case _ if is_suspended:
            detail = text(
                "The target is suspended: take it up again, or withdraw it.",
                "Chỉ tiêu đang tạm dừng: hãy cho thực hiện lại hoặc bãi bỏ.",
            )
            raise ValidationProblem("invalid-choice", detail, pointer="")
    return {"state": VersionState.DRAFT.value} if last.state == VersionState.DRAFT else {}


def describe_amendment(target: Target, values: Mapping[str, object]) -> list[str]:
    """The terms of the target with these values in words, and warnings about them. Nothing is stored.

    Raises the errors of `amend_target` about terms.
    """
    version = targets.hypothetical_version(target, target.all_versions[-1], values)
    terms = target_versions.to_target_terms(target, version)
    warnings = terms_validation.find_warnings(terms, terms_of(target.indicator))
    words = target_terms.describe_version(target, version)
    return [words, *(str(term_problems.to_item(warning).detail) for warning in warnings)]
