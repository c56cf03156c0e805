"""A request keeps one name from its log lines to its answer."""

import re

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from kpitracker.lib.http.request_context import RequestContextMiddleware
from kpitracker.lib.logs import current_request_id


def name_of(**headers: str) -> str:
    """The id in the answer, checked to be the one the view and the logs saw."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{request.request_id} {current_request_id.get()}")  # type: ignore[attr-defined]

    response = RequestContextMiddleware(view)(RequestFactory().get("/", headers=headers))
    name = response["X-Request-ID"]
    assert response.content.decode() == f"{name} {name}"
    return name


@pytest.mark.parametrize("given", ["a", "0A-._z", "x" * 64])
def test_the_callers_id_is_kept(given: str) -> None:
    assert name_of(**{"X-Request-ID": given}) == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "a/b", "é", "a,b", "١"])
def test_an_id_that_could_forge_a_log_line_is_replaced(given: str) -> None:
    name = name_of(**{"X-Request-ID": given})

    assert re.fullmatch("[0-9a-f]{16}", name)


@pytest.mark.parametrize("around", ["{}", "x.{}", "{}-1"])
def test_a_key_that_was_sent_as_id_is_replaced(around: str) -> None:
    given = around.format("kpi_abcd2345_" + "s" * 40)

    assert re.fullmatch("[0-9a-f]{16}", name_of(**{"X-Request-ID": given}))


def test_every_request_without_an_id_gets_one_of_its_own() -> None:
    assert name_of() != name_of()


def test_no_id_is_left_over_after_a_request_even_if_it_failed() -> None:
    def fail(request: HttpRequest) -> HttpResponse:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        RequestContextMiddleware(fail)(RequestFactory().get("/"))

    assert current_request_id.get() == ""
