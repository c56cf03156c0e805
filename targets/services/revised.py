"""Which of the figures behind an evaluation were revised to another value."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Min
from django.db.models.functions import Coalesce

from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.models import Indicator, Revision, SeriesChange
from targets.domain.occasions import Change
from targets.services.judging import Judged

# Ids per statement; SQLite accepts at least this many.
_ASKED = 10_000


class Revised(NamedTuple):
    """A figure whose value changed: codes of indicator, area and period, the values, and the id of the new revision."""

    indicator: str
    area: str
    period: str
    change: Change
    revision: str


class Stated(NamedTuple):
    """One stored revision of a figure. `known_at`: when it was recorded or approved. `pair`: indicator and area ids."""

    pk: UUID
    number: int
    value: Any
    published: date | None
    quiet: bool
    known_at: Any
    pair: tuple[int, int]


def recently(judged: Sequence[Judged]) -> Mapping[int, Sequence[Revised]]:
    """Return, by target id, the figures that were revised by the posts that still wait for assessment."""
    read = Indicator.objects.inputs_of({each.target.indicator_id for each in judged})
    marks = SeriesChange.objects.filter(quiet=False, indicator__in=set().union(*read.values()))
    firsts = marks.values_list("indicator_id", "area_id").annotate(Min("recorded_at"))
    since = {(indicator, area): first for indicator, area, first in firsts}
    known = history({figure.id for each in judged for _, _, figure in figures_of(each)}) if since else {}
    found: dict[int, list[Revised]] = defaultdict(list)
    for each in judged:
        for indicator, area, figure in figures_of(each):
            stated = known.get(figure.id, ())
            now = next((one for one in stated if one.number == figure.revision), None)
            # Quiet revisions are loaded history: they trigger nothing.
            if now is None or now.quiet or now.pair not in since or now.known_at < since[now.pair]:
                continue
            before = in_force([one for one in stated if one.known_at < since[now.pair]])
            if revised := change_of(indicator, area, figure, before, now):
                found[each.target.pk].append(revised)
    return found


def figures_of(judged: Judged) -> Iterator[tuple[str, str, Figure]]:
    """Yield the figures behind an evaluation that have several revisions, with codes of indicator and area."""
    for each in judged.assessment.figures:
        parts = [(part.area, part.figure) for part in each.figure.parts] or [(judged.target.area.code, each.figure)]
        yield from ((each.indicator, area, figure) for area, figure in parts if figure.revision > 1)


def history(figures: Collection[str]) -> dict[str, list[Stated]]:
    """Return the valid revisions by figure id."""
    found: dict[str, list[Stated]] = defaultdict(list)
    wanted = sorted(figures)
    for start in range(0, len(wanted), _ASKED):
        for figure, stated in _stated(wanted[start : start + _ASKED]):
            found[figure].append(stated)
    return found


def _stated(figures: Sequence[str]) -> Iterator[tuple[str, Stated]]:
    rows = Revision.objects.valid().filter(measurement__in=figures)
    known = rows.annotate(known_at=Coalesce("approval__decided_at", "recorded_at")).values_list(
        "measurement_id",
        "pk",
        "number",
        "value",
        "published",
        "quiet",
        "known_at",
        "measurement__indicator_id",
        "measurement__area_id",
    )
    for figure, pk, number, value, published, quiet, known_at, indicator, area in known:
        yield str(figure), Stated(pk, number, value, published, quiet, known_at, (indicator, area))


def in_force(stated: Collection[Stated]) -> Stated | None:
    """Return the revision published last (ties: recorded last). An undated one counts only if all are undated."""
    return max(stated, key=lambda each: (each.published or date.min, each.number), default=None)


def change_of(indicator: str, area: str, figure: Figure, before: Stated | None, now: Stated) -> Revised | None:
    """Return the change of a figure, or None if the value is the same, or is missing before or now."""
    if before is None or before.value is None or now.value is None or before.value == now.value:
        return None
    period = str(Period(figure.start, figure.end))
    return Revised(indicator, area, period, Change(before.value, now.value), str(now.pk))
