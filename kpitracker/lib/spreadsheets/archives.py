"""Checks of XLSX files before they are opened: a small archive can unpack to more than the available memory."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO

from kpitracker.lib.errors import Invalid, TooLarge
from kpitracker.lib.texts import text

MAX_ENTRIES = 200
MAX_UNPACKED = 64 * 1024 * 1024
MAX_RATIO = 200
# The reader allocates every cell between the first and the last: two used cells can mean 17 billion.
MAX_CELLS = 4_000_000

_CHUNK = 256 * 1024
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_OPENING = rb"""<(?:[^\s<>/!?:"'=]+:)?(row|c)(?=[\s/>])"""
# Quoted values may contain >. Possessive quantifiers: crafted attributes would cause endless backtracking.
_TAG = re.compile(_OPENING + rb"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_OPENED = re.compile(_OPENING)
# The common form of spreadsheet programs; other forms are scanned tag by tag, ten times slower.
_PLAIN_ROW = re.compile(rb'<row r="([0-9]{1,7})"(?: [A-Za-z0-9:]+="[^"<>]*")* ?/?>')
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"((?: [a-z]+="[^"<>]*")*) ?(/?)>')
_PLACE = re.compile(rb"""(?:^|[\s"'])r\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TARGET = re.compile(rb"""\sTarget\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_IS_ERROR = re.compile(rb"""(?:^|[\s"'])t\s*=\s*["']e["']""")
_CELL = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")


def check_archive(file: IO[bytes]) -> None:
    """Raises `ValidationProblem` (invalid-xlsx) for a file that is not XLSX, `TooLarge` when it unpacks to too much.

    The sizes in the archive are not trusted: everything is unpacked once and counted.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_sizes(entries, file)
            for entry in entries:
                _check_entry(file, entry)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise _invalid() from error
    finally:
        file.seek(0)


def _check_sizes(entries: list[zipfile.ZipInfo], file: IO[bytes]) -> None:
    packed = file.seek(0, 2)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise _too_large()
    names = [entry.filename for entry in entries]
    # Readers differ in which of two equal names they take: the check and the reader could see different entries.
    known = {name.lower() for name in names}
    if len(known) < len(names) or not {"[content_types].xml", "xl/workbook.xml"} <= known:
        raise _invalid()
    if any(entry.compress_type not in (0, 8) or entry.flag_bits & _ENCRYPTED for entry in entries):
        raise _invalid()


def _check_entry(file: IO[bytes], entry: zipfile.ZipInfo) -> None:
    parts = _unpacked(file, entry)
    if entry.filename.lower().startswith("xl/_rels/"):
        _check_parts(b"".join(parts))
    elif entry.filename.lower().endswith((".xml", ".rels")):
        Extent(entry.filename).check(parts)
    else:
        for _ in parts:
            pass


def _check_parts(relations: bytes) -> None:
    """Refuses parts not named .xml: the reader would read them, but the check skips them. So macros are refused too."""
    targets = [one or other for one, other in _TARGET.findall(relations)]
    if b"\x00" in relations or not all(target.lower().endswith(b".xml") for target in targets):
        raise _invalid()


def _unpacked(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content to its real end. zipfile would stop at the size that the archive claims."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left, size = entry.compress_size, 0
    inflate = zlib.decompressobj(-15) if entry.compress_type else None
    while left:
        packed = file.read(min(_CHUNK, left))
        if not packed:
            raise _invalid()
        left -= len(packed)
        while packed:
            part = inflate.decompress(packed, _CHUNK) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            size += len(part)
            if size > entry.file_size:
                raise _too_large()
            yield part
    if size != entry.file_size or (inflate and not inflate.eof):
        raise _invalid()


class Extent:
    """The extent of the used cells of a sheet."""

    def __init__(self, name: str) -> None:
        self.name, self.row, self.column, self.last_row, self.last_column = name, 0, 0, 0, 0

    def check(self, parts: Iterator[bytes]) -> None:
        rest = b""
        for part in parts:
            if b"\x00" in part:
                raise _invalid()  # not the encoding that is scanned here
            rest = self._scan(rest + part)
            if len(rest) > _CHUNK:
                raise _invalid()
        if _OPENED.search(rest):
            raise _invalid()

    def _scan(self, content: bytes) -> bytes:
        """Read all complete tags; return the rest, which may begin an incomplete one."""
        whole = content.rfind(b">") + 1
        if self._plain(content[:whole]):
            return content[whole:]
        end = 0
        for found in _TAG.finditer(content):
            end = found.end()
            if found[1] == b"row":
                self._row(found[2])
            else:
                self._cell(found[2])
        if broken := _OPENED.search(content, end):
            return content[broken.start() :]
        last = content.rfind(b"<", end)
        return content[last:] if last >= 0 and content.find(b">", last) < 0 else b""

    def _plain(self, content: bytes) -> bool:
        """Read the tags if all of them have the common form; returns whether they have."""
        rows, cells = _PLAIN_ROW.findall(content), _PLAIN_CELL.findall(content)
        if len(_OPENED.findall(content)) != len(rows) + len(cells):
            return False
        used = {(column, row) for column, row, _, closed in cells if not closed}
        if any(_IS_ERROR.search(attributes) for attributes in {cell[2] for cell in cells}):
            return False
        self.row = max([self.row, *map(int, rows[-1:]), *(int(cell[1]) for cell in cells[-1:])])
        self.column = _number(cells[-1][0]) if cells else self.column
        self._reach(
            max((int(row) for row in {row for _, row in used}), default=0),
            max((_number(column) for column in {column for column, _ in used}), default=0),
        )
        return True

    def _reach(self, row: int, column: int) -> None:
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        if self.last_row * self.last_column > MAX_CELLS:
            raise _too_large()

    def _row(self, attributes: bytes) -> None:
        places = [int(number) for number in _places(attributes)]
        self.row, self.column = max(places, default=self.row + 1), 0

    def _cell(self, attributes: bytes) -> None:
        found = [_CELL.fullmatch(place) for place in _places(attributes)]
        if None in found:
            raise _invalid()
        columns, rows = [_number(each[1]) for each in found if each], [int(each[2]) for each in found if each]
        self.column = max(columns, default=self.column + 1)
        self.row = max([self.row, *rows])
        if attributes.endswith(b"/"):
            return  # only a format, no value
        if _IS_ERROR.search(attributes):
            raise _faulty(self.name, self.column, self.row)
        self._reach(self.row, self.column)


def _places(attributes: bytes) -> list[bytes]:
    return [one or other for one, other in _PLACE.findall(attributes)]


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def column_name(number: int) -> str:
    """1 → A, 27 → AA."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _invalid() -> Invalid:
    return Invalid("invalid-xlsx", text("Not an XLSX file.", "Không phải tệp XLSX."), pointer="")


def _faulty(name: str, column: int, row: int) -> Invalid:
    cell, sheet = f"{column_name(column)}{row}", name.rpartition("/")[2]
    # The reader returns such a cell as empty: a figure would be lost silently.
    return Invalid(
        "invalid-xlsx",
        text(f"The cell {cell} holds an error ({sheet}).", f"Ô {cell} báo lỗi công thức ({sheet})."),
        pointer="",
    )


def _too_large() -> TooLarge:
    return TooLarge("too-large", text("The unpacked file is too large.", "Tệp giải nén ra quá lớn."), pointer="")
