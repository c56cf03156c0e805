"""Long files for pages: nobody but those who may send them has a byte of them read."""

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db

UPLOAD = reverse("admin:indicators_import_upload")
LOGIN = reverse("admin:login")
MOST = 100 * 1024 * 1024


class Unread(BytesIO):
    """A body that must not be looked at."""

    def read(self, *args: Any) -> bytes:
        raise AssertionError("The body was read.")


def send(client: Client, path: str, length: int) -> Any:
    client.cookies["csrftoken"] = "a" * 32  # as anybody may make it up: with one the token in the body is looked for
    kind = "multipart/form-data; boundary=b"
    body: Any = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind, "wsgi.input": Unread()}
    return client.generic("POST", path, **body)


def officer(role: str = "officer") -> Client:
    factories.department()
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(client_of(person("lan", role, "statistics")).cookies)
    return client


def test_the_page_is_where_the_settings_have_it() -> None:
    assert {UPLOAD: MOST, "/my-work/files/": MOST} == settings.ADMIN_UPLOAD_LIMITS


@pytest.mark.parametrize("length", [1000, MOST], ids=["short", "long"])
def test_a_stranger_is_sent_to_the_login_before_his_file_is_read(length: int) -> None:
    answer = send(Client(enforce_csrf_checks=True), UPLOAD, length)
    assert (answer.status_code, answer["Location"]) == (302, f"{LOGIN}?next={UPLOAD}")


@pytest.mark.parametrize("role", ["viewer", "planner"])
def test_who_may_not_post_figures_is_refused_before_his_file_is_read(role: str) -> None:
    answer = send(officer(role), UPLOAD, MOST)
    assert (answer.status_code, "may not send files" in answer.content.decode()) == (403, True)


@pytest.mark.parametrize(
    ("path", "length", "most"),
    [
        pytest.param(UPLOAD, MOST + 200_000, 100, id="of figures"),
        pytest.param(LOGIN, 2_000_000, 1, id="where no file belongs"),
        pytest.param("/i18n/setlang/", 2_000_000, 1, id="outside the admin"),
        pytest.param("/nowhere/", 2_000_000, 1, id="nowhere at all"),
    ],
)
def test_what_is_too_long_is_refused_unread_in_both_languages(path: str, length: int, most: int) -> None:
    answer = send(officer(), path, length)
    page = answer.content.decode()
    assert answer.status_code == 413
    assert f"At most {most} MB" in page
    assert f"Tối đa {most} MB" in page


@pytest.mark.parametrize("length", ["abc", "-1", "٣"])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    assert Client().generic("POST", LOGIN, b"", CONTENT_LENGTH=length).status_code == 413


def test_an_officers_file_is_read() -> None:
    with pytest.raises(AssertionError, match="The body was read"):
        send(officer(), UPLOAD, MOST)
