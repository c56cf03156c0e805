"""Amend several targets of a plan together, by one act and from one day: all of them or none."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import DomainError, ProblemItem, ValidationProblem
from targets.models import Plan, Target
from targets.services.planning import plans, targets
from targets.services.planning.targets import TargetResult


class Amendment(NamedTuple):
    """What changes of one target. `values`: fields of the version, as for `amend_target`.

    `last_seen`: the number of the last version that the caller has seen; None: any.
    """

    target: Target
    values: Mapping[str, object]
    last_seen: int | None = None


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
                results.append(
                    targets.amend_target(
                        target=amendment.target,
                        by=by,
                        now=now,
                        announced=announced,
                        last_seen=amendment.last_seen,
                        **{**announcement, **amendment.values},
                    )
                )
        except DomainError as error:
            items = error.items or [ProblemItem("", error.slug, error.detail or "")]
            problems += [item.with_prefix(f"/{position}") for item in items]
    if problems:
        raise ValidationProblem(items=problems)
    return results
