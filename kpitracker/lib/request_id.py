"""An id for every request, shared by its response, its problems and its log lines."""

import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from kpitracker.lib.api_key_pattern import TOKEN

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)

# "" outside requests.
current_id: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware:
    """Takes the caller's id if it is safe in a log line, else generates one; sets `request.request_id` and the header.

    An API key is never taken as an id: the audit and the log would store it in clear text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        header_value = request.headers.get(HEADER, "")
        identifier = (
            header_value
            if VALID_ID.fullmatch(header_value) and not TOKEN.search(header_value)
            else secrets.token_hex(8)
        )
        request.request_id = identifier  # type: ignore[attr-defined]
        token = current_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
        response.headers[HEADER] = identifier
        return response
