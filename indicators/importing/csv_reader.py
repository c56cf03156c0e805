"""Rows of a CSV file as people save them: any usual separator, line end and encoding that is certain."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import IO, NamedTuple, NoReturn

from indicators.importing.header import MAX_COLUMNS
from kpitracker.lib.errors import TooLarge, ValidationProblem
from kpitracker.lib.i18n.text import text

# Of one row, also where cells hold line breaks: the parser makes an object for each cell before it can be counted.
MAX_ROW_CHARACTERS = 512 * 1024
_SEPARATORS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=([,;|\t])[\r\n]*", re.IGNORECASE)
_END_OF_FILE_SIGN = "\x1a"  # old programs end a file with it
_ENCODINGS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class CsvTable(NamedTuple):
    """`cells`: the rows, header first. It raises `ValidationProblem` (invalid-csv) and `TooLarge` while it is read."""

    cells: Iterator[list[str]]
    separator: str


def read_csv(file: IO[bytes]) -> CsvTable:
    """Raises as `CsvTable`."""
    lines = _Lines(file)
    header = next(lines, "")
    while header and not header.strip():
        header = next(lines, "")
    if match := _SEPARATOR_LINE.fullmatch(header):
        separator, header = match[1], next(lines, "")
    else:
        separator = max(_SEPARATORS, key=header.count)
    if header.count(separator) > MAX_COLUMNS:
        raise ValidationProblem(
            "invalid-csv",
            text(f"A table has at most {MAX_COLUMNS} columns.", f"Bảng có tối đa {MAX_COLUMNS} cột."),
            pointer="",
        )
    lines.put_back(header)
    return CsvTable(_rows(lines, separator), separator)


def _rows(lines: "_Lines", separator: str) -> Iterator[list[str]]:
    try:
        for row in csv.reader(lines, delimiter=separator, strict=True):
            lines.row_characters = 0
            yield row
    except csv.Error as error:
        if "field limit" in str(error):
            _raise_long_cell(error)
        _raise_invalid(
            f"In line {lines.number} a quotation mark does not end, or text follows it.",
            f"Dòng {lines.number} có dấu ngoặc kép không đóng, hoặc có chữ ngay sau dấu đóng.",
            error,
        )
    finally:
        lines.release_file()


class _Lines:
    """The decoded lines of a file with their line ends, of bounded length."""

    def __init__(self, file: IO[bytes]) -> None:
        self.number = self.row_characters = 0
        self._next_line = ""
        start = file.read(4)
        file.seek(0)
        encoding = next((name for mark, name in _ENCODINGS.items() if start.startswith(mark)), "utf-8")
        if start in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
            _raise_encoding()
        # newline="": line ends within quotes stay as they are, and CR alone ends a line too.
        self._texts = io.TextIOWrapper(file, encoding, newline="")

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line, self._next_line = self._next_line or self._read_line(), ""
        if not line:
            raise StopIteration
        self.row_characters += len(line)
        if self.row_characters > MAX_ROW_CHARACTERS:
            _raise_long_cell()
        return line

    def release_file(self) -> None:
        """Leave closing the file to the caller who opened it."""
        if not self._texts.closed:
            self._texts.detach()

    def put_back(self, line: str) -> None:
        self._next_line, self.row_characters = line, 0

    def _read_line(self) -> str:
        try:
            line = self._texts.readline(MAX_ROW_CHARACTERS + 1)
        except UnicodeError as error:
            _raise_encoding(error)
        self.number += 1
        if "\x00" in line:
            _raise_invalid(
                f"Line {self.number} holds the character U+0000. In Excel save the file as “CSV UTF-8” or as .xlsx.",
                f"Dòng {self.number} có ký tự U+0000. Trong Excel hãy lưu lại dạng “CSV UTF-8” hoặc .xlsx.",
            )
        return "" if line.strip() == _END_OF_FILE_SIGN else line


def _raise_long_cell(cause: Exception | None = None) -> NoReturn:
    raise TooLarge("too-large", text("A cell is longer than 64 KB.", "Ô dài quá 64 KB."), pointer="") from cause


def _raise_encoding(cause: Exception | None = None) -> NoReturn:
    _raise_invalid(
        "The file is not in UTF-8, so its letters cannot be read. In Excel save it as “CSV UTF-8” or as .xlsx.",
        "Tệp không ở dạng UTF-8 nên không đọc đúng chữ. Trong Excel hãy lưu lại dạng “CSV UTF-8” hoặc .xlsx.",
        cause,
    )


def _raise_invalid(english: str, vietnamese: str, cause: Exception | None = None) -> NoReturn:
    raise ValidationProblem("invalid-csv", text(english, vietnamese), pointer="") from cause
