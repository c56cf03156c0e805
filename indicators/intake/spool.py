"""Rows of a long batch on disk: parsed once, then read in slices that keep the rows of a figure together."""

import os
from array import array
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from indicators.domain.periods import Period
from indicators.services.batches.record import DUPLICATE
from indicators.services.batches.rows import Rejection, Row
from kpitracker.lib.errors import Item
from kpitracker.lib.texts import both, text

_encode, _decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(list[Any]).decode
# Bits of a sort key, from the top: identity (hash of the series, last day of the period), day of publication, offset
# in the file of rows.
_ABOUT, _DAY = 64, 40
_PLACE = (1 << _DAY) - 1
# Flags of an entry: a second row of the same figure and day; a row of the same figure as the row before.
_REPEATED, _SAME = 1 << 63, 1 << 62
# A slice grows by at most this many rows to end between two figures.
_MOST = 50_000


class Spool(NamedTuple):
    """`rows`: one JSON line for each row; `order`: the offsets of the rows, in the order of processing."""

    rows: Path
    order: Path

    @classmethod
    def beside(cls, upload: Path) -> "Spool":
        return cls(upload.with_suffix(".rows"), upload.with_suffix(".order"))

    def write(self, rows: Iterable[Row | Rejection], home: str) -> int:
        """Write both files and return the number of rows. `home_area`: area of rows without one."""
        keys: list[int] = []
        with _Made(self.rows) as file:
            place = 0
            for row in rows:
                line = _encode(_written(row)) + b"\n"
                keys.append(_key(row, place, home))
                file.write(line)
                place += len(line)
        # Within a figure: undated rows first, then by day; rows of one day in the order of the file.
        keys.sort()
        order = array("Q", (key & _PLACE for key in keys))
        for number in range(1, len(keys)):
            if keys[number] >> _ABOUT == keys[number - 1] >> _ABOUT != 0:
                order[number] |= _SAME
        for number in self._repeated(keys, home):
            order[number] |= _REPEATED
        with _Made(self.order) as file:
            order.tofile(file)
        return len(keys)

    def _repeated(self, keys: list[int], home: str) -> Iterator[int]:
        """Positions in the order that hold a second row of the same figure and day."""
        with self.rows.open("rb") as file:
            first = 0
            for number in range(1, len(keys)):
                if keys[number] >> _DAY != keys[first] >> _DAY or not keys[number] >> _ABOUT:
                    first = number
                elif _about(_at(file, keys[number] & _PLACE), home) == _about(_at(file, keys[first] & _PLACE), home):
                    yield number

    def read(self, start: int, count: int) -> list[Row | Rejection]:
        """Read `count` rows from position `start` on, and the rows that follow for the figure of the last one."""
        places: array[int] = array("Q")
        with self.order.open("rb") as file:
            file.seek(start * places.itemsize)
            places.frombytes(file.read((count + _MOST) * places.itemsize))
        end = count
        while end < len(places) and places[end] & _SAME:
            end += 1
        rows, cut = [], True
        with self.rows.open("rb") as file:
            for place in places[:end]:
                # Recording finds duplicates within a slice; reject here those of a figure that an earlier slice began.
                cut = cut and bool(place & _SAME)
                row = _at(file, place & _PLACE)
                rows.append(_duplicate(row) if cut and place & _REPEATED else row)
        return rows

    def remove(self) -> None:
        for path in self:
            path.unlink(missing_ok=True)


class _Made:
    """A file that appears under its name only when it is complete and synced to disk."""

    def __init__(self, path: Path) -> None:
        self.path, self.part = path, path.with_name(f"{path.name}.part")

    def __enter__(self) -> IO[bytes]:
        self.file = self.part.open("wb")
        return self.file

    def __exit__(self, kind: object, *rest: object) -> None:
        with self.file:
            self.file.flush()
            os.fsync(self.file.fileno())
        if kind is None:
            self.part.replace(self.path)
        else:
            self.part.unlink()


def _written(row: Row | Rejection) -> tuple[Any, ...]:
    if isinstance(row, Rejection):
        detail = both(row.item.detail)
        return (0, row.number, row.item.pointer, row.item.slug, detail["en"], detail["vi"], *row[2:])
    return (1, *row[:3], *row.period, *row[4:])


def _at(file: IO[bytes], place: int) -> Row | Rejection:
    file.seek(place)
    good, number, *rest = _decode(file.readline())
    if not good:
        pointer, slug, english, vietnamese, indicator, period = rest
        return Rejection(number, Item(pointer, slug, text(english, vietnamese)), indicator, period)
    indicator, area, start, end, published, *content = rest
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    day = None if published is None else date.fromisoformat(published)
    return Row(number, indicator, area, period, day, *content)


def _duplicate(row: Row | Rejection) -> Rejection:
    assert isinstance(row, Row)
    return Rejection(row.number, DUPLICATE, row.indicator, str(row.period))


def _about(row: Row | Rejection, home: str) -> tuple[Any, ...]:
    assert isinstance(row, Row)
    return row.indicator, row.area or home, row.period, row.published


def _key(row: Row | Rejection, place: int, home: str) -> int:
    if isinstance(row, Rejection):
        return place
    # The hash differs between processes, so it is never stored. It groups the rows of a series, ordered by last day.
    series = hash((row.indicator, row.area or home, row.period.start)) & ((1 << 40) - 1)
    day = row.published.toordinal() if row.published else 0
    return (series << 24 | row.period.end.toordinal()) << _ABOUT | day << _DAY | place
