"""Rows 16 and 17 of the bad inputs: archives that grow, and texts that a spreadsheet would compute."""

import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from indicators.importing import jobs
from indicators.models import Import, Revision
from kpitracker.lib import clock
from kpitracker.lib.spreadsheets.reading import Workbook
from tests import factories
from tests.kpitracker.lib.spreadsheets.files import SHEET, entries, packed, workbook
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULAS = ['=HYPERLINK("http://x.example","y")', "+1", "-1+1", "@SUM(A1)", "'=1"]


@pytest.fixture
def api(settings: Any, tmp_path: Path) -> Api:
    settings.UPLOADS_DIR = str(tmp_path)
    factories.world()
    return api_of()


def book() -> dict[str, bytes]:
    return entries(workbook([["indicator", "period", "value"], ["sales", "2024-01", "5"]]))


def grown(size: int) -> bytes:
    """A sheet of spaces: small as an archive, `size` bytes in memory."""
    return packed(book() | {SHEET: book()[SHEET] + b" " * size}).getvalue()


def many_entries() -> bytes:
    return packed(book() | {f"x/{n}": b"" for n in range(250)}).getvalue()


def nested() -> bytes:
    return packed({"a.xlsx": grown(1 << 20)}).getvalue()


def told_less() -> bytes:
    """The directory of the archive says that the sheet is one byte long."""
    made, size = bytearray(grown(1 << 20)), len(book()[SHEET]) + (1 << 20)
    return bytes(made.replace(size.to_bytes(4, "little"), (1).to_bytes(4, "little")))


def cut() -> bytes:
    return packed(book()).getvalue()[:-40]


BOMBS = [
    pytest.param(grown(65 << 20), {"too-large"}, id="row 16: over 64 MB unpacked"),
    pytest.param(grown(30 << 20), {"too-large", "invalid-xlsx"}, id="row 16: two hundred times as large unpacked"),
    pytest.param(many_entries(), {"too-large", "invalid-xlsx"}, id="row 16: more than 200 entries"),
    pytest.param(told_less(), {"too-large", "invalid-xlsx"}, id="row 16: a directory that lies about the length"),
    pytest.param(nested(), {"too-large", "invalid-xlsx"}, id="row 16: an archive in the archive"),
    pytest.param(cut(), {"invalid-xlsx"}, id="row 16: an archive that was cut"),
]


def send(api: Api, body: bytes, media: str = XLSX, **headers: str) -> Answer:
    return api.call("POST", "measurements/batch/", raw=body, **{"Content-Type": media}, **headers)


@pytest.mark.parametrize(("body", "slugs"), BOMBS)
def test_archives_that_grow_are_refused_at_once(api: Api, body: bytes, slugs: set[str]) -> None:
    answer = send(api, body)
    assert answer.slug in slugs
    assert answer.status == (413 if answer.slug == "too-large" else 400)
    assert not Revision.objects.exists()


@pytest.mark.parametrize(("body", "slugs"), BOMBS)
def test_archives_that_grow_are_refused_later(api: Api, body: bytes, slugs: set[str], tmp_path: Path) -> None:
    send(api, body, Prefer="respond-async").ok(202)
    assert jobs.run_due_imports(now=clock.now, seconds=60) == 0
    batch = Import.objects.get()
    assert (batch.state, (batch.problem or {})["slug"] in slugs) == ("failed", True)
    assert not Revision.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_the_file_that_the_archives_are_made_from_is_taken(api: Api) -> None:
    assert send(api, packed(book()).getvalue()).ok()["created"] == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("note", [pytest.param(note, id=f"row 17: {note!a}") for note in FORMULAS])
def test_formulas_are_stored_as_they_are_and_go_out_defused(api: Api, note: str, form: str) -> None:
    figure = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5", "note": note, "source": note}
    api.post("measurements/batch/", [figure]).ok()
    stored = Revision.objects.get()
    assert (stored.note, stored.source) == (note, note)
    exported = api.get(f"measurements/?format={form}")
    if form == "csv":
        assert f",{note}" not in exported.raw.decode("utf-8-sig")
    else:
        with zipfile.ZipFile(io.BytesIO(exported.raw)) as archive:
            assert all(b"<f>" not in archive.read(name) for name in archive.namelist())
    media = {"csv": "text/csv", "xlsx": XLSX}[form]
    assert send(api, exported.raw, media).ok()["unchanged"] == 1
    assert Revision.objects.count() == 1


def test_a_template_filled_in_libreoffice_stores_what_was_filled_in(api: Api) -> None:
    file = Path(__file__).parents[1] / "lib" / "spreadsheets" / "filled_in_libreoffice.xlsx"
    with file.open("rb") as opened:
        header, *rows = list(Workbook(opened).rows("figures"))
    figures = [dict(zip(header, row, strict=False)) for row in rows]
    filled = [row for row in figures if row["value"] or row["missing_reason"]]
    assert 0 < len(filled) < len(figures)
    factories.area("hcmc")
    for code in {row["indicator"] for row in filled}:
        factories.indicator(code)
    assert send(api, file.read_bytes()).ok()["created"] == len(filled)
    stored = Revision.objects.values_list("measurement__indicator__code", "value", "missing_reason")
    requested = [
        (row["indicator"], Decimal(row["value"]) if row["value"] else None, row["missing_reason"]) for row in filled
    ]
    assert sorted(stored, key=repr) == sorted(requested, key=repr)
