"""Rows of a long batch on disk: parsed once, then read in slices that keep the rows of a figure together."""

import os
from array import array
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from indicators.domain.periods import Period
from indicators.services.batches.decide import DUPLICATE_ROW
from indicators.services.batches.rows import FigureRow, Rejection
from kpitracker.lib.errors import ProblemItem
from kpitracker.lib.i18n.text import in_both_languages, text

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(list[Any]).decode
# Bits of a sort key, from the top: identity (hash of the series, last day of the period), day of publication, offset
# in the file of rows.
_IDENTITY_SHIFT, _DAY_SHIFT = 64, 40
_OFFSET_MASK = (1 << _DAY_SHIFT) - 1
# Flags of an entry: a second row of the same figure and day; a row of the same figure as the row before.
_DUPLICATE_FLAG, _SAME_FIGURE_FLAG = 1 << 63, 1 << 62
# A slice grows by at most this many rows to end between two figures.
_MAX_EXTRA_ROWS = 50_000


class Spool(NamedTuple):
    """`rows`: one JSON line for each row; `order`: the offsets of the rows, in the order of processing."""

    rows: Path
    order: Path

    @classmethod
    def for_upload(cls, upload: Path) -> "Spool":
        return cls(upload.with_suffix(".rows"), upload.with_suffix(".order"))

    def write(self, rows: Iterable[FigureRow | Rejection], home_area: str) -> int:
        """Write both files and return the number of rows. `home_area`: area of rows without one."""
        keys: list[int] = []
        with _AtomicFile(self.rows) as file:
            offset = 0
            for row in rows:
                line = _encode(_row_record(row)) + b"\n"
                keys.append(_sort_key(row, offset, home_area))
                file.write(line)
                offset += len(line)
        # Within a figure: undated rows first, then by day; rows of one day in the order of the file.
        keys.sort()
        order = array("Q", (key & _OFFSET_MASK for key in keys))
        for number in range(1, len(keys)):
            if keys[number] >> _IDENTITY_SHIFT == keys[number - 1] >> _IDENTITY_SHIFT != 0:
                order[number] |= _SAME_FIGURE_FLAG
        for number in self._find_duplicates(keys, home_area):
            order[number] |= _DUPLICATE_FLAG
        with _AtomicFile(self.order) as file:
            order.tofile(file)
        return len(keys)

    def _find_duplicates(self, keys: list[int], home_area: str) -> Iterator[int]:
        """Positions in the order that hold a second row of the same figure and day."""
        with self.rows.open("rb") as file:
            first = 0
            for number in range(1, len(keys)):
                if keys[number] >> _DAY_SHIFT != keys[first] >> _DAY_SHIFT or not keys[number] >> _IDENTITY_SHIFT:
                    first = number
                elif _identity(_read_row(file, keys[number] & _OFFSET_MASK), home_area) == _identity(
                    _read_row(file, keys[first] & _OFFSET_MASK), home_area
                ):
                    yield number

    def read_slice(self, start: int, count: int) -> list[FigureRow | Rejection]:
        """Read `count` rows from position `start` on, and the rows that follow for the figure of the last one."""
        entries: array[int] = array("Q")
        with self.order.open("rb") as file:
            file.seek(start * entries.itemsize)
            entries.frombytes(file.read((count + _MAX_EXTRA_ROWS) * entries.itemsize))
        end = count
        while end < len(entries) and entries[end] & _SAME_FIGURE_FLAG:
            end += 1
        rows, in_cut_figure = [], True
        with self.rows.open("rb") as file:
            for entry in entries[:end]:
                # Recording finds duplicates within a slice; reject here those of a figure that an earlier slice began.
                in_cut_figure = in_cut_figure and bool(entry & _SAME_FIGURE_FLAG)
                row = _read_row(file, entry & _OFFSET_MASK)
                rows.append(_reject_duplicate(row) if in_cut_figure and entry & _DUPLICATE_FLAG else row)
        return rows

    def remove(self) -> None:
        for path in self:
            path.unlink(missing_ok=True)


class _AtomicFile:
    """A file that appears under its name only when it is complete and synced to disk."""

    def __init__(self, path: Path) -> None:
        self.path, self.temporary_path = path, path.with_name(f"{path.name}.part")

    def __enter__(self) -> IO[bytes]:
        self.file = self.temporary_path.open("wb")
        return self.file

    def __exit__(self, kind: object, *rest: object) -> None:
        with self.file:
            self.file.flush()
            os.fsync(self.file.fileno())
        if kind is None:
            self.temporary_path.replace(self.path)
        else:
            self.temporary_path.unlink()


def _row_record(row: FigureRow | Rejection) -> tuple[object, ...]:
    if isinstance(row, Rejection):
        detail = in_both_languages(row.item.detail)
        return (0, row.number, row.item.pointer, row.item.slug, detail["en"], detail["vi"], *row[2:])
    return (1, *row[:3], *row.period, *row[4:])


def _read_row(file: IO[bytes], offset: int) -> FigureRow | Rejection:
    file.seek(offset)
    is_valid, number, *fields = _decode(file.readline())
    if not is_valid:
        pointer, slug, english, vietnamese, indicator, period = fields
        return Rejection(number, ProblemItem(pointer, slug, text(english, vietnamese)), indicator, period)
    indicator, area, start, end, published, *content = fields
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    day = None if published is None else date.fromisoformat(published)
    return FigureRow(number, indicator, area, period, day, *content)


def _reject_duplicate(row: FigureRow | Rejection) -> Rejection:
    assert isinstance(row, FigureRow)
    return Rejection(row.number, DUPLICATE_ROW, row.indicator, str(row.period))


def _identity(row: FigureRow | Rejection, home_area: str) -> tuple[object, ...]:
    assert isinstance(row, FigureRow)
    return row.indicator, row.area or home_area, row.period, row.published


def _sort_key(row: FigureRow | Rejection, offset: int, home_area: str) -> int:
    if isinstance(row, Rejection):
        return offset
    # The hash differs between processes, so it is never stored. It groups the rows of a series, ordered by last day.
    series = hash((row.indicator, row.area or home_area, row.period.start)) & ((1 << 40) - 1)
    day = row.published.toordinal() if row.published else 0
    return (series << 24 | row.period.end.toordinal()) << _IDENTITY_SHIFT | day << _DAY_SHIFT | offset
