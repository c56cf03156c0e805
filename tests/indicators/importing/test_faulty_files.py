"""Files as people really send them give the same by each way in: the API, a long import, the command, the admin."""

import contextlib
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from indicators.domain.periods import Period
from indicators.importing import jobs
from indicators.importing.readers import FORMATS
from indicators.models import Import, ImportProblem, Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.db.uuid7 import uuid7
from tests import factories
from tests.admin_support import administrator
from tests.kpitracker.lib.spreadsheets.files import workbook
from tests.support import api_of

pytestmark = pytest.mark.django_db
FOLDER = Path(__file__).parents[2] / "cases" / "faults"
MEDIA = {f".{form}": media for media, form in FORMATS.items()}


class Fault(NamedTuple):
    """An error of a row, or of the whole file (row 0). `says`: what its text must hold, in both languages."""

    row: int
    pointer: str
    slug: str
    says: tuple[str, ...] = ()


class Case(NamedTuple):
    """A file and what is right: the figures that are stored, or the faults and nothing stored."""

    file: str
    right: dict[str, str] | list[Fault]
    options: dict[str, str] = {}
    rounded: int = 0


def no_number(*says: str, row: int = 1) -> Fault:
    return Fault(row, "/value", "invalid-number", says)


SALES = {"sales 2026-06": "1234.5"}
JOBS = {"new-jobs 2026-02": "140000", "new-jobs 2026-03": "12500"}
AMBIGUOUS = [no_number("140.000", "140 ", "140000"), no_number("12.5 ", "12500", row=2)]
GROWTH = {"growth 2026-01/2026-03": "7.5", "growth 2026-01/2026-06": "1.234", "new-jobs 2026-02": "12000"}
GROWTH |= {"sales 2026-04": "1234.567", "sales 2026-05": "999.125"}
GROWTH = {
    name.replace("2026-01/2026-06", "2026-H1").replace("2026-01/2026-03", "2026-Q1"): v for name, v in GROWTH.items()
}
TEXTS = {"growth 2026-Q1": "7.5", "growth 2026-H1": "7.125", "new-jobs 2026-02": "12000"}
TEMPLATE = {"growth 2026-01": "7.5", "growth 2026-02": "7.125", "growth 2026-03": "6"}
SHARES = {"06": "33.333333", "07": "66.666667", "08": "95.6", "09": "7", "10": "0.3"}
VI, EN = {"locale": "vi"}, {"locale": "en"}
CASES = {
    "two numbers with a line break in a cell, CSV": Case("01-line-break.csv", [no_number("1200[U+000A]1350")]),
    "two numbers with a line break in a cell, Vietnamese CSV": Case("01-line-break.csv", [no_number()], VI),
    "two numbers with a line break in a text, JSON": Case("01-line-break.json", [no_number("5[U+000A]7")]),
    "two numbers with a line break in a cell, XLSX": Case("01-line-break.xlsx", [no_number("5[U+000A]7")]),
    "numbers in cells are numbers in Vietnamese": Case("02-locale-numbers.xlsx", GROWTH, VI),
    "numbers in cells are numbers in English": Case("02-locale-numbers.xlsx", GROWTH, EN),
    "numbers in cells are numbers when nothing is said": Case("02-locale-numbers.xlsx", GROWTH),
    "texts in cells are read as Vietnamese writes them": Case("02-locale-texts.xlsx", TEXTS, VI),
    "texts in cells are not guessed": Case(
        "02-locale-texts.xlsx", [no_number("7,5"), no_number("7,125", row=2), no_number("12000", row=3)]
    ),
    "the workbook of a department, filled in, Vietnamese": Case("02-template-filled.xlsx", TEMPLATE, VI),
    "the workbook of a department, filled in": Case("02-template-filled.xlsx", TEMPLATE),
    "a cell shown as percent, for an indicator in percent": Case(
        "03-percent-cell.xlsx", {"growth 2026-01/2026-08": "7.5", "growth 2026-01/2026-07": "7.8", "share 2026-08": "95.6"}
    ),
    "a cell shown in thousands": Case("03-thousands-format.xlsx", {"sales 2026-08": "1234567"}),
    "thousands in a file with semicolons": Case("04-semicolon.csv", AMBIGUOUS),
    "thousands in a file with semicolons, said to be Vietnamese": Case("04-semicolon.csv", JOBS, VI),
    "decimals in a file with semicolons, said to be English": Case(
        "04-semicolon.csv", {"new-jobs 2026-02": "140", "new-jobs 2026-03": "12.5"}, EN
    ),
    "thousands in texts of cells": Case("04-text-cells.xlsx", AMBIGUOUS),
    "thousands in texts of cells, said to be Vietnamese": Case("04-text-cells.xlsx", JOBS, VI),
    "lines that end with CR": Case("08-cr-only.csv", SALES),
    "a note below the table": Case("08-footer.csv", [Fault(2, "/indicator", "invalid-code", ())]),
    "a header in capitals": Case("08-header-caps.csv", SALES),
    "a header in Vietnamese": Case("08-header-vi.csv", SALES),
    "a line that names the separator": Case("08-sep-line.csv", SALES),
    "tabs": Case("08-tab.csv", SALES),
    "a title above the table": Case("08-title-above.csv", [Fault(0, "", "invalid-csv", ("3",))]),
    "UTF-16 without its mark": Case("08-utf16-comma.csv", [Fault(0, "", "invalid-csv", ("UTF-8", "Excel", ".xlsx"))]),
    "Windows-1258": Case("08-windows-1258.csv", [Fault(0, "", "invalid-csv", ("UTF-8", "Excel", ".xlsx"))]),
    "a formula without a result in the workbook of a department": Case("10-template-formula.xlsx", [no_number("D6", row=2)]),
    "a hidden sheet in front": Case("11-hidden-first.xlsx", {"sales 2026-01": "1000"}),
    "several sheets with figures": Case("11-several-sheets.xlsx", [Fault(0, "", "invalid-xlsx", ("Q1, Q2, Q3",))]),
    "one of several sheets by its name": Case("11-several-sheets.xlsx", {"sales 2026-04": "20"}, {"sheet": "q2"}),
    "a sheet that is not there": Case(
        "11-several-sheets.xlsx", [Fault(0, "", "invalid-xlsx", ("Q4", "Q1, Q2, Q3"))], {"sheet": "Q4"}
    ),
    "a sheet named Figures behind another": Case("11-sheet-name.xlsx", {"sales 2026-01": "1000"}),
    "ratios in a CSV file": Case(
        "12-computed-cells.csv", [no_number("33.333333."), no_number("66.666667.", row=2)]
    ),
    "ratios that cells have computed": Case(
        "12-computed-cells.xlsx", {f"share 2026-{month}": value for month, value in SHARES.items()}, rounded=2
    ),
}  # fmt: skip
# tests/targets/services/test_owed_everywhere.py imports this file and takes it back.
ELSEWHERE = {"30-wrong-file.csv"}


