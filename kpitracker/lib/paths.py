"""One spelling of every path of the API, and none that could not be stored."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from kpitracker.lib import plain_text
from kpitracker.lib.problems import problem_response

PREFIX = "/api/v1"


def of_api(request: HttpRequest) -> bool:
    return request.path_info == "/api" or request.path_info.startswith("/api/")


class OneSpellingMiddleware:
    """`/api/v1/targets` is served as `/api/v1/targets/`. A redirect would turn the client's POST into a GET: a figure
    lost with a success answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        # Nothing has such a name, and PostgreSQL would answer a NUL with an error of its own.
        if of_api(request) and plain_text.complaint(path):
            return problem_response(request, "not-found", status=404)
        if not path.endswith("/") and (path == PREFIX or path.startswith(PREFIX + "/")):
            request.path_info += "/"
            request.path += "/"
        return self.get_response(request)
