"""Both spellings of a path reach the same view, without a redirect."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kpitracker.lib.http.request_guard import RequestGuardMiddleware


def seen(path: str, method: str = "GET") -> tuple[str, str]:
    """(path_info, path) as the views meet them."""
    met: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        met.append(request)
        return HttpResponse()

    assert RequestGuardMiddleware(view)(RequestFactory().generic(method, path, b"{}")).status_code == 200
    return met[0].path_info, met[0].path


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_last_slash_makes_no_difference(method: str, slash: str) -> None:
    assert seen(f"/api/v1/targets{slash}", method) == ("/api/v1/targets/", "/api/v1/targets/")


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/"])
def test_the_root_has_both_spellings_too(path: str) -> None:
    assert seen(path)[0] == "/api/v1/"


@pytest.mark.parametrize("colon", [":", "%3A", "%3a"])
def test_a_target_id_works_with_its_colons_escaped_or_not(colon: str) -> None:
    assert seen(f"/api/v1/targets/PLAN{colon}2026")[0] == "/api/v1/targets/PLAN:2026/"


@pytest.mark.parametrize("path", ["/", "/health/live", "/admin/login", "/api/v10/targets", "/static/app.css"])
def test_paths_outside_the_api_are_left_as_they_are(path: str) -> None:
    assert seen(path) == (path, path)
