"""Every list of the back office as a file: what the page shows, all pages of it, of the part that the reader sees."""

import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import BooleanField, DateField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from indicators.models import Department, Indicator
from kpitracker.lib.admin import list_files
from tests import factories
from tests.admin_support import client_of, person
from tests.indicators.admin.test_access import make_rows

pytestmark = pytest.mark.django_db
PAGES = {page.opts.label_lower: page for page in admin.site._registry.values()}
INDICATORS = "/admin/indicators/indicator/"
CELL = re.compile(r"<t[dh][^>]*field-(\w+)[^>]*>(.*?)</t[dh]>", re.DOTALL)
TAGS = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module", autouse=True)
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        make_rows()


@pytest.fixture
def keeper() -> Client:
    return client_of(person("keeper", "administrator"))


def read(answer: Any) -> tuple[list[str], list[list[str]]]:
    """The captions and the rows of a CSV file."""
    assert answer.status_code == 200, answer.status_code
    head, *rows = csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig")))
    return head, rows


def sheet_of(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.getvalue())).get_sheet_by_index(0).to_python()


def plain(html: str) -> str:
    return " ".join(unescape(TAGS.sub(" ", html)).split())


@pytest.mark.parametrize("label", sorted(PAGES))
def test_a_list_and_its_file_say_the_same(label: str, keeper: Client) -> None:
    """Texts as on the page; numbers, days and yes or no as such."""
    path = f"/admin/{label.replace('.', '/')}/"
    page = keeper.get(path)
    changes, html = page.context["cl"], page.content.decode()
    head, rows = read(keeper.get(f"{path}file.csv"))
    assert len(rows) == changes.result_count > 0
    names = [name for name in changes.list_display if name != "action_checkbox"]
    assert len(head) == len(names)
    assert [len(row) for row in rows] == [len(names)] * len(rows)
    table = html[html.index('id="result_list"') :]
    row = re.findall(r"<tr[^>]*>.*?</tr>", table, re.DOTALL)[1]
    shown = {name: plain(text) for name, text in CELL.findall(row)}
    compared = 0
    for name, cell in zip(names, rows[0], strict=True):
        key = name if isinstance(name, str) else name.__name__
        fields = {field.name: field for field in PAGES[label].opts.get_fields()}
        field = fields.get(key)
        if key not in shown or isinstance(field, BooleanField | DateField) or cell in ("true", "false", ""):
            continue
        assert re.sub(r"[.,]", "", shown[key]) == re.sub(r"[.,]", "", " ".join(cell.split()).removeprefix("'")), key
        compared += 1
    assert compared, "no column was compared"


def test_search_filters_and_order_are_kept_and_pages_are_not(keeper: Client) -> None:
    for number in range(60):
        factories.indicator(f"road{number:02}", kind="level" if number % 2 else "rate", accumulation="last")
    address = f"{INDICATORS}?q=road&kind__exact=rate&o=-2&p=2"
    _, rows = read(keeper.get(address.replace("?", "file.csv?")))
    page = keeper.get(address)
    assert [row[0] for row in rows] == [row.code for row in page.context["cl"].queryset]
    assert len(rows) == 30
    [link] = re.findall(r'href="/admin/indicators/indicator/file.csv\?([^"]*)"', page.content.decode())
    assert dict(parse_qsl(unescape(link))) == {"q": "road", "kind__exact": "rate", "o": "-2"}


def test_the_workbook_has_the_same_rows_and_numbers_as_numbers(keeper: Client) -> None:
    answer = keeper.get("/admin/indicators/import/file.xlsx")
    table = sheet_of(answer)
    head, rows = read(keeper.get("/admin/indicators/import/file.csv"))
    assert table[0] == head
    assert len(table) == len(rows) + 1
    assert any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in table[1])
    assert re.search(r'filename="kpitracker-import-\d{4}-\d\d-\d\d\.xlsx"', answer["Content-Disposition"])


def test_captions_are_in_the_language_of_the_reader(keeper: Client) -> None:
    assert read(keeper.get(f"{INDICATORS}file.csv"))[0][:2] == ["Code", "Name"]
    vietnamese = keeper.get(f"{INDICATORS}file.csv", headers={"Accept-Language": "vi"})
    assert read(vietnamese)[0][:2] == ["Mã", "Tên"]


FORMULAS = ["=1+1", "+1", "-1+1", "@sum", "＝1"]


@pytest.mark.parametrize("name", FORMULAS)
def test_a_text_is_never_a_formula(keeper: Client, name: str) -> None:
    Indicator.objects.filter(code="sales").update(name=name)
    _, rows = read(keeper.get(f"{INDICATORS}file.csv?q=sales"))
    assert rows[0][1] == f"'{name}"
    assert sheet_of(keeper.get(f"{INDICATORS}file.xlsx?q=sales"))[1][1] == f"'{name}"


REFUSED = {
    "a parameter that the list has not": ("file.csv?restricted=1", 400),
    "a value that no filter takes": ("file.csv?department__id__exact=x", 400),
    "a sign that no database takes": ("file.csv?q=%00", 400),
    "another kind of file": ("file.pdf", 404),
}


@pytest.mark.parametrize(("address", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(keeper: Client, address: str, status: int) -> None:
    assert keeper.get(f"{INDICATORS}{address}").status_code == status


def test_nothing_is_changed_by_asking(keeper: Client) -> None:
    assert keeper.post(f"{INDICATORS}file.csv").status_code == 404


def test_a_list_that_is_too_long_leads_back_with_a_reason(keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_files, "MAX_FILE_ROWS", 1)
    answer = keeper.get(f"{INDICATORS}file.csv?o=1", follow=True)
    assert answer.redirect_chain == [(f"{INDICATORS}?o=1", 302)]
    assert "The list has 2 rows, a file takes 1. Choose filters first." in answer.content.decode()


def test_officers_get_their_part(keeper: Client) -> None:
    factories.department("b")
    factories.indicator("own", department="b")
    officer = client_of(person("hoa", "officer", "b"))
    assert [row[0] for row in read(officer.get(f"{INDICATORS}file.csv"))[1]] == ["own"]
    Indicator.objects.filter(code="sales").update(restricted=True)
    planner = client_of(person("mai", "planner", "b"))
    assert "sales" not in [row[0] for row in read(planner.get(f"{INDICATORS}file.csv"))[1]]
    assert Client().get(f"{INDICATORS}file.csv").status_code == 302
    assert Department.objects.filter(code="b").exists()


LONG: dict[str, Callable[[int], object]] = {
    "targets.target": lambda number: factories.target(factories.indicator(f"t{number}", department="statistics").code),
    "indicators.measurement": lambda number: factories.figure("sales", f"2023-{number % 12 + 1:02}", number),
    "indicators.indicator": lambda number: factories.indicator(f"i{number}", department="statistics"),
    "indicators.contact": lambda number: factories.contact(f"a{number}@example.org", department="statistics"),
    "lib.auditentry": lambda number: factories.area(f"a{number}"),
}


@pytest.mark.parametrize("label", LONG)
def test_more_rows_need_no_more_queries(label: str, keeper: Client) -> None:
    path = f"/admin/{label.replace('.', '/')}/file.csv"

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(keeper.get(path))
        return len(captured)

    LONG[label](99)
    queries()
    before = queries()
    for number in range(6):
        LONG[label](number)
    assert queries() == before
