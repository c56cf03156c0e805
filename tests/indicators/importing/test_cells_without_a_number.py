"""A cell that a spreadsheet holds as a day, a time or a logical value is refused in words, in both languages."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from kpitracker.lib.spreadsheets.reading import cell_text
from tests import factories
from tests.kpitracker.lib.spreadsheets.files import workbook
from tests.support import api_of

pytestmark = pytest.mark.django_db
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELLS = [
    pytest.param(date(2026, 7, 1), "dd/mm/yyyy", "2026-07-01", id="a day"),
    pytest.param(datetime(2026, 7, 1, 8, 30), "dd/mm/yyyy hh:mm", "2026-07-01", id="a day with a time"),  # noqa: DTZ001
    pytest.param(time(7, 30), "hh:mm", "7:30:00", id="a time of day"),
    pytest.param(timedelta(hours=36), "[h]:mm", "36:00:00", id="a duration of more than a day"),
    pytest.param(timedelta(hours=5, minutes=4), "[h]:mm:ss", "5:04:00", id="a duration of some hours"),
    pytest.param(True, "General", "TRUE", id="a logical value"),
]


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize(("cell", "cell_format", "shown"), CELLS)
def test_the_error_says_what_the_cell_holds(cell: Any, cell_format: str, shown: str, language: str) -> None:
    factories.world()
    file = workbook([["indicator", "period", "value"], ["sales", "2026-06", cell]], C=cell_format)
    headers = {"Content-Type": XLSX, "Accept-Language": language}
    answer = api_of().call("POST", "measurements/batch/", raw=file.getvalue(), **headers)
    assert answer.status == 422, answer.json
    (error,) = answer.json["errors"]
    assert (error["row"], error["pointer"], error["slug"]) == (1, "/value", "invalid-number")
    assert shown in error["detail"]
    assert {"en": "The cell holds", "vi": "Ô chứa"}[language] in error["detail"]


DURATIONS = {
    "nothing": (timedelta(0), "0:00:00"),
    "two days and a second": (timedelta(days=2, seconds=1), "48:00:01"),
    "less than nothing": (timedelta(hours=-1, minutes=-5), "-1:05:00"),
}


@pytest.mark.parametrize(("duration", "shown"), DURATIONS.values(), ids=DURATIONS)
def test_a_duration_is_written_as_a_spreadsheet_shows_it(duration: timedelta, shown: str) -> None:
    assert cell_text(duration) == shown
