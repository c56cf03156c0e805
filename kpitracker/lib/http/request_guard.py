"""What is refused before anything else is done: keys in URLs, plain http, unknown paths, and bodies that are
incomplete, compressed or too long.
"""

from collections.abc import Callable, Iterator
from urllib.parse import unquote, unquote_plus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from kpitracker.lib import text_validation
from kpitracker.lib.actor import API_KEY_PATTERN
from kpitracker.lib.http import error_pages
from kpitracker.lib.http.request_context import is_api_request
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.problems import problem_response
from kpitracker.lib.signals import credential_exposed

API_PREFIX = "/api/v1"
KEY_EXPOSED = text(
    "Send the key in the header Authorization only. Replace this key: addresses are logged on their way.",
    "Chỉ gửi khóa trong tiêu đề Authorization. Hãy thay khóa này: địa chỉ bị ghi lại trên đường truyền.",
)


class RequestGuardMiddleware:
    """Refuses requests before authentication, and serves `/api/v1/targets` as `/api/v1/targets/`.

    It never redirects. A redirect turns a POST into a GET: the figure would be lost, and the client would get a success
    response; and from plain http the client would send the key a second time.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        rejection = self._reject_api_request(request) if is_api_request(request) else self._reject_page(request)
        return self.get_response(request) if rejection is None else rejection

    def _reject_api_request(self, request: HttpRequest) -> HttpResponse | None:
        if exposed := sorted(set(find_tokens(request))):
            for token in exposed:
                credential_exposed.send_robust(sender=type(self), token=token)
            return problem_response(request, "credential-in-url", KEY_EXPOSED)
        if settings.HTTPS_REQUIRED and not request.is_secure():
            return problem_response(request, "https-required", status=403)
        path = request.path_info
        # No object has such a name, and PostgreSQL would fail with its own error on a NUL.
        if text_validation.find_fault(path):
            return problem_response(request, "not-found", status=404)
        if not path.endswith("/") and (path == API_PREFIX or path.startswith(API_PREFIX + "/")):
            request.path_info += "/"
            request.path += "/"
        if request.method in _METHODS_WITH_BODY and (problem := find_body_problem(request)):
            slug, status = problem
            return error_pages.set_content_length(problem_response(request, slug, status=status))
        return None

    def _reject_page(self, request: HttpRequest) -> HttpResponse | None:
        """The 413 page for a body that is too long. Django limits form fields, not files, which could fill the disk."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.ADMIN_UPLOAD_LIMITS.get(request.path_info, settings.DEFAULT_BODY_LIMIT)
        if request.method not in _METHODS_WITH_BODY:
            return None
        if length.isascii() and length.isdigit() and int(length) <= limit + settings.MULTIPART_OVERHEAD:
            return None
        return error_pages.too_large_page(limit >> 20)


_METHODS_WITH_BODY = ("POST", "PUT", "PATCH")


def find_tokens(request: HttpRequest) -> Iterator[str]:
    """Yield every key in the path and the query, also when it was escaped once or twice."""
    query = request.META.get("QUERY_STRING", "")
    for part in (request.path_info, unquote_plus(query)):
        for candidate in (part, unquote(part)):
            yield from API_KEY_PATTERN.findall(candidate)


def find_body_problem(request: HttpRequest) -> tuple[str, int] | None:
    """The slug and the status of what is wrong with the body of an API request.

    WSGI shows a chunked body as empty and a broken connection as a shorter body: both would be accepted as what the
    client meant.
    """
    length = request.META.get("CONTENT_LENGTH") or ""
    if request.META.get("HTTP_TRANSFER_ENCODING") or not (length.isascii() and length.isdigit()):
        return "length-required", 411
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        return "unsupported-encoding", 415
    if (upload_limit := settings.UPLOAD_LIMITS.get(request.path_info)) and wants_async(request):
        # The view reads the body after the authentication.
        return ("too-large", 413) if int(length) > upload_limit else None
    if int(length) > (limit := settings.BODY_LIMIT_BY_PATH.get(request.path_info, settings.DEFAULT_BODY_LIMIT)):
        return "too-large", 413
    return None if read_body(request, int(length), limit) else ("incomplete-body", 400)


def wants_async(request: HttpRequest) -> bool:
    """Whether the caller prefers not to wait for the result (`Prefer: respond-async`, RFC 7240)."""
    preferences = request.headers.get("Prefer", "").lower().split(",")
    return any(preference.partition(";")[0].strip() == "respond-async" for preference in preferences)


def read_body(request: HttpRequest, length: int, limit: int) -> bool:
    try:
        if limit > settings.DEFAULT_BODY_LIMIT:
            # Django has one limit for all paths; a body that is read here bypasses it.
            request._body = request.read(length)
        return len(request.body) == length
    except UnreadablePostError:
        return False
