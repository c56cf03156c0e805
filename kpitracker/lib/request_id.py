"""A name for every request, shared by its answer, its problems and its log lines."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from kpitracker.lib.tokens import TOKEN

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

# "" outside requests.
current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Takes the caller's id where it can stand in a log line, else makes one; as `request.request_id` and header.

    A key is no id: the audit and the log would keep it in clear.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        name = given if SANE.fullmatch(given) and not TOKEN.search(given) else secrets.token_hex(8)
        request.request_id = name  # type: ignore[attr-defined]
        token = current.set(name)
        try:
            response = self.get_response(request)
        finally:
            current.reset(token)
        response.headers[HEADER] = name
        return response
