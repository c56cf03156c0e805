"""The stored figures and revisions that a batch is compared with, read for all rows at once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple

from indicators.domain.choices import Stage
from indicators.domain.figures import FORECAST_DAYS, RevisionContent, RevisionEntry, is_stage_regression
from indicators.models import Revision
from indicators.services.batches.rows import FigureRow
from kpitracker.lib import clock
from kpitracker.lib.db import bulk

FigureKey = tuple[int, int, date, date]  # indicator id, area id, first and last day: the identity of a figure
StartKey = tuple[int, int, date]

_CONTENT_COLUMNS = ("value", "missing_reason", "qualifier", "stage", "source", "note")
IDENTITY_COLUMNS = {"indicator_id": "bigint", "area_id": "bigint", "period_start": "date", "period_end": "date"}
NO_REVISION = "0" * 32  # `current` of a figure without a revision in force


class StoredFigure(NamedTuple):
    """A stored figure: its id, the number of the revision in force, and the number of its revisions."""

    id: str
    revision: int
    revisions: int


class QuickVerdict(Enum):
    SAME = "same"
    REVISED = "other"
    REVISED_UNLESS_REPEATED = "other, unless it was said before"
    UNCLEAR = "unclear"


ExistingRow = tuple[Any, ...]  # what `_EXISTING_SQL` selects
_CONTENT_OFFSET = 10


class ExistingFigures:
    """The stored figures that begin on the same days as these keys.

    `shared_starts`: series and days on which several of the given figures begin. The caller adds stored ones.
    """

    def __init__(self, keys: Collection[FigureKey], now: datetime) -> None:
        self._days = {day.isoformat(): day for day in {key[2] for key in keys} | {key[3] for key in keys}}
        texts = {day: text for text, day in self._days.items()}
        encode_key = bulk.fixed_width_encoder(*IDENTITY_COLUMNS.values())
        bulk.stage_rows(
            "wanted_figures",
            IDENTITY_COLUMNS,
            (encode_key(i, a, texts[start], texts[end]) for i, a, start, end in keys),
        )
        self._rows = bulk.select_rows(
            _EXISTING_SQL.format(value=bulk.decimal_text_sql("m.value")), [bulk.moment_text(now), NO_REVISION]
        )
        starts = Counter([key[:3] for key in keys])
        has_shared_starts = len(starts) < len(keys)
        self.shared_starts: set[StartKey] = (
            {start for start, count in starts.items() if count > 1} if has_shared_starts else set()
        )

    def __iter__(self) -> Iterator[tuple[FigureKey, ExistingRow]]:
        days = self._days
        for row in self._rows:
            end_text = row[3]
            if end_text not in days:
                days[end_text] = date.fromisoformat(end_text)
            yield (row[0], row[1], days[row[2]], days[end_text]), row

    def parse_day(self, text: str | None) -> date | None:
        if text is None:
            return None
        parsed = self._days.get(text)
        if parsed is None:
            parsed = self._days[text] = date.fromisoformat(text)
        return parsed

    def has_same_value(self, existing_row: ExistingRow, row: FigureRow) -> bool:
        return bool(row[5] == existing_row[_CONTENT_OFFSET])

    def quick_verdict(self, existing_row: ExistingRow, row: FigureRow) -> QuickVerdict:
        """Decide a row by the current revision alone, or return `UNCLEAR` when its history must be read.

        The current revision is enough when the row is not older: then it is the one in force on the day of the row.
        """
        published, recorded_earlier, in_force = self.parse_day(existing_row[7]), existing_row[8], existing_row[9]
        if row[4] is None or published is None or row[4] < published or not in_force:
            return QuickVerdict.UNCLEAR
        # Between forecasts and what was measured the content alone does not decide.
        if row[8] == Stage.FORECAST or (row[3][1] - published).days > FORECAST_DAYS:
            return QuickVerdict.UNCLEAR
        content = existing_row[_CONTENT_OFFSET:]
        if row[5:11] == content:
            return QuickVerdict.SAME
        # The revision may carry a later time than ours: clocks differ.
        if not recorded_earlier or (row[8] != content[3] and is_stage_regression(row[8], content[3])):
            return QuickVerdict.UNCLEAR
        return QuickVerdict.REVISED if existing_row[6] == 1 else QuickVerdict.REVISED_UNLESS_REPEATED


# Selects all figures that begin on the same days, so that one query also serves the check of cumulative values.
_EXISTING_SQL = """
    SELECT m.indicator_id, m.area_id, CAST(m.period_start AS text), CAST(m.period_end AS text),
           replace(CAST(m.id AS text), '-', ''), m.revision, m.revisions, CAST(m.published AS text),
           m.recorded_at <= %s, m.current_revision <> %s,
           {value}, m.missing_reason, m.qualifier, m.stage, m.source, m.note
    FROM (SELECT DISTINCT indicator_id, area_id, period_start FROM wanted_figures) w
    JOIN indicators_measurement m ON m.indicator_id = w.indicator_id AND m.area_id = w.area_id
         AND m.period_start = w.period_start
"""


def figures_needing_history(new_values: Iterable[tuple[str, str, bool]], now: datetime) -> set[str]:
    """The ids of figures whose new value an earlier revision may have, or that have a revision recorded after `now`.

    `new_values`: figure id, new value ("" for none), and whether the revision in force has the same value.
    """
    encode_id, encode_value = bulk.fixed_width_encoder("uuid"), bulk.decimal_encoder()
    bulk.stage_rows(
        "said_figures",
        {"id": "uuid", "value": "numeric"},
        (
            encode_id(pk) + encode_value("" if has_same_value else new_value)
            for pk, new_value, has_same_value in new_values
        ),
    )
    return {pk for (pk,) in bulk.select_rows(_REPEATED_SQL, [bulk.moment_text(now)])}


_REPEATED_SQL = """
    SELECT DISTINCT replace(CAST(s.id AS text), '-', '')
    FROM said_figures s JOIN indicators_revision r ON r.measurement_id = s.id
    WHERE r.value = s.value OR r.recorded_at > %s
"""


class RevisionHistory(NamedTuple):
    """All revisions of a figure, first to last, with the state of their approval (`valid` when none was needed)."""

    entries: list[tuple[RevisionEntry, str]]
    recorded_at: datetime  # of the last one


def load_histories(ids: Collection[str]) -> dict[str, RevisionHistory]:
    """The histories by figure id (hex without hyphens)."""
    if not ids:
        return {}
    encode_id = bulk.fixed_width_encoder("uuid")
    bulk.stage_rows("wanted_histories", {"id": "uuid"}, (encode_id(pk) for pk in ids))
    rows = (
        Revision.objects.extra(where=["indicators_revision.measurement_id IN (SELECT id FROM wanted_histories)"])
        .order_by("measurement_id", "number")
        .values_list(
            "measurement_id",
            "number",
            *_CONTENT_COLUMNS,
            "published",
            "recorded_at",
            "approval__state",
            "approval__decided_at",
        )
    )
    entries_by_id: dict[str, list[tuple[RevisionEntry, str]]] = defaultdict(list)
    last_recorded: dict[str, datetime] = {}
    for measurement, number, *content, published, recorded_at, state, decided_at in rows.iterator(chunk_size=5000):
        pk = measurement.hex
        known_on = clock.local_day(decided_at or recorded_at)
        entries_by_id[pk].append(
            (RevisionEntry(number, RevisionContent(*content), published, known_on), state or "valid")
        )
        last_recorded[pk] = recorded_at
    return {pk: RevisionHistory(entries, last_recorded[pk]) for pk, entries in entries_by_id.items()}
