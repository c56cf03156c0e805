"""The catalogue as a workbook: all or nothing, the same again is unchanged, and every fault has its place."""

import io
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override
from xlsxwriter import Workbook as NewWorkbook

from indicators.models import Area, Department, Indicator, ReportingDuty
from indicators.services.catalogue import reporting_duties
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import export, import_
from targets.catalogue.import_ import CatalogueReport
from targets.models import Plan, Target
from tests import factories

pytestmark = pytest.mark.django_db

Sheets = dict[str, list[list[Any]]]


def workbook(sheets: Sheets) -> io.BytesIO:
    made = io.BytesIO()
    with NewWorkbook(made, {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                sheet.write_row(row, 0, cells)
    made.seek(0)
    return made


def take(sheets: Sheets, *, dry_run: bool = False) -> CatalogueReport:
    book = Workbook(workbook(sheets))
    return import_.import_workbook(workbook=book, by=factories.BY, now=clock.now(), dry_run=dry_run)


def outcomes(report: CatalogueReport) -> dict[str, dict[str, int]]:
    return {sheet: {name: n for name, n in counts.items() if n} for sheet, counts in report.counts.items()}


def test_the_faults_that_are_named_are_bounded_and_all_rows_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_, "MAX_FAULTS", 5)
    report = take({"areas": [["code", "name"], *[["No Code", "x"]] * 8], "plans": [["code"], *[["No Code"]] * 8]})
    assert [report.counts[sheet]["rejected"] for sheet in ("areas", "plans")] == [8, 8]
    assert len(report.faults) == 5
    assert report.unnamed_faults >= 8 + 8 - 5
    assert not report.written


def test_the_faults_of_a_header_are_bounded() -> None:
    report = take({"areas": [["code", "name", *[f"column {number}" for number in range(200)]]]})
    assert len(report.faults) == 20


CITY: Sheets = {
    "targets": [
        ["plan", "indicator", "goal", "lower", "weight", "cooperating", "milestones", "announced"],
        ["p-2024", "growth", "at_least", 7.5, 2, "office, stats", '[{"date":"2024-06-30","lower":"6"}]', "2023-12-08"],
    ],
    "plans": [["code", "name", "period"], ["p-2024", "Kế hoạch 2024", 2024]],
    "duties": [["indicator", "area", "department"], ["sales", "north", "stats"]],
    "indicators": [
        ["code", "name", "accumulation", "formula", "due_days", "restricted"],
        ["growth", "Tăng trưởng", "", "yoy(sales)", 20, ""],
        ["sales", "Bán lẻ", "sum", "", "", True],
    ],
    "departments": [["code", "name", "parent"], ["stats", "Thống kê", "office"], ["office", "Văn phòng", ""]],
    "areas": [["code", "name", "parent"], ["north", "Bắc", "city"], [], ["city", "Thành phố", ""]],
}


def test_parts_are_read_and_written_as_a_list_of_codes() -> None:
    header = ["code", "name", "accumulation", "parts"]
    sheet = [header, ["total", "Tổng", "sum", "farms, crops"], ["farms", "A", "sum", ""], ["crops", "B", "sum", ""]]
    assert outcomes(take({"indicators": sheet})) == {"indicators": {"created": 3}}
    assert sorted(part.code for part in Indicator.objects.get(code="total").parts.all()) == ["crops", "farms"]
    assert outcomes(take({"indicators": sheet})) == {"indicators": {"unchanged": 3}}
    without = [header, ["total", "Tổng", "sum", "crops"]]
    assert outcomes(take({"indicators": without})) == {"indicators": {"changed": 1}}
    assert [part.code for part in Indicator.objects.get(code="total").parts.all()] == ["crops"]


def test_a_city_in_one_file_in_any_order() -> None:
    report = take(CITY)
    assert report.faults == []
    assert outcomes(report) == {
        "areas": {"created": 2}, "departments": {"created": 2}, "indicators": {"created": 2}, "duties": {"created": 1},
        "plans": {"created": 1}, "targets": {"created": 1},
    }  # fmt: skip
    assert Area.objects.get(code="north").parent == Area.objects.get(code="city")
    assert Indicator.objects.get(code="sales").restricted
    target = Target.objects.get()
    assert (target.identifier, sorted(d.code for d in target.cooperating.all())) == (
        "p-2024:growth:city",
        ["office", "stats"],
    )
    assert AuditEntry.objects.filter(verb="created").count() == 9


def test_the_same_again_is_unchanged_and_writes_nothing() -> None:
    take(CITY)
    before = AuditEntry.objects.count()
    report = take(CITY)
    assert {name for counts in outcomes(report).values() for name in counts} == {"unchanged"}
    assert AuditEntry.objects.count() == before


@pytest.mark.database
def test_what_goes_out_comes_in_unchanged() -> None:
    factories.world()
    factories.area("north", parent="city", valid_from="2020-01-01", note="=1+1")
    factories.indicator("ratio", formula="100 * sales / sales", restricted=True, due_days=7)
    factories.target("ratio", area="north", lower="7.123456", upper=8, period="2024-Q1", section="x", profile="flat")
    factories.plan("term", "2021/2025", act="'quoted")
    reporting_duties.create_duty(
        by=factories.BY, indicator="sales", area="north", department="statistics", valid_from="2024-01-01"
    )
    file = io.BytesIO()
    counts = export.write_catalogue(file, by=factories.BY, now=clock.now())
    file.seek(0)
    report = import_.import_workbook(workbook=Workbook(file), by=factories.BY, now=clock.now(), dry_run=False)
    assert report.faults == []
    assert outcomes(report) == {name: {"unchanged": count} for name, count in counts.items()}


CHANGES: list[Any] = [
    pytest.param({"areas": [["code", "name"], ["city", "Mới"]]}, lambda: Area.objects.get().name, "Mới", id="a name"),
    pytest.param(
        {"departments": [["code", "name", "email"], ["statistics", "Statistics", ""]]},
        lambda: Department.objects.get().email, "", id="an empty cell clears",
    ),
    pytest.param(
        {"indicators": [["Mã", "TÊN", "Hạn báo cáo (ngày)"], ["sales", "Sales", 5]]},
        lambda: (Indicator.objects.get().due_days, Indicator.objects.get().accumulation), (5, "sum"),
        id="captions of the admin, and a column that is left out says nothing",
    ),
    pytest.param(
        {"plans": [["code", "name", "period", "act"], ["plan", "Plan", "2024", "NQ 1"]]},
        lambda: Plan.objects.get().act, "NQ 1", id="an act",
    ),
    pytest.param(
        {"targets": [["plan", "indicator", "goal", "weight"], ["plan", "sales", "at_least", 3]]},
        lambda: (str(Target.objects.get().weight), Target.objects.get().versions.count()), ("3", 1), id="a weight",
    ),
    pytest.param(
        {"targets": [["plan", "indicator", "goal", "lower", "announced"], ["plan", "sales", "at_least", 900, "2024-05-01"]]},
        lambda: [str(v.lower) for v in Target.objects.get().versions.order_by("number")], ["1200", "900"],
        id="an edge, by an amendment",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sheets", "see", "expected"), CHANGES)
def test_what_differs_is_changed_through_the_services(sheets: Sheets, see: Any, expected: Any) -> None:
    factories.world()
    before = AuditEntry.objects.count()
    report = take(sheets)
    assert (report.faults, outcomes(report)) == ([], {next(iter(sheets)): {"changed": 1}})
    assert see() == expected
    assert AuditEntry.objects.count() == before + 1
    assert outcomes(take(sheets)) == {next(iter(sheets)): {"unchanged": 1}}


FAULTS: list[Any] = [
    pytest.param("areas", [["code", "name"], ["a b", "X"]], (2, "code", "invalid-code"), id="no code"),
    pytest.param("areas", [["code", "name"], [], ["x", ""]], (3, "name", "required"), id="no name, with its row"),
    pytest.param("areas", [["code", "nmae"], ["x", "X"]], (1, "nmae", "unknown-field"), id="a column nobody knows"),
    pytest.param("areas", [["code", "code"], ["x", "X"]], (1, "code", "unknown-field"), id="a column twice"),
    pytest.param("areas", [["code", "name"], ["x", "X"], ["x", "Y"]], (3, "code", "already-exists"), id="a row twice"),
    pytest.param(
        "areas", [["code", "name", "parent"], ["x", "X", "no"]], (2, "parent", "unknown-area"), id="no such parent"
    ),
    pytest.param(
        "indicators", [["code", "name", "formula"], ["x", "X", "1 +"]], (2, "formula", "invalid-formula"), id="a formula"
    ),
    pytest.param(
        "indicators", [["code", "name", "formula"], ["x", "X", "y"], ["y", "Y", "x"]],
        (3, "formula", "unknown-indicator"), id="formulas that need each other",
    ),
    pytest.param(
        "targets", [["plan", "indicator", "goal", "milestones"], ["p", "i", "at_least", "[1"]],
        (2, "milestones", "invalid-type"), id="a list that is none",
    ),
    pytest.param(
        "targets", [["plan", "indicator", "goal", "lower"], ["plan", "sales", "at_most", "1"]],
        (2, "goal", "immutable"), id="what never changes",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sheet", "rows", "fault"), FAULTS)
def test_a_fault_is_told_with_its_place_and_nothing_is_written(sheet: str, rows: list[list[Any]], fault: Any) -> None:
    factories.world()
    good = [["code", "name"], ["good", "Good"]]
    report = take({"departments": good, sheet: rows})
    first = report.faults[0]
    assert (first.sheet, (first.row, first.field, first.slug)) == (sheet, fault)
    assert first.detail
    assert not Department.objects.filter(code="good").exists()
    assert not report.written


def test_a_dry_run_says_what_would_happen() -> None:
    attempted = take(CITY, dry_run=True)
    assert (Area.objects.count(), ReportingDuty.objects.count(), AuditEntry.objects.count()) == (0, 0, 0)
    assert attempted.counts == take(CITY).counts


def test_by_command(tmp_path: Path) -> None:
    file, out = tmp_path / "city.xlsx", StringIO()
    file.write_bytes(workbook(CITY).getvalue())
    call_command("import_catalogue", file, "--dry-run", stdout=out)
    assert "areas: 2 created" in out.getvalue()
    assert "nothing was written" in out.getvalue()
    call_command("import_catalogue", file, stdout=out)
    call_command("export_catalogue", tmp_path / "out.xlsx", stdout=out)
    assert "2 areas, 2 departments, 2 indicators, 1 duties, 1 plans, 1 targets" in out.getvalue()
    with override("en"), pytest.raises(CommandError, match="exists"):
        call_command("export_catalogue", tmp_path / "out.xlsx")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(workbook({"areas": [["code"], ["X"]]}), "areas 2 code invalid-code", id="with the faults"),
        pytest.param(workbook({"other": [["code"]]}), "none of the sheets", id="without a sheet that is known"),
        pytest.param(io.BytesIO(b"x"), "Not an XLSX file", id="that is no workbook"),
    ],
)
def test_the_command_refuses_a_file(content: io.BytesIO, told: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.xlsx"
    file.write_bytes(content.getvalue())
    with override("en"), pytest.raises(CommandError, match=told):
        call_command("import_catalogue", file, stdout=StringIO())


def test_periods_are_taken_as_people_write_them() -> None:
    first = take(CITY)
    assert first.written, first.faults
    again = take({"plans": [["code", "name", "period"], ["p-2024", "Kế hoạch 2024", "năm 2024"]]})
    assert outcomes(again)["plans"] == {"unchanged": 1}
    wrong = take({"plans": [["code", "name", "period"], ["p-2024", "Kế hoạch 2024", "tháng 13/2024"]]})
    assert [(fault.field, fault.slug) for fault in wrong.faults] == [("period", "invalid-period")]
