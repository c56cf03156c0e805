"""When the storage does not take a figure: 503 with the time to come again, nothing half stored, nothing lost before.

And when something breaks that nobody thought of: 500, with nothing of ours in the answer but its number.
"""

import sys
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from indicators.models import Revision
from kpitracker import urls
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = pytest.mark.database


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def post(api: Api, month: int = 1, note: str = "") -> Answer:
    period = f"{2000 + month // 12}-{month % 12 + 1:02}"
    figure = {"indicator": "sales", "area": "city", "period": period, "value": str(month), "note": note}
    return api.post("measurements/", figure)


def run(sqlite: str, postgresql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sqlite if connection.vendor == "sqlite" else postgresql)


@pytest.fixture
def read_only() -> Iterator[Callable[[], None]]:
    yield lambda: run("PRAGMA query_only = ON", "SET default_transaction_read_only = on")
    run("PRAGMA query_only = OFF", "SET default_transaction_read_only = off")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_only_reads_refuses_figures_and_takes_them_afterwards(
    api: Api, read_only: Callable[[], None]
) -> None:
    post(api).ok(201)
    read_only()

    answer = post(api, 2)
    answer.problem(503, "storage-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert len(api.rows("measurements/")) == 1

    run("PRAGMA query_only = OFF", "SET default_transaction_read_only = off")
    post(api, 2).ok(201)
    assert len(api.rows("measurements/")) == 2


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_refuses_figures_and_keeps_earlier_ones(api: Api) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0] + 20}")
    stored = 0
    while (answer := post(api, stored, "x" * 20_000)).status == 201:
        stored += 1

    answer.problem(503, "storage-unavailable")
    assert "Retry-After" in answer.headers
    assert Revision.objects.count() == stored > 0
    run("PRAGMA max_page_count = 1000000", "")
    post(api, stored, "x" * 20_000).ok(201)


def refusing(code: str) -> str:
    """PostgreSQL's words for a trigger that refuses every revision by this code."""
    return (
        "CREATE FUNCTION pg_temp.refusing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION 'refused' USING ERRCODE = '{code}'; END $$; "
        "CREATE TRIGGER refusing BEFORE INSERT ON indicators_revision EXECUTE FUNCTION pg_temp.refusing()"
    )


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_a_server_without_room_refuses_figures_and_keeps_earlier_ones(api: Api) -> None:
    # A full disk cannot be had without root; a file that may not be written for want of room has the same code.
    post(api).ok(201)
    run("", refusing("disk_full"))
    post(api, 2).problem(503, "storage-unavailable")
    assert Revision.objects.count() == 1


# SQLite has one writer at a time: none waits for one that waits.
@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_of_two_that_wait_for_each_other_the_one_that_is_sent_away_may_come_again(api: Api) -> None:
    run("", refusing("deadlock_detected"))

    answer = post(api)

    answer.problem(503, "storage-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    run("", "DROP TRIGGER refusing ON indicators_revision")
    post(api).ok(201)


SECRET = "what nobody outside may read"


class Breaking(APIView):
    permission_classes: list[type] = []

    def get(self, request: Request) -> Response:
        raise RuntimeError(SECRET)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


@pytest.fixture
def broken_routes() -> Iterator[None]:
    module = ModuleType("broken_routes")
    module.urlpatterns = [  # type: ignore[attr-defined]
        path("api/v1/broken/", Breaking.as_view()),
        path("api/v1/beside/", broken),
        path("", include(urls)),
    ]
    module.handler500 = urls.handler500  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    with override_settings(ROOT_URLCONF=module.__name__):
        yield
    del sys.modules[module.__name__]


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["broken/", "beside/"])
def test_an_unforeseen_error_tells_its_number_and_nothing_else(broken_routes: None, where: str) -> None:
    answer = Api().get(where, X_Request_ID="report-7")

    assert answer.problem(500, "internal-error")["request_id"] == "report-7"
    assert SECRET.encode() not in answer.raw
    assert b"Traceback" not in answer.raw