class Outcome(NamedTuple):
    stored: dict[str, str]
    faults: list[Fault]


def stored_figures() -> dict[str, str]:
    rows = Measurement.objects.values_list("indicator__code", "period_start", "period_end", "value")
    return {f"{code} {Period(start, end)}": format(value, "f") for code, start, end, value in rows if value is not None}


def kept_faults(batch: Import) -> list[Fault]:
    """Those of the stored import, with their texts in both languages."""
    if batch.problem:
        texts = [batch.problem["en"], batch.problem["vi"]]
        return [Fault(0, "", batch.problem["slug"], tuple(texts))]
    rows = ImportProblem.objects.filter(batch=batch).order_by("row")
    return [Fault(row.row, row.pointer, row.slug, (row.detail_en, row.detail_vi)) for row in rows]


def by_api(case: Case, body: bytes) -> Outcome:
    api, answers = api_of(), []
    query = "&".join(f"{name}={value}" for name, value in case.options.items())
    for language in ("vi", "en"):
        headers = {"Accept-Language": language, "Content-Type": MEDIA[Path(case.file).suffix]}
        answers.append(api.call("POST", f"measurements/batch/?{query}", raw=body, **headers))
        if answers[0].status == 200:
            return Outcome(stored_figures(), [])
    problems = [answer.json for answer in reversed(answers)]
    if answers[0].slug != "batch-rejected":
        return Outcome(stored_figures(), [Fault(0, "", answers[0].slug, tuple(p["detail"] for p in problems))])
    pairs = zip(*(problem["errors"] for problem in problems), strict=True)
    faults = [Fault(en["row"], en["pointer"], en["slug"], (en["detail"], vi["detail"])) for en, vi in pairs]
    return Outcome(stored_figures(), faults)


