"""A body that is refused takes less than 50 MB of a web process, whatever is in it."""

import io
import json
import os
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.actor import ALL_SCOPES, system_actor
from kpitracker.lib.spreadsheets.zip_guard import column_name
from tests import factories, processes
from tests.kpitracker.lib.spreadsheets.files import entries, packed, with_sheet
from tests.processes import Running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
MAX_GROWTH = 50 * 1024  # KB
# Of the longest body that is read at once. A body of two megabytes shows a reader that makes an object for each part
# just as well: a million objects take more than half of what is allowed.
LONGEST, SHORT = 16 * 1024 * 1024 - 1024, 2 * 1024 * 1024
HEADER = b"indicator,period,value\n"
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRONG_ROW, UNKNOWN_ROW = b"sales,2024-01,not a number of any kind\n", b"i%d,2024-01,5\n"
Bomb = tuple[str, Callable[[int], bytes]]  # its content type, and its body of about so many bytes
BOMBS: dict[str, Bomb] = {
    "a header of named columns": (CSV, lambda size: filled(size, b"indicator,period,value", b",x")),
    "a header of empty columns": (CSV, lambda size: filled(size, HEADER[:-1], b",")),
    "a row of empty cells": (CSV, lambda size: filled(size, HEADER, b",")),
    "a row of cells with line breaks": (CSV, lambda size: filled(size, HEADER, b'"\n",')),
    "a cell that fills the file": (CSV, lambda size: filled(size, HEADER + b'"', b"x")),
    "one line": (CSV, lambda size: filled(size, b"", b"x")),
    "more rows than are taken": (CSV, lambda size: filled(size, HEADER, b"x,2024,1\n")),
    "semicolons": (CSV, lambda size: filled(size, b"", b";")),
    "an object of many members": (JSON, lambda size: b"{" + members(size) + b"}"),
    "a list of one such object": (JSON, lambda size: b"[{" + members(size) + b"}]"),
    "a list of numbers": (JSON, lambda size: filled(size, b"[", b"1,", b"1]")),
    "a list of numbers behind an object": (JSON, lambda size: filled(size, b"[{},", b"1,", b"1]")),
    "a list that does not end": (JSON, lambda size: filled(size, b"[", b'"",')),
    "brackets": (JSON, lambda size: filled(size, b"", b"[")),
    "a long number": (JSON, lambda size: filled(size, b"[", b"9", b"]")),
    "lines that are numbers": (NDJSON, lambda size: filled(size // 40, b"", b"1\n")),
    "a line of many members": (NDJSON, lambda size: b"{" + members(size) + b"}"),
    "rows that are all wrong": (CSV, lambda size: HEADER + WRONG_ROW * (size // 640)),
    "wrong objects": (JSON, lambda size: filled(size // 16, b"[", b'{"indicator":"Sales","period":"x"},', b"{}]")),
    "as many indicators that are not there": (
        CSV, lambda size: HEADER + b"".join(UNKNOWN_ROW % number for number in range(size // 320))
    ),
    "another file": (XLSX, lambda size: filled(size, b"PK\x03\x04", os.urandom(1024))),
}  # fmt: skip
# What matters here is what they unpack to, so they are never shorter.
WORKBOOKS: dict[str, Bomb] = {
    "as many cells as are read": (XLSX, lambda _: with_sheet(cells(2000, 200)).getvalue()),
    "more cells in few columns": (XLSX, lambda _: with_sheet(cells(4_010, 100)).getvalue()),
    "more cells, not compressed": (
        XLSX, lambda _: stored(with_sheet(cells(4_010, 100)))
    ),
    "more empty texts": (XLSX, lambda _: with_sheet(cells(1_700, 250, '<c r="{}" t="str"><v></v></c>')).getvalue()),
    "more columns than are read": (XLSX, lambda _: with_sheet(cells(300, 300)).getvalue()),
    "two cells far apart": (
        XLSX, lambda _: with_sheet(cells(1, 1) + '<row r="9999"><c r="IV9999"><v>1</v></c></row>').getvalue()
    ),
    "one cell that is there half a million times": (
        XLSX, lambda _: stored(with_sheet('<row r="1">' + '<c r="A1"><v>1</v></c>' * 510_000 + "</row>"))
    ),
    "more texts than cells": (XLSX, lambda _: with_texts(700_000)),
}  # fmt: skip


def filled(size: int, start: bytes, part: bytes, end: bytes = b"") -> bytes:
    """A body of at most so many bytes."""
    return start + part * ((size - len(start) - len(end)) // len(part)) + end


def members(size: int) -> bytes:
    return b",".join(b'"f%d":1' % number for number in range(size // 13))


def cells(rows: int, columns: int, cell: str = '<c r="{}"><v>1</v></c>') -> str:
    row = "".join(cell.format(f"{column_name(column)}ROW") for column in range(1, columns + 1))
    return "".join(f'<row r="{number}">{row.replace("ROW", str(number))}</row>' for number in range(1, rows + 1))


def with_texts(count: int) -> bytes:
    """A workbook with so many shared texts."""
    texts = b"<sst>" + b"<si><t/></si>" * count + b"</sst>"
    return stored(packed(entries(with_sheet(cells(1, 1))) | {"xl/sharedStrings.xml": texts}))


def stored(book: io.BytesIO) -> bytes:
    """The workbook without compression: a file that unpacks to very much more is refused for that alone."""
    return packed(entries(book), zipfile.ZIP_STORED).getvalue()


@pytest.fixture
def web(live_web: Running) -> Running:
    factories.area()
    factories.indicator()
    return live_web


def post(web: Running, secret: str, media: str, body: bytes) -> int:
    request = urllib.request.Request(
        f"{web.url}/api/v1/measurements/batch/?atomic=false",
        body,
        {"Authorization": f"Bearer {secret}", "Content-Type": media},
    )
    try:
        with urllib.request.urlopen(request, timeout=processes.DEADLINE) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        json.loads(error.read())
        return error.code


def family(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [pid, *(each for child in children for each in family(child))]


def forget_peaks(web: Running) -> None:
    for pid in family(web.process.pid):
        Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(web: Running, name: str = "VmHWM") -> int:
    """The greatest memory that one of the processes had, in KB."""
    sizes = []
    for pid in family(web.process.pid):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        sizes += [int(line.split()[1]) for line in lines if line.startswith(name)]
    return max(sizes)


SIZES = [
    pytest.param(SHORT, id="short bodies"),
    pytest.param(LONGEST, id="the longest bodies", marks=pytest.mark.long),
]


@pytest.mark.parametrize("size", SIZES)
def test_no_refused_body_takes_50_mb(size: int, web: Running) -> None:
    secret = api_keys.issue_key(scopes=sorted(ALL_SCOPES), by=system_actor("tests"), now=clock.now(), rate=0).secret
    # Warm: a good body.
    assert post(web, secret, JSON, b'[{"indicator":"sales","period":"2024-01","value":5}]') == 200
    growths, statuses = {}, {}
    for name, (media, make) in (BOMBS | WORKBOOKS).items():
        body = make(size)
        forget_peaks(web)
        before = peak(web, "VmRSS")
        statuses[name] = post(web, secret, media, body)
        # A short body may take half of it.
        growths[name] = (peak(web) - before) * (2 if size == SHORT and name in BOMBS else 1)
    assert {name: growth for name, growth in growths.items() if growth > MAX_GROWTH} == {}, statuses
    assert {name: status for name, status in statuses.items() if status not in (200, 400, 413)} == {}
