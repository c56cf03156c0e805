"""What reports a period, what leaves it owed, and what is news: each way to post a figure, in one table."""

from collections.abc import Callable
from typing import Any

import pytest

from indicators.models import SeriesChange
from kpitracker.lib import clock
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

FIGURE = {"indicator": "sales", "area": "city", "period": "2024-01", "published": "2024-02-05"}


@pytest.fixture
def api() -> Api:
    """Sales of January 2024 are due on 20 February; the plan asks for them."""
    factories.world()
    return api_of()


def post(**fields: Any) -> Callable[[Api], None]:
    def send(api: Api) -> None:
        api.post("measurements/", {**FIGURE, **fields}).ok(201)

    return send


def withdraw(api: Api) -> None:
    pk = api.rows("measurements/?indicator=sales")[0]["id"]
    api.post(f"measurements/{pk}/withdraw/", {"reason": "another city"}).ok(201)


@pytest.mark.parametrize(
    ("steps", "owed"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param([post(value="7")], False, id="a value"),
        pytest.param([post(value=None, missing_reason="not_available")], False, id="not available: an answer"),
        pytest.param([post(value=None, missing_reason="not_applicable")], False, id="not applicable: an answer"),
        pytest.param([post(value=None, missing_reason="suppressed")], False, id="suppressed: an answer"),
        pytest.param([post(value=None, missing_reason="withdrawn")], True, id="withdrawn, never anything else"),
        pytest.param([post(value="7"), withdraw], True, id="a value that was withdrawn"),
        pytest.param([post(value="7"), withdraw, post(value="8", published=str(clock.today()))], False, id="posted again"),
        pytest.param([post(value="7", stage="forecast")], True, id="called a forecast"),
        pytest.param([post(value="7", published="2023-12-30")], True, id="a forecast by its day: 32 days before the end"),
        pytest.param([post(value="7", published="2023-12-31")], False, id="an estimate: 31 days before the end"),
        pytest.param([post(value="7", published="2023-12-30", stage="official")], False, id="official, long before"),
        pytest.param([post(value="7", stage="forecast"), withdraw], True, id="a forecast that was withdrawn"),
        pytest.param(
            [post(value="7", stage="forecast"), post(value="7", published="2024-02-06")], False, id="a forecast, then measured"
        ),
    ],
)  # fmt: skip
def test_what_is_owed(api: Api, steps: list[Callable[[Api], None]], owed: bool) -> None:
    for step in steps:
        step(api)
    due = [row["period"] for row in api.rows("reporting/due/?since=2024-01-01") if row["period"] == "2024-01"]
    assert bool(due) is owed
    # A figure without a value is an answer; of what is owed there is none.
    (target,) = api.rows("targets/")
    status = api.get(f"targets/{target['id']}/status/").ok()
    if status["actual"] is None:
        assert (status["reason"]["slug"] == "without-value") is not owed


@pytest.mark.parametrize("published", ["2024-02-05", "unknown", str(clock.today())])
@pytest.mark.parametrize(("query", "quiet"), [("", False), ("?quiet=true", True)])
@pytest.mark.parametrize("stage", ["", "forecast"])
def test_everything_is_news_unless_it_is_quiet(api: Api, published: str, query: str, quiet: bool, stage: str) -> None:
    SeriesChange.objects.all().delete()
    api.post(f"measurements/{query}", {**FIGURE, "value": "7", "published": published, "stage": stage}).ok(201)
    assert list(SeriesChange.objects.values_list("quiet", flat=True)) == [quiet]
