"""What the reading library does not say about cells: those shown as percent, and formulas without a stored result."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO
from xml.parsers import expat  # nosec B407 - document types are refused, and the sizes were checked before

from kpitracker.lib.errors import TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text

MAX_MARKS = 250_000
_CHUNK = 256 * 1024
_MAX_COLUMNS = 16_384
_FORMULA_TAG = re.compile(rb"<(?:[^\s<>/!?:\"'=]+:)?f[\s/>]")
_BUILT_IN_PERCENT = {"9", "10"}
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
# Parts of a number format that are only shown: texts in quotes, escaped and padding signs, colours and conditions.
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')

Attributes = dict[str, str]


def is_percent_format(code: str) -> bool:
    """Whether a number format shows the number times 100, with a percent sign."""
    return "%" in _LITERALS.sub("", code)


class CellMarks:
    """The marked cells of one sheet. Rows and columns are counted from 1. Raises `ValidationProblem`, `TooLarge`."""

    def __init__(self, file: IO[bytes], sheet: str) -> None:
        self.rows: set[int] = set()
        self._percent: set[int] = set()
        self._unresolved: set[int] = set()
        with zipfile.ZipFile(file) as archive:
            parts = {name.lower(): name for name in archive.namelist()}
            percent_styles = _percent_styles(archive, parts)
            part = parts[_sheet_part(archive, parts, sheet)]
            if percent_styles or _has_formula(archive, part):
                self._scan(archive, part, percent_styles)

    def is_percent(self, row: int, column: int) -> bool:
        return row * _MAX_COLUMNS + column in self._percent

    def is_unresolved(self, row: int, column: int) -> bool:
        """Whether the cell holds a formula that no spreadsheet program has computed."""
        return row * _MAX_COLUMNS + column in self._unresolved

    def _scan(self, archive: zipfile.ZipFile, part: str, percent_styles: set[int]) -> None:
        row = column = 0
        style, kind, has_formula, has_value = 0, "", False, False
        for name, attributes, content in _elements(archive, part, with_content="v"):
            if name == "row":
                row, column = int(attributes.get("r", row + 1)), 0
            elif name == "c":
                match = _CELL.fullmatch(attributes.get("r", ""))
                row, column = (int(match[2]), _column_number(match[1])) if match else (row, column + 1)
                style, kind, has_formula, has_value = (
                    int(attributes.get("s", 0)),
                    attributes.get("t", "n"),
                    False,
                    False,
                )
            elif name == "f":
                has_formula = True
            elif name == "v":
                has_value = has_value or bool(content)
            elif name == "/c":
                # A formula whose result is an empty text has a result.
                if has_formula and not has_value and kind != "str":
                    self._add(self._unresolved, row, column)
                elif has_value and kind == "n" and style in percent_styles:
                    self._add(self._percent, row, column)

    def _add(self, marks: set[int], row: int, column: int) -> None:
        if len(self._percent) + len(self._unresolved) == MAX_MARKS:
            raise TooLarge(
                "too-large",
                text(
                    f"More than {MAX_MARKS} cells are formulas without a result, or percentages.",
                    f"Hơn {MAX_MARKS} ô là công thức chưa tính hoặc phần trăm.",
                ),
                pointer="",
            )
        marks.add(row * _MAX_COLUMNS + column)
        self.rows.add(row)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _percent_styles(archive: zipfile.ZipFile, parts: Mapping[str, str]) -> set[int]:
    """The positions of the cell styles that show percent."""
    part = parts.get("xl/styles.xml")
    formats, styles, in_cell_styles, position = set(_BUILT_IN_PERCENT), set[int](), False, 0
    for name, attributes, _ in _elements(archive, part) if part else ():
        if name == "numFmt" and is_percent_format(attributes.get("formatCode", "")):
            formats.add(attributes.get("numFmtId", ""))
        elif name in ("cellXfs", "/cellXfs"):
            in_cell_styles = name == "cellXfs"
        elif name == "xf" and in_cell_styles:
            if attributes.get("numFmtId") in formats:
                styles.add(position)
            position += 1
    return styles


def _sheet_part(archive: zipfile.ZipFile, parts: Mapping[str, str], sheet: str) -> str:
    """The lower-case name of the part that holds the sheet."""
    relation = next(
        (
            value
            for name, attributes, _ in _elements(archive, parts["xl/workbook.xml"])
            if name == "sheet" and attributes.get("name") == sheet
            for key, value in attributes.items()
            if key.rpartition(":")[2] == "id"
        ),
        "",
    )
    for name, attributes, _ in _elements(archive, parts.get("xl/_rels/workbook.xml.rels", "")):
        if name == "Relationship" and attributes.get("Id") == relation:
            target = attributes.get("Target", "").lower()
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            if part in parts:
                return part
    raise _unreadable()


def _has_formula(archive: zipfile.ZipFile, part: str) -> bool:
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            if _FORMULA_TAG.search(rest + chunk):
                return True
            rest = chunk[-40:]
    return False


def _elements(archive: zipfile.ZipFile, part: str, *, with_content: str = "") -> Iterator[tuple[str, Attributes, str]]:
    """The beginnings of all elements, and the ends as `/name`, with names without their prefix.

    An element `with_content` comes when it ends, with its text.
    """
    events: list[tuple[str, Attributes, str]] = []
    contents: list[str] = []

    def start(name: str, attributes: Attributes) -> None:
        local_name = name.rpartition(":")[2]
        if local_name == with_content:
            contents.clear()
            parser.CharacterDataHandler = contents.append
        else:
            events.append((local_name, attributes, ""))

    def end(name: str) -> None:
        local_name = name.rpartition(":")[2]
        if local_name == with_content:
            parser.CharacterDataHandler = None
            events.append((local_name, {}, "".join(contents)))
        else:
            events.append((f"/{local_name}", {}, ""))

    def refuse(*_: object) -> None:
        raise _unreadable()

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.StartDoctypeDeclHandler = start, end, refuse
    try:
        with archive.open(part) as file:
            while chunk := file.read(_CHUNK):
                parser.Parse(chunk)
                yield from events
                events.clear()
            parser.Parse(b"", True)
            yield from events
    except (expat.ExpatError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise _unreadable() from error


def _unreadable() -> ValidationProblem:
    return ValidationProblem(
        "invalid-xlsx",
        text("Not a usable XLSX file: it cannot be read.", "Tệp XLSX không dùng được: không đọc được."),
        pointer="",
    )