def by_long_import(case: Case, body: bytes) -> Outcome:
    query = "&".join(f"{name}={value}" for name, value in case.options.items())
    headers = {"Content-Type": MEDIA[Path(case.file).suffix], "Prefer": "respond-async"}
    api_of().call("POST", f"measurements/batch/?{query}", raw=body, **headers).ok(202)
    jobs.run_due_imports(now=clock.now, seconds=60)
    return Outcome(stored_figures(), kept_faults(Import.objects.get()))


def by_command(case: Case, body: bytes) -> Outcome:
    path = jobs.upload_path(uuid7()).with_name(case.file)
    path.write_bytes(body)
    options = [part for name, value in case.options.items() for part in (f"--{name}", value)]
    with contextlib.suppress(CommandError):
        call_command("import_figures", str(path), *options, stdout=StringIO())
    return Outcome(stored_figures(), kept_faults(Import.objects.get()))


def by_admin(case: Case, body: bytes) -> Outcome:
    client = administrator()
    data = {"locale": "", "mode": "all", "end": "end", **case.options, "file": SimpleUploadedFile(case.file, body)}
    client.post(reverse("admin:indicators_import_upload"), data)
    seen = Import.objects.get()
    assert not Revision.objects.exists()
    client.post(reverse("admin:indicators_import_confirm", args=[seen.pk]))
    return Outcome(stored_figures(), kept_faults(seen))


WAYS = {"API": by_api, "long import": by_long_import, "command": by_command, "admin": by_admin}


