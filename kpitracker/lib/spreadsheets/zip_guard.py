"""Checks of XLSX files before they are opened: a small archive can unpack to more than the available memory."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from kpitracker.lib.errors import TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text

MAX_ENTRIES = 200
MAX_RATIO = 200
MAX_COLUMNS = 256  # more than any table of this service has


class Limits(NamedTuple):
    """`cells`: of a sheet. The reader allocates every cell between the first and the last: two can mean 17 billion.

    `unpacked`: bytes of all entries. `tags`: of all entries; each cell, also a repeated one, and each text has some.
    """

    cells: int
    unpacked: int
    tags: int


IN_JOB = Limits(4_000_000, 64 * 1024 * 1024, 64 * 1024 * 1024)
# Less than 50 MB of a web process: the reader takes up to 85 bytes for a cell.
IN_REQUEST = Limits(400_000, 24 * 1024 * 1024, 2_000_000)

_CHUNK = 256 * 1024
_LOCAL_HEADER = 30
_ENCRYPTED = 0x1
_OPENING_TAG = rb"""<(?:[^\s<>/!?:"'=]+:)?(row|c)(?=[\s/>])"""
# Quoted values may contain >. Possessive quantifiers: crafted attributes would cause endless backtracking.
_TAG_PATTERN = re.compile(_OPENING_TAG + rb"""((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
_OPENING_PATTERN = re.compile(_OPENING_TAG)
# The common form of spreadsheet programs; other forms are scanned tag by tag, ten times slower.
_PLAIN_ROW = re.compile(rb'<row r="([0-9]{1,7})"(?: [A-Za-z0-9:]+="[^"<>]*")* ?/?>')
_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"((?: [a-z]+="[^"<>]*")*) ?(/?)>')
_REFERENCE_PATTERN = re.compile(rb"""(?:^|[\s"'])r\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TARGET_PATTERN = re.compile(rb"""\sTarget\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ERROR_PATTERN = re.compile(rb"""(?:^|[\s"'])t\s*=\s*["']e["']""")
_CELL_PATTERN = re.compile(rb"([A-Za-z]{1,3})([0-9]{1,7})")


def check_archive(file: IO[bytes], limits: Limits = IN_JOB) -> None:
    """Raises `ValidationProblem` (invalid-xlsx) for a file that is not XLSX, `TooLarge` when it unpacks to too much.

    The sizes in the archive are not trusted: everything is unpacked once and counted.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_sizes(entries, file, limits)
            tags = 0
            for entry in entries:
                tags += _check_entry(file, entry, limits, limits.tags - tags)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise _invalid_file() from error
    finally:
        file.seek(0)


def _check_sizes(entries: list[zipfile.ZipInfo], file: IO[bytes], limits: Limits) -> None:
    packed = file.seek(0, 2)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > limits.unpacked or unpacked > MAX_RATIO * max(packed, 1):
        raise _too_large(limits)
    names = [entry.filename for entry in entries]
    # Readers differ in which of two equal names they take: the check and the reader could see different entries.
    lower_names = {name.lower() for name in names}
    if len(lower_names) < len(names) or not {"[content_types].xml", "xl/workbook.xml"} <= lower_names:
        raise _invalid_file()
    if any(entry.compress_type not in (0, 8) or entry.flag_bits & _ENCRYPTED for entry in entries):
        raise _invalid_file()


def _check_entry(file: IO[bytes], entry: zipfile.ZipInfo, limits: Limits, max_tags: int) -> int:
    """Returns the number of tags."""
    counter = _TagCounter(_unpack_entry(file, entry), max_tags, limits)
    parts = iter(counter)
    if entry.filename.lower().startswith("xl/_rels/"):
        _check_parts(b"".join(parts))
    elif entry.filename.lower().endswith((".xml", ".rels")):
        SheetExtent(entry.filename, limits).check_parts(parts)
    else:
        for _ in parts:
            pass
    return counter.tags


class _TagCounter:
    def __init__(self, parts: Iterator[bytes], max_tags: int, limits: Limits) -> None:
        self._parts, self._max_tags, self._limits, self.tags = parts, max_tags, limits, 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self.tags += part.count(b"<")
            if self.tags > self._max_tags:
                raise _too_large(self._limits)
            yield part


def _check_parts(relations: bytes) -> None:
    """Refuses parts not named .xml: the reader would read them, but the check skips them. So macros are refused too."""
    targets = [double_quoted or single_quoted for double_quoted, single_quoted in _TARGET_PATTERN.findall(relations)]
    if b"\x00" in relations or not all(target.lower().endswith(b".xml") for target in targets):
        raise _invalid_file()


def _unpack_entry(file: IO[bytes], entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the content to its real end. zipfile would stop at the size that the archive claims."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    remaining, size = entry.compress_size, 0
    inflate = zlib.decompressobj(-15) if entry.compress_type else None
    while remaining:
        packed = file.read(min(_CHUNK, remaining))
        if not packed:
            raise _invalid_file()
        remaining -= len(packed)
        while packed:
            part = inflate.decompress(packed, _CHUNK) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            size += len(part)
            if size > entry.file_size:
                raise _too_large(IN_JOB)
            yield part
    if size != entry.file_size or (inflate and not inflate.eof):
        raise _invalid_file()


class SheetExtent:
    """The extent of the used cells of a sheet."""

    def __init__(self, name: str, limits: Limits = IN_JOB) -> None:
        self.limits = limits
        self.name, self.row, self.column, self.last_row, self.last_column = name, 0, 0, 0, 0

    def check_parts(self, parts: Iterator[bytes]) -> None:
        rest = b""
        for part in parts:
            if b"\x00" in part:
                raise _invalid_file()  # not the encoding that is scanned here
            rest = self._scan_tags(rest + part)
            if len(rest) > _CHUNK:
                raise _invalid_file()
        if _OPENING_PATTERN.search(rest):
            raise _invalid_file()

    def _scan_tags(self, content: bytes) -> bytes:
        """Read all complete tags; return the rest, which may begin an incomplete one."""
        complete = content.rfind(b">") + 1
        if self._scan_common(content[:complete]):
            return content[complete:]
        end = 0
        for tag in _TAG_PATTERN.finditer(content):
            end = tag.end()
            if tag[1] == b"row":
                self._read_row(tag[2])
            else:
                self._read_cell(tag[2])
        if incomplete := _OPENING_PATTERN.search(content, end):
            return content[incomplete.start() :]
        last_start = content.rfind(b"<", end)
        return content[last_start:] if last_start >= 0 and content.find(b">", last_start) < 0 else b""

    def _scan_common(self, content: bytes) -> bool:
        """Read the tags if all of them have the common form; returns whether they have."""
        rows, cells = _PLAIN_ROW.findall(content), _PLAIN_CELL.findall(content)
        if len(_OPENING_PATTERN.findall(content)) != len(rows) + len(cells):
            return False
        filled = {(column, row) for column, row, _, is_empty in cells if not is_empty}
        if any(_ERROR_PATTERN.search(attributes) for attributes in {cell[2] for cell in cells}):
            return False
        self.row = max([self.row, *map(int, rows[-1:]), *(int(cell[1]) for cell in cells[-1:])])
        self.column = _column_number(cells[-1][0]) if cells else self.column
        self._extend_to(
            max((int(row) for row in {row for _, row in filled}), default=0),
            max((_column_number(column) for column in {column for column, _ in filled}), default=0),
        )
        return True

    def _extend_to(self, row: int, column: int) -> None:
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        if self.last_row * self.last_column > self.limits.cells or self.last_column > MAX_COLUMNS:
            raise _too_large(self.limits)

    def _read_row(self, attributes: bytes) -> None:
        row_numbers = [int(number) for number in _references(attributes)]
        self.row, self.column = max(row_numbers, default=self.row + 1), 0

    def _read_cell(self, attributes: bytes) -> None:
        references = [_CELL_PATTERN.fullmatch(reference) for reference in _references(attributes)]
        if None in references:
            raise _invalid_file()
        columns, rows = (
            [_column_number(match[1]) for match in references if match],
            [int(match[2]) for match in references if match],
        )
        self.column = max(columns, default=self.column + 1)
        self.row = max([self.row, *rows])
        if attributes.endswith(b"/"):
            return  # only a format, no value
        if _ERROR_PATTERN.search(attributes):
            raise _error_cell(self.name, self.column, self.row)
        self._extend_to(self.row, self.column)


def _references(attributes: bytes) -> list[bytes]:
    return [double_quoted or single_quoted for double_quoted, single_quoted in _REFERENCE_PATTERN.findall(attributes)]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def column_name(number: int) -> str:
    """1 → A, 27 → AA."""
    name = ""
    while number:
        number, remainder = divmod(number - 1, 26)
        name = chr(65 + remainder) + name
    return name


def _invalid_file() -> ValidationProblem:
    return ValidationProblem("invalid-xlsx", text("Not an XLSX file.", "Không phải tệp XLSX."), pointer="")


def _error_cell(name: str, column: int, row: int) -> ValidationProblem:
    cell, sheet = f"{column_name(column)}{row}", name.rpartition("/")[2]
    # The reader returns such a cell as empty: a figure would be lost silently.
    return ValidationProblem(
        "invalid-xlsx",
        text(f"The cell {cell} holds an error ({sheet}).", f"Ô {cell} báo lỗi công thức ({sheet})."),
        pointer="",
    )


def _too_large(limits: Limits) -> TooLarge:
    megabytes = limits.unpacked // (1024 * 1024)
    return TooLarge(
        "too-large",
        text(
            f"The unpacked file is too large: at most {limits.cells} cells in {MAX_COLUMNS} columns and {megabytes} MB. "
            "With Prefer: respond-async more is taken.",
            f"Tệp giải nén ra quá lớn: tối đa {limits.cells} ô trong {MAX_COLUMNS} cột và {megabytes} MB. "
            "Gửi với Prefer: respond-async thì được nhiều hơn.",
        )
        if limits == IN_REQUEST
        else text("The unpacked file is too large.", "Tệp giải nén ra quá lớn."),
        pointer="",
    )
