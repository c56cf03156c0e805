"""Keep the parts of indicators such that they add up to their wholes (domain.md, Contributions)."""

from collections import defaultdict
from collections.abc import Sequence

from indicators.domain import graphs
from indicators.domain.choices import Accumulation
from indicators.models import Indicator, IndicatorPart
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import log
from kpitracker.lib.errors import Unprocessable
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models import CommitSequence


def resolve_parts(parts: Sequence[str | Indicator]) -> list[Indicator]:
    """The indicators with these codes, each once, by code. Raises `Unprocessable` (unknown-indicator)."""
    rows = [
        part if isinstance(part, Indicator) else Indicator.objects.by_code(part, f"/parts/{position}")
        for position, part in enumerate(parts)
    ]
    return sorted({row.pk: row for row in rows}.values(), key=lambda row: str(row.code))


def replace_parts(indicator: Indicator, parts: Sequence[Indicator], by: Actor) -> None:
    """Store the parts in place of the former ones, with an audit entry when they differ."""
    before = sorted(indicator.parts.values_list("code", flat=True))
    after = [part.code for part in parts]
    if before == after:
        return
    # One change at a time: two concurrent changes could each add one half of a cycle.
    CommitSequence.lock("structure")
    if indicator in parts:
        raise _cycle_error([indicator.code, indicator.code])
    indicator.parts.set(parts)
    log.write_entry(by=by, verb="changed", row=indicator, before={"parts": before}, after={"parts": after})


def check_parts(indicator: Indicator) -> None:
    """Check the indicator as a whole and as a part of others, and that no value is counted twice.

    Raises `Unprocessable` (invalid-parts, part-cycle).
    """
    links = list(IndicatorPart.objects.select_related("indicator", "part").order_by("indicator__code", "part__code"))
    own_links = [link for link in links if indicator.pk in (link.indicator_id, link.part_id)]
    if not own_links:
        return
    for link in own_links:
        _check_pair(link.indicator, link.part, is_of_part=link.part_id == indicator.pk)
    graph: dict[str, list[str]] = defaultdict(list)
    for link in links:
        graph[link.indicator.code].append(link.part.code)
    if cycle := graphs.find_cycle(graph):
        raise _cycle_error(cycle)
    if twice := graphs.find_reached_twice(graph):
        whole, part = twice
        raise Unprocessable(
            "invalid-parts",
            text(
                f"{part} would be counted twice in {whole}: it is a part of another of its parts.",
                f"{part} sẽ bị tính hai lần trong {whole}: nó đã nằm trong một thành phần khác.",
            ),
            pointer="/parts",
        )


def _check_pair(whole: Indicator, part: Indicator, *, is_of_part: bool) -> None:
    """`is_of_part`: the part is changed, not the whole."""
    if whole.unit != part.unit:
        raise Unprocessable(
            "invalid-parts",
            text(
                f"The unit of {part.code} is “{part.unit}”, that of {whole.code} “{whole.unit}”: "
                "parts have the unit of their whole.",
                f"Đơn vị tính của {part.code} là “{part.unit}”, của {whole.code} là “{whole.unit}”: "
                "chỉ số thành phần phải cùng đơn vị tính.",
            ),
            pointer="/unit" if is_of_part else "/parts",
        )
    for row in (whole, part):
        if row.accumulation != Accumulation.SUM:
            raise Unprocessable(
                "invalid-parts",
                text(
                    f"Figures of {row.code} are not added up over time: "
                    "only indicators with accumulation sum have parts, or are parts.",
                    f"Số liệu {row.code} không cộng dồn: "
                    "chỉ có chỉ số cộng dồn (sum) mới có thành phần hoặc là thành phần.",
                ),
                pointer="/accumulation" if is_of_part else "/parts",
            )


def _cycle_error(codes: Sequence[str]) -> Unprocessable:
    path = " → ".join(codes)
    return Unprocessable(
        "part-cycle",
        text(f"An indicator would be a part of itself: {path}.", f"Chỉ số sẽ là thành phần của chính nó: {path}."),
        pointer="/parts",
    )