@pytest.fixture(autouse=True)
def indicators_of_the_files(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    factories.area()
    for code in ("sales", "new-jobs"):
        factories.indicator(code, kind="count", decimals=0)
    for code in ("growth", "share", "linebreak"):
        factories.indicator(code, kind="rate", unit="percent", decimals=2, accumulation="none")
    for code, kind, unit in (("bare-rate", "rate", ""), ("mortality", "rate", "‰"), ("bare-index", "index", "")):
        factories.indicator(code, kind=kind, unit=unit, decimals=2, accumulation="none")


@pytest.mark.parametrize("way", WAYS.values(), ids=[f"by {name}" for name in WAYS])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_file_gives_what_is_right(case: Case, way: Callable[[Case, bytes], Outcome]) -> None:
    check_case(case, way, (FOLDER / case.file).read_bytes())


def check_case(case: Case, way: Callable[[Case, bytes], Outcome], body: bytes) -> None:
    outcome = way(case, body)
    if isinstance(case.right, dict):
        assert outcome == (case.right, [])
        warnings = [warning["slug"] for row in Revision.objects.all() for warning in row.warnings]
        assert warnings.count("rounded") == case.rounded
        return
    assert [fault[:3] for fault in outcome.faults] == [fault[:3] for fault in case.right]
    assert outcome.stored == {}
    for fault, expected in zip(outcome.faults, case.right, strict=True):
        english, vietnamese = fault.says
        assert english != vietnamese
        assert "\\u" not in english + vietnamese
        for words in expected.says:
            assert words.strip() in english
            assert words.strip() in vietnamese


def test_every_file_of_the_folder_has_a_row() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {case.file for case in CASES.values()} | ELSEWHERE


def sheet(*cells: Any, **formats: Any) -> bytes:
    return workbook([["indicator", "period", "value"], list(cells)], **formats).getvalue()


NEIGHBOURS = {
    "a percent cell for an indicator that is not in percent": (
        sheet("sales", "2026-08", 0.5, C="0%"), [no_number("C2", "50 %")]
    ),
    "a percent cell for a rate without a unit": (sheet("bare-rate", "2026-08", 0.075, C="0.0%"), {"bare-rate 2026-08": "7.5"}),
    "a percent cell for a rate in another unit": (
        sheet("mortality", "2026-08", 0.5, C="0%"), [no_number("C2", "50 %")]
    ),
    "a percent cell for an index without a unit": (
        sheet("bare-index", "2026-08", 0.5, C="0%"), [no_number("C2", "50 %")]
    ),
    "a percent cell for an indicator that is not there": (
        sheet("nope", "2026-08", 0.5, C="0%"), [Fault(1, "/indicator", "unknown-indicator")]
    ),
    "a percent sign that is only shown": (sheet("growth", "2026-08", 7.5, C='0.0"%"'), {"growth 2026-08": "7.5"}),
    "an escaped percent sign": (sheet("growth", "2026-08", 7.5, C="0.0\\%"), {"growth 2026-08": "7.5"}),
    "percent for positive and negative numbers apart": (
        sheet("growth", "2026-08", -0.005, C="0.0%;[Red]-0.0%"), {"growth 2026-08": "-0.5"}
    ),
    "a percent cell with a computed ratio": (sheet("growth", "2026-08", 1 / 3, C="0.00%"), {"growth 2026-08": "33.333333"}),
    "a number in a cell shown as currency": (sheet("sales", "2026-08", 1234.5, C="#,##0 [$₫]"), {"sales 2026-08": "1234.5"}),
    "a rounded half goes up": (sheet("growth", "2026-08", 0.1234565), {"growth 2026-08": "0.123457"}),
    "a negative half goes away from zero": (sheet("growth", "2026-08", -0.1234565), {"growth 2026-08": "-0.123457"}),
    "a tiny number is rounded to nothing": (sheet("growth", "2026-08", 1e-9), {"growth 2026-08": "0"}),
    "more digits than a figure has": (sheet("sales", "2026-08", 1e20), [no_number()]),
    "a text of three decimals below one is not a group": (sheet("sales", "2026-08", "0.125"), {"sales 2026-08": "0.125"}),
    "a text of two decimals is no group": (sheet("sales", "2026-08", "140.25"), {"sales 2026-08": "140.25"}),
    "a text of four digits before the point is no group": (sheet("sales", "2026-08", "1400.000"), {"sales 2026-08": "1400"}),
    "a negative group is asked about as well": (sheet("sales", "2026-08", "-140.000"), [no_number("-140", "-140000")]),
}  # fmt: skip


@pytest.mark.parametrize(("body", "right"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_a_cell_is_read_as_it_is_meant(body: bytes, right: Any) -> None:
    outcome = by_api(Case("cell.xlsx", right), body)
    if isinstance(right, dict):
        assert outcome == (right, [])
    else:
        check_faults = [fault[:3] for fault in outcome.faults]
        assert (check_faults, outcome.stored) == ([fault[:3] for fault in right], {})
        for fault, expected in zip(outcome.faults, right, strict=True):
            assert all(words in text for words in expected.says for text in fault.says)


TABLES = {
    "three decimals where the indicator has none": ("indicator,period,value\nsales,2026-08,140.000\n", [no_number("140000")]),
    "three decimals where the indicator has two": ("indicator,period,value\ngrowth,2026-08,7.125\n", [no_number("7125")]),
    "what this service has exported": (
        "indicator,period,value,recorded_at,revision\ngrowth,2026-08,7.125,x,1\n", {"growth 2026-08": "7.125"}
    ),
    "a row of spaces": ("indicator,period,value\n   ,,\nsales,2026-08,5\n", {"sales 2026-08": "5"}),
    "the end sign of old programs": ("indicator,period,value\nsales,2026-08,5\n\x1a", {"sales 2026-08": "5"}),
    "captions with spaces and capitals": ("CHỈ TIÊU , Kỳ báo cáo,GIÁ TRỊ\nsales,2026-08,5\n", {"sales 2026-08": "5"}),
    "captions typed without marks": ("chi tieu,ky,gia tri\nsales,2026-08,5\n", {"sales 2026-08": "5"}),
    "a caption twice, in two languages": ("indicator,period,value,Giá trị\n", [Fault(0, "", "invalid-csv", ())]),
    "a column that is not known": ("indicator,period,value,Ghi nhận\n", [Fault(0, "", "unknown-field", ("Ghi nhận",))]),
    "a total below the table": (
        "indicator,period,value\nsales,2026-08,5\nTổng cộng,,5\n", [Fault(2, "/indicator", "invalid-code")]
    ),
    "a title that is too far above": ("x,,\n" * 30, [Fault(0, "", "unknown-field")]),
}  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("content", "right"), TABLES.values(), ids=TABLES)
def test_a_table_is_read_where_it_is_certain(content: str, right: Any, encoding: str) -> None:
    outcome = by_api(Case("table.csv", right), content.encode(encoding))
    if isinstance(right, dict):
        assert outcome == (right, [])
    else:
        assert ([fault[:3] for fault in outcome.faults], outcome.stored) == ([fault[:3] for fault in right], {})
