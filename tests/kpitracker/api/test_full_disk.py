"""A disk without room: 503 with the time to come again, on every door that writes, and a page that says so."""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from indicators.models import Import, Revision
from tests import factories
from tests.admin_support import PASSWORD, client_of, person
from tests.support import Api, api_of

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.django_db(transaction=True)]

CSV = "indicator,area,period,value\n" + "".join(f"sales,city,{year},1\n" for year in range(1950, 2050))


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows: as good as a disk without room, which only root can make."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def raw(api: Api, body: bytes, **headers: str) -> Any:
    path = "/api/v1/measurements/batch/"
    client = Client(headers={**api.headers, **headers}, raise_request_exception=False)
    return client.post(path, data=body, content_type="text/csv")


DOORS: dict[str, Callable[[Api], Any]] = {
    "a batch for later": lambda api: raw(api, CSV.encode(), Prefer="respond-async"),
    "a batch": lambda api: raw(api, CSV.encode()),
    "a figure": lambda api: Client(headers=api.headers).post(
        "/api/v1/measurements/", '{"indicator": "sales", "period": "2024", "value": "1"}', "application/json"
    ),
}


@pytest.mark.parametrize("door", DOORS)
def test_the_api_says_when_to_come_again_and_keeps_nothing(door: str, api: Api) -> None:
    uploads = set(Path(settings.UPLOADS_DIR).iterdir())
    with full_disk():
        answer = DOORS[door](api)

    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/storage-unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert not Revision.objects.exists()
    assert not Import.objects.exists()
    assert set(Path(settings.UPLOADS_DIR).iterdir()) == uploads
    assert DOORS[door](api).status_code in (200, 201, 202)


def log_in() -> Any:
    client = Client(headers={"Accept": "text/html"}, raise_request_exception=False)
    return client.post("/admin/login/", {"username": "lan", "password": PASSWORD})


def send_file() -> Any:
    client = client_of(person("minh", role="administrator"))
    client.raise_request_exception = False
    file = SimpleUploadedFile("figures.csv", CSV.encode(), "text/csv")
    with full_disk():
        return client.post("/admin/indicators/import/upload/", {"file": file})


def test_a_login_gets_a_page_that_says_so() -> None:
    person("lan")
    with full_disk():
        answer = log_in()

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "Hiện chưa lưu được" in answer.content.decode()
    assert log_in().status_code == 302


def test_a_file_in_the_admin_gets_the_same_page(api: Api) -> None:
    answer = send_file()

    assert answer.status_code == 503
    assert "Nothing can be stored now" in answer.content.decode()
