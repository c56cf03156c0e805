"""The preview of a file marks the doubtful rows in words, in both languages, and puts them first."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.importing import preview_values
from indicators.models import Import, Indicator, Revision
from indicators.services.batches import imports
from tests import factories
from tests.admin_support import client_of, person
from tests.kpitracker.lib.spreadsheets.files import workbook

pytestmark = pytest.mark.django_db
HEADER = "indicator,period,value\n"


@pytest.fixture(autouse=True)
def indicators_of_the_files(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    factories.area()
    factories.department("trade")
    factories.indicator("sales", department="trade", kind="level", unit="billion VND", decimals=0, usual_high="200000")
    factories.indicator("share", department="trade", kind="rate", unit="percent", decimals=2, accumulation="none")
    factories.indicator("index", department="trade", kind="rate", unit="point", decimals=3, accumulation="none")
    for month in ("01", "02", "03"):
        factories.figure("sales", f"2024-{month}", 100)


@pytest.fixture
def officer() -> Client:
    return client_of(person("lan", "officer", "trade"))


def preview(client: Client, body: str | bytes, language: str = "en", locale: str = "", mode: str = "all") -> Any:
    content = body if isinstance(body, bytes) else (HEADER + body).encode()
    name = "a.xlsx" if isinstance(body, bytes) else "a.csv"
    fields = {"file": SimpleUploadedFile(name, content), "locale": locale, "mode": mode, "end": "end"}
    return client.post(
        reverse("admin:indicators_import_upload"), fields, follow=True, headers={"Accept-Language": language}
    )


def shown_rows(answer: Any) -> list[list[str]]:
    """Number of the row, change of the value, and remark, as they are read without colours."""
    rows = answer.context["value_rows"]
    return [[re.sub("<[^>]+>", "", row[column]) for column in (0, 4, 5)] for row in rows]


def sheet(*cells: object) -> bytes:
    return workbook([["indicator", "period", "value"], list(cells)]).getvalue()


# What is sent, with which notation; the change of the value; what the remark must say, in each language.
CASES: dict[str, tuple[str | bytes, str, dict[str, tuple[str, str]]]] = {
    "an ordinary value has no remark": (
        "sales,2024-04,101\n", "", {"en": ("no value → 101 billion VND", ""), "vi": ("chưa có → 101 billion VND", "")}
    ),
    "a corrected value shows what is in force": (
        "sales,2024-03,101\n", "", {"en": ("100 → 101 billion VND", ""), "vi": ("100 → 101 billion VND", "")}
    ),
    "a value that is known says so": (
        "sales,2024-04,101\nsales,2024-03,100\n", "", {"en": ("100 billion VND, no change", ""), "vi": ("100 billion VND, không đổi", "")}
    ),
    "a value 1000 times the last ones": (
        "sales,2024-04,100000\n", "",
        {"en": ("no value → 100,000 billion VND", "Doubtful: 100,000 is about 1,000 times"),
         "vi": ("chưa có → 100.000 billion VND", "Đáng ngờ: 100.000 gấp khoảng 1.000 lần")},
    ),
    "a corrected value 1000 times the last ones": (
        "sales,2024-03,100000\n", "",
        {"en": ("100 → 100,000 billion VND", "Doubtful: 100,000 is about"), "vi": ("100 → 100.000 billion VND", "Đáng ngờ: 100.000 gấp")},
    ),
    "a value outside what is usual": (
        "sales,2024-04,200001\n", "",
        {"en": ("no value → 200,001 billion VND", "outside what is usual"), "vi": ("chưa có → 200.001 billion VND", "ngoài khoảng thường gặp")},
    ),
    "thousands where the file is said to be English": (
        "sales,2024-04,140.000\n", "en",
        {"en": ("no value → 140 billion VND", "Doubtful: “140.000” was read as 140. It may be 140,000."),
         "vi": ("chưa có → 140 billion VND", "Đáng ngờ: “140.000” được đọc là 140. Có thể là 140.000.")},
    ),
    "three decimals where the file is said to be Vietnamese": (
        "index,2024-04,1.125\n", "vi",
        {"en": ("no value → 1,125 point", "“1.125” was read as 1,125. It may be 1.125."),
         "vi": ("chưa có → 1.125 point", "“1.125” được đọc là 1.125. Có thể là 1,125.")},
    ),
    "thousands as Vietnamese writes them": (
        "sales,2024-04,1.000\n", "vi", {"en": ("no value → 1,000 billion VND", ""), "vi": ("chưa có → 1.000 billion VND", "")}
    ),
    "three decimals as English writes them": (
        "index,2024-04,1.125\n", "en", {"en": ("no value → 1.125 point", ""), "vi": ("chưa có → 1,125 point", "")}
    ),
    "a computed cell that is rounded": (
        sheet("share", "2024-04", 100 / 3), "",
        {"en": ("no value → 33.333333 %", "Doubtful: 33.3333333333333 was rounded to 33.333333."),
         "vi": ("chưa có → 33,333333 %", "được làm tròn thành 33,333333.")},
    ),
    "a computed cell with the noise of binary numbers": (
        sheet("share", "2024-04", 0.1 + 0.2), "", {"en": ("no value → 0.3 %", ""), "vi": ("chưa có → 0,3 %", "")}
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(("body", "locale", "expected"), CASES.values(), ids=CASES)
def test_a_row_shows_its_change_and_its_doubts(
    officer: Client, body: str | bytes, locale: str, expected: dict[str, tuple[str, str]], language: str
) -> None:
    answer = preview(officer, body, language, locale)
    (_, change, remark) = shown_rows(answer)[-1]
    expected_change, expected_remark = expected[language]
    assert change == expected_change
    assert expected_remark in remark
    assert bool(remark) == bool(expected_remark)
    assert bool(answer.context["values"].doubtful) == bool(expected_remark)


# What is sent, with which notation, and whether the row says that it has more decimals than its indicator.
DECIMALS = {
    "one decimal of a whole number": ("sales,2024-04,101.5\n", "", True),
    "a decimal comma": ("sales;2024-04;101,5\n", "vi", True),
    "three of two decimals": ("share,2024-04,7.1234\n", "en", True),
    "zeros that say nothing": ("sales,2024-04,101.0\n", "", False),
    "as many as there are": ("share,2024-04,7.12\n", "", False),
    "no value": ("sales,2024-04,\n", "", False),
}


@pytest.mark.parametrize(("language", "words"), [("en", "More decimals than"), ("vi", "Nhiều chữ số thập phân")])
@pytest.mark.parametrize(("row", "locale", "is_said"), DECIMALS.values(), ids=DECIMALS)
def test_more_decimals_than_the_indicator_has_are_said(
    officer: Client, row: str, locale: str, is_said: bool, language: str, words: str
) -> None:
    body = (HEADER.replace(",", ";") if ";" in row else HEADER) + row
    file = SimpleUploadedFile("a.csv", body.encode())
    fields = {"file": file, "locale": locale, "mode": "right", "end": "end"}
    headers = {"Accept-Language": language}
    answer = officer.post(reverse("admin:indicators_import_upload"), fields, follow=True, headers=headers)
    assert [words in remark for _, _, remark in shown_rows(answer)] == ([is_said] if not row.endswith(",\n") else [])


@pytest.mark.parametrize(
    ("language", "headline"),
    [("en", "2 doubtful rows come first."), ("vi", "2 dòng đáng ngờ được xếp lên trước.")],
    ids=["in English", "in Vietnamese"],
)
def test_doubtful_rows_come_first_also_from_beyond_the_first_hundred(
    officer: Client, language: str, headline: str
) -> None:
    ordinary = "".join(f"sales,{1900 + number // 12}-{number % 12 + 1:02},100\n" for number in range(120))
    answer = preview(officer, ordinary + "sales,2024-04,100000\nsales,2024-05,200001\n", language)
    rows = shown_rows(answer)
    assert [row[0] for row in rows[:3]] == ["121", "122", "1"]
    assert [bool(row[2]) for row in rows[:3]] == [True, True, False]
    assert headline in answer.content.decode()


def test_a_large_workbook_shows_its_doubtful_rows(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_values, "MAX_DECODED_BYTES", 10)
    answer = preview(officer, sheet("sales", "2024-04", 100000))
    assert [row[0] for row in shown_rows(answer)] == ["1"]
    assert "are not shown" in answer.content.decode()


def test_a_file_with_wrong_rows_shows_its_doubtful_rows(officer: Client) -> None:
    answer = preview(officer, "sales,2024-04,100000\nsales,2024-13,1\n")
    assert [row[0] for row in shown_rows(answer)] == ["1"]


def test_a_row_that_is_refused_is_not_among_the_values_that_will_be_stored(officer: Client) -> None:
    factories.indicator("visitors", department=factories.department("tourism").code)
    body = "sales,2024-04,101\nvisitors,2024-04,5\nunknown,2024-04,5\nsales,2024-05,102\n"
    answer = preview(officer, body, mode="right")
    assert [row[0] for row in shown_rows(answer)] == ["1", "4"]


def test_a_figure_that_waits_for_approval_is_no_value_in_force(officer: Client) -> None:
    Indicator.objects.filter(code="sales").update(needs_approval=True)
    factories.figure("sales", "2024-04", 90)
    answer = preview(officer, "sales,2024-04,101\n")
    assert shown_rows(answer)[0][1] == "no value → 101 billion VND"


def test_as_many_doubtful_rows_are_kept_as_the_page_shows(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (imports, preview_values):
        monkeypatch.setattr(module, "MAX_DOUBTFUL_ROWS", 2)
    answer = preview(officer, "".join(f"sales,2024-{month:02},300000\n" for month in range(4, 8)))
    assert [bool(row[2]) for row in shown_rows(answer)] == [True, True, False, False]
    assert "The first 2 doubtful rows come first." in answer.content.decode()


def test_only_the_sender_sees_them_and_only_before_they_are_stored(officer: Client) -> None:
    preview(officer, "sales,2024-04,100000\n")
    seen = Import.objects.get()
    page = reverse("admin:indicators_import_change", args=[seen.pk])
    assert client_of(person("hoa", "officer", "trade")).get(page).context["values"].rows == []
    officer.post(reverse("admin:indicators_import_confirm", args=[seen.pk]))
    assert officer.get(page).context["values"].rows == []
    # What was said before is kept with the figure.
    assert [warning["slug"] for warning in Revision.objects.latest("recorded_at").warnings] == ["unusual-scale"]
    assert Import.objects.get(confirms=seen).doubtful_rows == []
