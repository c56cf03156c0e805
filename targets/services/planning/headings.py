"""Headings and their component targets. A scorecard counts each of them as a target of its own."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from indicators.models import Indicator
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Unprocessable
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence
from targets.models import Plan, Target


class HierarchyLinks(NamedTuple):
    """Identifiers of the heading and of the components of a target."""

    heading: str | None = None
    components: tuple[str, ...] = ()


def load_hierarchy_links(targets: Iterable[Target], by: Actor) -> dict[int, HierarchyLinks]:
    """Heading and components of each target, by its id, as far as the caller may see them; one query."""
    heading_ids = {target.pk: target.heading_id for target in targets}
    is_related = Q(pk__in={pk for pk in heading_ids.values() if pk}) | Q(heading__in=heading_ids)
    rows = Target.objects.visible_to(by).filter(is_related).order_by("identifier")
    related = list(rows.values_list("pk", "heading_id", "identifier"))
    identifiers = {pk: identifier for pk, _, identifier in related}
    components: dict[int, list[str]] = {}
    for _, heading, identifier in related:
        if heading is not None:
            components.setdefault(heading, []).append(identifier)
    return {
        pk: HierarchyLinks(identifiers.get(heading or 0), tuple(components.get(pk, ())))
        for pk, heading in heading_ids.items()
    }


def resolve_heading(
    identifier: str | None, *, plan: Plan, indicator: Indicator, by: Actor, target: Target | None = None
) -> Target | None:
    """The target with this identifier as heading of a target on an indicator; None for an empty identifier.

    Raises `Unprocessable`: unknown-target when the plan has no such target; restricted-heading; tree-cycle when the heading is
    the target itself (`target`) or below it.
    """
    if not identifier:
        return None
    heading: Target | None = Target.objects.visible_to(by).filter(plan=plan, identifier=identifier).first()
    if heading is None:
        detail = text(f"The plan has no target {identifier!r}.", f"Kế hoạch không có chỉ tiêu {identifier!r}.")
        raise Unprocessable("unknown-target", detail, pointer="/heading")
    if heading.indicator_id != indicator.pk and heading.indicator_id in _restricted_indicator_ids():
        # The pages and histories of its components would reveal the restricted target.
        detail = text("A restricted target cannot be a heading of others.", "Chỉ tiêu hạn chế không làm chỉ tiêu nhóm.")
        raise Unprocessable("restricted-heading", detail, pointer="/heading")
    if target is not None:
        _check_no_cycle(heading, target)
    return heading


def _restricted_indicator_ids() -> set[int]:
    """Ids of the restricted indicators and of the indicators computed from them."""
    ids = set(Indicator.objects.filter(restricted=True).values_list("pk", flat=True))
    return Indicator.objects.computed_from(ids)


def _check_no_cycle(heading: Target, target: Target) -> None:
    # One move at a time: two concurrent moves could put each target below the other.
    CommitSequence.lock("structure")
    heading_ids = dict(Target.objects.filter(plan=target.plan_id).values_list("pk", "heading_id"))
    ancestor_id: int | None = heading.pk
    while ancestor_id is not None:
        if ancestor_id == target.pk:
            raise Unprocessable(
                "tree-cycle", text("It would lie below itself.", "Nằm dưới chính nó."), pointer="/heading"
            )
        ancestor_id = heading_ids.get(ancestor_id)
