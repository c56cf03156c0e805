"""What browsers and caches are told."""

import pytest
from django.test import Client

from indicators.models import User
from tests import factories
from tests.support import api_of

PASSWORD = "long enough to be a secret"
pytestmark = pytest.mark.django_db


def directives(policy: str) -> dict[str, str]:
    return dict(one.split(" ", 1) for one in policy.split("; "))


@pytest.mark.parametrize(
    "path", ["/health/live", "/nowhere", "/api/v1/areas/", "/api/nowhere", "/api/v1/docs/", "/admin/"]
)
def test_every_answer_forbids_what_no_page_of_ours_needs(path: str) -> None:
    headers = Client().get(path).headers
    policy = directives(headers["Content-Security-Policy"])

    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == "'self'"
    assert "'unsafe-inline'" not in policy["script-src"]
    assert ("'unsafe-eval'" in policy["script-src"]) == path.startswith("/admin/")
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["areas/", "areas/city/", "areas/nowhere/"])
def test_an_answer_with_data_is_kept_by_nobody_unasked_and_for_one_caller_only(path: str) -> None:
    factories.world()
    headers = api_of().get(path).headers

    assert headers["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Accept-Language", "Accept"} <= set(headers["Vary"].split(", "))


def test_an_answer_that_is_still_good_says_the_same() -> None:
    factories.world()
    api = api_of()
    tag = api.get("areas/city/").headers["ETag"]

    answer = api.client.get("/api/v1/areas/city/", headers=api.headers | {"If-None-Match": tag})
    assert answer.status_code == 304
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_a_session_lasts_eight_hours_and_no_script_reads_a_cookie() -> None:
    User.objects.create_superuser("admin", password=PASSWORD)
    client = Client()
    client.get("/admin/login/")
    answer = client.post("/admin/login/", {"username": "admin", "password": PASSWORD})

    assert set(answer.cookies) == {"sessionid", "csrftoken"}
    for cookie in answer.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
    assert answer.cookies["sessionid"]["max-age"] == 8 * 3600
