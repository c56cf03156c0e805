"""A body that is refused takes less than 50 MB of a web process, whatever is in it."""

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
from tests import factories, processes
from tests.kpitracker.lib.spreadsheets.files import entries, packed, with_sheet
from tests.processes import Running

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.process]
MAX_GROWTH = 50 * 1024  # KB
SIZE = 16 * 1024 * 1024 - 1024  # of the longest body that is read at once
HEADER = b"indicator,period,value\n"
JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEMBERS = b",".join(b'"f%d":1' % number for number in range(1_200_000))[:SIZE].rpartition(b",")[0]
BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a header of 4,000,000 columns": (CSV, lambda: b"indicator,period,value" + b",x" * 4_000_000),
    "a header of 8,000,000 empty columns": (CSV, lambda: HEADER[:-1] + b"," * 8_000_000),
    "a row of 8,000,000 cells": (CSV, lambda: HEADER + b"," * 8_000_000),
    "a row of cells with line breaks": (CSV, lambda: HEADER + b'"\n",' * 3_000_000),
    "a cell that fills the file": (CSV, lambda: HEADER + b'"' + b"x" * (SIZE - 100)),
    "one line": (CSV, lambda: b"x" * SIZE),
    "more rows than are taken": (CSV, lambda: HEADER + b"x,y,z\n" * 2_500_000),
    "semicolons": (CSV, lambda: b";" * SIZE),
    "an object of a million members": (JSON, lambda: b"{" + MEMBERS + b"}"),
    "a list of one such object": (JSON, lambda: b"[{" + MEMBERS + b"}]"),
    "a list of 8,000,000 numbers": (JSON, lambda: b"[" + b"1," * 8_000_000 + b"1]"),
    "a list of 8,000,000 numbers behind an object": (JSON, lambda: b"[{}," + b"1," * 8_000_000 + b"1]"),
    "a list that does not end": (JSON, lambda: b"[" + b'"",' * 5_000_000),
    "brackets": (JSON, lambda: b"[" * SIZE),
    "a number of 16,000,000 digits": (JSON, lambda: b"[" + b"9" * (SIZE - 2) + b"]"),
    "lines that are numbers": (NDJSON, lambda: b"1\n" * 8_000_000),
    "a line of a million members": (NDJSON, lambda: b"{" + MEMBERS + b"}"),
    "50,000 rows that are all wrong": (CSV, lambda: HEADER + b"sales,2024-01,not a number of any kind\n" * 50_000),
    "50,000 wrong objects": (JSON, lambda: b"[" + b",".join([b'{"indicator":"Sales","period":"x"}'] * 50_000) + b"]"),
    "50,000 indicators that are not there": (
        CSV, lambda: HEADER + b"".join(b"i%d,2024-01,5\n" % number for number in range(50_000))
    ),
    "4,000,000 numbers in a sheet": (XLSX, lambda: with_sheet(numbers(2000, 2000)).getvalue()),
    "a sheet of 900,000 numbers, not compressed": (
        XLSX, lambda: packed(entries(with_sheet(numbers(3000, 300))), zipfile.ZIP_STORED).getvalue()
    ),
    "another file": (XLSX, lambda: b"PK\x03\x04" + os.urandom(1024) * 16_000),
    "a sheet of a million empty texts": (XLSX, lambda: with_sheet(wide_rows(1000, 1000)).getvalue()),
}  # fmt: skip


def wide_rows(rows: int, columns: int) -> str:
    cells = '<c t="str"><v></v></c>' * columns
    return "".join(f'<row r="{number}">{cells}</row>' for number in range(1, rows + 1))


def numbers(rows: int, columns: int) -> str:
    cells = "<c><v>1</v></c>" * columns
    return "".join(f'<row r="{number}">{cells}</row>' for number in range(1, rows + 1))


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


def test_no_refused_body_takes_50_mb(web: Running) -> None:
    secret = api_keys.issue_key(scopes=sorted(ALL_SCOPES), by=system_actor("tests"), now=clock.now(), rate=0).secret
    # Warm: a good body, and a long one that every reader holds in memory once.
    assert post(web, secret, JSON, b'[{"indicator":"sales","period":"2024-01","value":5}]') == 200
    growths, statuses = {}, {}
    for name, (media, make) in BOMBS.items():
        body = make()
        forget_peaks(web)
        before = peak(web, "VmRSS")
        statuses[name] = post(web, secret, media, body)
        growths[name] = peak(web) - before
    assert {name: growth for name, growth in growths.items() if growth > MAX_GROWTH} == {}, statuses
    assert {name: status for name, status in statuses.items() if status not in (200, 400, 413)} == {}
