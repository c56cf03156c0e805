"""Paths of the API: one canonical spelling, and no forbidden characters."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kpitracker.lib import text_validation
from kpitracker.lib.rest.problems import problem_response

API_PREFIX = "/api/v1"


def is_api_request(request: HttpRequest) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


class TrailingSlashMiddleware:
    """Serves `/api/v1/targets` as `/api/v1/targets/`. A redirect would turn a POST into a GET: the figure would be
    lost, and the client would get a success response.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        # No object has such a name, and PostgreSQL would fail with its own error on a NUL.
        if is_api_request(request) and text_validation.find_fault(path):
            return problem_response(request, "not-found", status=404)
        if not path.endswith("/") and (path == API_PREFIX or path.startswith(API_PREFIX + "/")):
            request.path_info += "/"
            request.path += "/"
        return self.get_response(request)
