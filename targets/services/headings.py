"""Headings and their component targets. A scorecard counts each of them as a target of its own."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from indicators.models import Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Unfit
from kpitracker.lib.models import Counter
from kpitracker.lib.texts import text
from targets.models import Plan, Target


class Family(NamedTuple):
    """Identifiers of the heading and of the components of a target."""

    heading: str | None = None
    components: tuple[str, ...] = ()


def of_targets(targets: Iterable[Target], by: Actor) -> dict[int, Family]:
    """Heading and components of each target, by its id, as far as the caller may see them; one query."""
    above = {each.pk: each.heading_id for each in targets}
    asked = Q(pk__in={pk for pk in above.values() if pk}) | Q(heading__in=above)
    rows = Target.objects.visible_to(by).filter(asked).order_by("identifier")
    found = list(rows.values_list("pk", "heading_id", "identifier"))
    names = {pk: identifier for pk, _, identifier in found}
    below: dict[int, list[str]] = {}
    for _, heading, identifier in found:
        below.setdefault(heading, []).append(identifier)
    return {pk: Family(names.get(heading), tuple(below.get(pk, ()))) for pk, heading in above.items()}


def chosen(
    identifier: str | None, *, plan: Plan, indicator: Indicator, by: Actor, below: Target | None = None
) -> Target | None:
    """The target with this identifier as heading of a target on an indicator; None for an empty identifier.

    Raises `Unfit`: unknown-target when the plan has no such target; restricted-heading; tree-cycle when the heading is
    the target itself (`target`) or below it.
    """
    if not identifier:
        return None
    found: Target | None = Target.objects.visible_to(by).filter(plan=plan, identifier=identifier).first()
    if found is None:
        detail = text(f"The plan has no target {identifier!r}.", f"Kế hoạch không có chỉ tiêu {identifier!r}.")
        raise Unfit("unknown-target", detail, pointer="/heading")
    if found.indicator_id != indicator.pk and found.indicator_id in _restricted():
        # The pages and histories of its components would reveal the restricted target.
        detail = text("A restricted target cannot be a heading of others.", "Chỉ tiêu hạn chế không làm chỉ tiêu nhóm.")
        raise Unfit("restricted-heading", detail, pointer="/heading")
    if below is not None:
        _check_tree(found, below)
    return found


def _restricted() -> set[int]:
    """Ids of the restricted indicators and of the indicators computed from them."""
    ids = set(Indicator.objects.filter(restricted=True).values_list("pk", flat=True))
    return Indicator.objects.computed_from(ids)


def _check_tree(heading: Target, target: Target) -> None:
    # One move at a time: two concurrent moves could put each target below the other.
    Counter.hold("structure")
    above = dict(Target.objects.filter(plan=target.plan_id).values_list("pk", "heading_id"))
    place: int | None = heading.pk
    while place is not None:
        if place == target.pk:
            raise Unfit("tree-cycle", text("It would lie below itself.", "Nằm dưới chính nó."), pointer="/heading")
        place = above.get(place)
