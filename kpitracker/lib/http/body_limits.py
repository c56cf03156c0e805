"""Checks of request bodies before they are read: API bodies must be complete, uncompressed and of a known size;
bodies of pages must not be too long.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from kpitracker.lib.http import page_limits
from kpitracker.lib.rest.problems import problem_response

GetResponse = Callable[[HttpRequest], HttpResponse]


class BodyGuardMiddleware:
    """Refuses incomplete bodies. WSGI shows a chunked body as empty and a broken connection as a shorter body: both
    would be accepted as what the client meant.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rejection = reject_body(request) if request.method in ("POST", "PUT", "PATCH") else None
        return self.get_response(request) if rejection is None else rejection


def reject_body(request: HttpRequest) -> HttpResponse | None:
    if not request.path_info.startswith("/api/"):
        return page_limits.reject_oversized(request)
    if problem := find_problem(request):
        slug, status = problem
        return set_content_length(problem_response(request, slug, status=status))
    return None


def find_problem(request: HttpRequest) -> tuple[str, int] | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    if request.META.get("HTTP_TRANSFER_ENCODING") or not (length.isascii() and length.isdigit()):
        return "length-required", 411
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        return "unsupported-encoding", 415
    if (upload_limit := settings.UPLOAD_LIMITS.get(request.path_info)) and wants_async(request):
        # The view reads the body after the authentication.
        return ("too-large", 413) if int(length) > upload_limit else None
    if int(length) > (limit := settings.BODY_LIMITS.get(request.path_info, settings.BODY_LIMIT)):
        return "too-large", 413
    return None if read_body(request, int(length), limit) else ("incomplete-body", 400)


def wants_async(request: HttpRequest) -> bool:
    """Whether the caller prefers not to wait for the result (`Prefer: respond-async`, RFC 7240)."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(preference.partition(";")[0].strip() == "respond-async" for preference in preferences)


def read_body(request: HttpRequest, length: int, limit: int) -> bool:
    try:
        if limit > settings.BODY_LIMIT:
            # Django has one limit for all paths; a body that is read here bypasses it.
            request._body = request.read(length)
        return len(request.body) == length
    except UnreadablePostError:
        return False


def set_content_length(response: HttpResponse) -> HttpResponse:
    """Set Content-Length. Django's middleware for it runs further inside; without it the server answers in chunks."""
    response.headers["Content-Length"] = str(len(response.content))
    return response
