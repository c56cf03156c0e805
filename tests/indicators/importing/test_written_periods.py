"""A file may write periods as people do: the same texts as the forms, in CSV and XLSX, and never in JSON."""

import json
from typing import Any

import pytest

from indicators.domain.periods import Period
from indicators.importing.written_periods import PeriodReader
from indicators.models import Measurement
from kpitracker.lib.spreadsheets.reading import DateText, NumberCell
from tests import factories
from tests.indicators.domain.test_period_words import REFUSED, WRITTEN
from tests.kpitracker.lib.spreadsheets.files import workbook
from tests.support import Answer, api_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BARE_DAYS = ["15/07/2024", "1/7/2024", "07-01-2024", "1.7.2024", " 01/07/2024 "]
IN_FILES = [
    (code, text) for code, texts in WRITTEN.items() for text in texts if text not in BARE_DAYS and text.strip() == text
]


def post(form: str, *periods: str, query: str = "") -> Answer:
    rows = [["sales", period, str(7 + number)] for number, period in enumerate(periods)]
    if form == "xlsx":
        body = workbook([["indicator", "period", "value"], *rows], texts_only=True).getvalue()
    elif form == "csv":
        body = "\n".join(["indicator;period;value", *(";".join(row) for row in rows)]).encode()
    else:
        fields = ("indicator", "period", "value")
        body = json.dumps([dict(zip(fields, row, strict=True)) for row in rows]).encode()
    media = {"xlsx": XLSX, "csv": "text/csv", "json": "application/json"}[form]
    return api_of().call("POST", f"measurements/batch/{query}", raw=body, **{"Content-Type": media})


@pytest.mark.parametrize(("code", "written"), IN_FILES)
def test_what_forms_take_files_take(code: str, written: str) -> None:
    assert PeriodReader().read(written) == (code, None)


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_period_stays_and_its_row_is_rejected(written: str) -> None:
    assert PeriodReader().read(written)[0] == written


# A spreadsheet or a typing hand has made something else of it: reading it would guess.
NOT_GUESSED: dict[str, Any] = {
    "a day that may be a month": BARE_DAYS,
    "a number that has lost a zero": ["2024.1", NumberCell("2024.1"), NumberCell("10.2024")],
    "a date cell": [DateText("2024-07-01x")],
    "two lines": ["2024-01\n", "10/\n2024", "2024\r2025", "2024\u20282025"],
    "a text that never ends": ["2024" + " " * 100],
}


@pytest.mark.parametrize("cells", NOT_GUESSED.values(), ids=NOT_GUESSED)
def test_what_has_two_readings_is_not_guessed(cells: list[str]) -> None:
    reader = PeriodReader()
    assert [reader.read(cell)[0] for cell in cells] == cells


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_figures_are_those_of_the_codes(form: str) -> None:
    factories.world()
    answer = post(form, "tháng 5/2026", "10/2024", "quý 1/2025", "6 tháng 2025", "2024-07")
    assert (answer.status, answer.json["created"]) == (200, 5), answer.json
    spans = Measurement.objects.filter(indicator__code="sales").values_list("value", "period_start", "period_end")
    stored = {str(value): str(Period(*span)) for value, *span in spans}
    assert stored == {"7": "2026-05", "8": "2024-10", "9": "2025-Q1", "10": "2025-H1", "11": "2024-07"}


@pytest.mark.django_db
def test_two_notations_of_one_period_are_the_same_row_twice() -> None:
    factories.world()
    answer = post("csv", "2026-05", "tháng 5/2026", query="?atomic=false")
    assert [(row["row"], row["slug"], row["period"]) for row in answer.json["errors"]] == [
        (2, "duplicate-row", "2026-05")
    ]


@pytest.mark.django_db
def test_a_day_of_a_spreadsheet_is_refused_with_both_readings() -> None:
    factories.world()
    (error,) = post("csv", "01/07/2024").json["errors"]
    assert (error["pointer"], error["slug"]) == ("/period", "invalid-period")
    assert "2024-07-01" in error["detail"]
    assert "2024-07." in error["detail"]


@pytest.mark.django_db
def test_json_stays_with_codes() -> None:
    factories.world()
    (error,) = post("json", "tháng 5/2026").json["errors"]
    assert (error["pointer"], error["slug"]) == ("/period", "invalid-period")
