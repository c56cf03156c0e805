"""Warn of figures of a merged area that kept its code, for periods before the merger: they speak of the old territory."""

from collections.abc import Collection, Mapping
from datetime import date

from indicators.domain.period_words import day_in_words
from indicators.domain.territory import Predecessor
from indicators.models import Area
from indicators.services.figures.figure_changes import FigureChange
from indicators.services.figures.series import Mergers
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import text


def warn_of_territory(
    valued_changes: Mapping[int, FigureChange], mergers: Mergers, today: date
) -> dict[int, list[ProblemItem]]:
    """By position, the warnings of the changes. One query where there is something to warn of, else none."""
    joined_by_position = {
        position: joined
        for position, change in valued_changes.items()
        if (joined := _joined_after(mergers, change, today))
    }
    if not joined_by_position:
        return {}
    ids = {area.id for joined in joined_by_position.values() for area in joined}
    names = _load_names(ids | {valued_changes[position].area for position in joined_by_position})
    return {
        position: [_warning(names[valued_changes[position].area], joined, names)]
        for position, joined in joined_by_position.items()
    }


def _joined_after(mergers: Mergers, change: FigureChange, today: date) -> list[Predecessor]:
    """The areas that joined the area of a change after its period. An area that began with them speaks of all of them."""
    existed_from = mergers.existed_from(change.area)
    return [
        area
        for area in mergers.predecessors(change.area)
        if area.existed_on(change.period.end)
        and change.period.end < area.joined_on <= today
        and (existed_from is None or existed_from < area.joined_on)
    ]


def _load_names(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Name and English name by id."""
    rows = Area.objects.filter(pk__in=ids).values_list("pk", "name", "name_en")
    return {pk: (name, name_en or name) for pk, name, name_en in rows}


def _warning(name: tuple[str, str], joined: list[Predecessor], names: Mapping[int, tuple[str, str]]) -> ProblemItem:
    day = min(area.joined_on for area in joined)
    others_vi, others = (", ".join(sorted(names[area.id][column] for area in joined)) for column in (0, 1))
    area_vi, area = name
    return ProblemItem(
        "/period",
        "territory-before-merger",
        text(
            f"The period ends before {day_in_words(day, vietnamese=False)}, when {others} merged into {area}: the figure "
            f"counts for the former {area} alone. Post those of {others} under their own codes.",
            f"Kỳ này kết thúc trước khi {others_vi} sáp nhập vào {area_vi} (ngày {day_in_words(day, vietnamese=True)}): "
            f"số liệu được hiểu là của riêng {area_vi} theo địa giới cũ. Số liệu của {others_vi} gửi theo mã riêng.",
        ),
    )
