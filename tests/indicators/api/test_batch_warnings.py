"""Which row of a batch is stored with a warning: the answer says it, as it says which row is rejected."""

from typing import Any

import pytest

from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

CSV = "indicator,period,value\nsales,2023,7\nsales,2024,99\nsales,2025,{third}\nsales,2026,98\n"
QUERIES = ["", "?dry_run=true", "?atomic=false", "?atomic=false&dry_run=true", "?verbose=true"]


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.indicator(frequency="year", usual_low="1", usual_high="50")
    return api_of()


def send(api: Api, query: str, third: str) -> Any:
    body = CSV.format(third=third).encode()
    return api.call("POST", f"measurements/batch/{query}", raw=body, **{"Content-Type": "text/csv"}).ok()


@pytest.mark.parametrize("query", QUERIES)
def test_each_warning_names_its_row(api: Api, query: str) -> None:
    report = send(api, query, "8")
    assert report["warnings"] == len(report["row_warnings"]) == 2
    assert report["row_warnings"] == [
        {
            "row": row,
            "pointer": "/value",
            "slug": "unusual-value",
            "detail": f"{value} is outside what is usual (1 … 50).",
            "indicator": "sales",
            "period": period,
        }
        for row, value, period in ((2, 99, "2024"), (4, 98, "2026"))
    ]


@pytest.mark.parametrize("query", ["?atomic=false", "?atomic=false&dry_run=true"])
def test_a_rejected_row_has_no_warning(api: Api, query: str) -> None:
    report = send(api, query, "=1")
    assert [error["row"] for error in report["errors"]] == [3]
    assert [warning["row"] for warning in report["row_warnings"]] == [2, 4]


def test_an_unchanged_row_is_not_warned_of_again(api: Api) -> None:
    send(api, "", "8")
    report = send(api, "", "77")
    assert [(warning["row"], warning["slug"]) for warning in report["row_warnings"]] == [(3, "unusual-value")]


def test_a_batch_without_warnings_has_an_empty_list(api: Api) -> None:
    assert (
        api.post("measurements/batch/", [{"indicator": "sales", "period": "2024", "value": "7"}]).ok()["row_warnings"]
        == []
    )
