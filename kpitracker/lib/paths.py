"""One spelling of every path of the API."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/api/v1"


class OneSpellingMiddleware:
    """`/api/v1/targets` is served as `/api/v1/targets/`. A redirect would turn the client's POST into a GET: a figure
    lost with a success answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.endswith("/") and (path == PREFIX or path.startswith(PREFIX + "/")):
            request.path_info += "/"
            request.path += "/"
        return self.get_response(request)
