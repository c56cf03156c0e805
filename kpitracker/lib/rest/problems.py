"""Problem responses (RFC 9457): one format for all errors."""

import errno
import logging
from collections.abc import Iterable, Mapping

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import exception_handler as standard_handler
from rest_framework import exceptions
from rest_framework.response import Response

from kpitracker.lib.db import damage
from kpitracker.lib.db.locks_and_triggers import violated_constraint
from kpitracker.lib.errors import DomainError, ProblemItem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.json_types import JsonObject
from kpitracker.lib.problem_types import TITLES
from kpitracker.lib.rest.renderers import JSONRenderer

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
# When a caller may try again after a storage failure, in seconds.
RETRY_SECONDS = "5"

_DRF_SLUGS: dict[type[Exception], str] = {
    exceptions.ParseError: "malformed-json",
    exceptions.AuthenticationFailed: "invalid-credential",
    exceptions.NotAuthenticated: "invalid-credential",
    exceptions.PermissionDenied: "forbidden",
    exceptions.NotFound: "not-found",
    exceptions.MethodNotAllowed: "method-not-allowed",
    exceptions.NotAcceptable: "not-acceptable",
    exceptions.UnsupportedMediaType: "unsupported-media-type",
    exceptions.Throttled: "rate-limited",
}


def problem_body(
    request: HttpRequest | None,
    slug: str,
    status: int,
    detail: str | None = None,
    items: Iterable[ProblemItem] = (),
    extra: Mapping[str, object] | None = None,
) -> JsonObject:
    """The body of a problem. `type` is a path of this service; texts are in the language of the request."""
    problem: JsonObject = {
        "type": f"/problems/{slug}",
        "title": _problem_title(slug),
        "status": status,
        "detail": str(detail or _problem_title(slug)),
        "request_id": getattr(request, "request_id", None),
        **(extra or {}),
    }
    if errors := [
        {"pointer": item.pointer, "slug": item.slug, "detail": str(item.detail or _problem_title(item.slug))}
        for item in items
    ]:
        problem["errors"] = errors
    return problem


def _problem_title(slug: str) -> str:
    # A slug without a title is our own bug; it must not turn a client error into a 500.
    return str(TITLES.get(slug, slug))


def problem_response(
    request: HttpRequest,
    slug: str,
    detail: str | None = None,
    status: int = 400,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem response outside DRF, such as from a middleware."""
    response = JsonResponse(
        problem_body(request, slug, status, detail),
        status=status,
        content_type=CONTENT_TYPE,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )
    # Otherwise responses from before CommonMiddleware would be sent in chunks.
    response["Content-Length"] = str(len(response.content))
    return response


_DEFAULT_DETAILS = {
    "invalid-credential": text(
        "Send a valid key: Authorization: Bearer kpi_<prefix>_<secret>.",
        "Hãy gửi khóa hợp lệ: Authorization: Bearer kpi_<tiền tố>_<bí mật>.",
    ),
    "unsupported-media-type": text(
        "Send JSON, with Content-Type: application/json.", "Hãy gửi JSON, với Content-Type: application/json."
    ),
    "not-acceptable": text("Responses are application/json.", "Câu trả lời là application/json."),
}


class ProblemFormatter(ExceptionFormatter):
    """Formats exceptions of Django and DRF as a problem."""

    def run(self) -> JsonObject:
        slug = next((slug for kind, slug in _DRF_SLUGS.items() if isinstance(self.exc, kind)), "internal-error")
        status = self.exc.status_code
        # Our texts are in the language of the caller, those of DRF not always. For a 500 the details are in the log.
        return problem_body(self.context["request"], slug, status, _DEFAULT_DETAILS.get(slug))


def exception_handler(error: Exception, context: JsonObject) -> Response | None:
    """The exception handler of the API."""
    request = context["request"]
    if isinstance(error, DomainError):
        headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        response: Response | None = Response(
            problem_body(request, error.slug, error.status, error.detail, error.items, error.extra),
            status=error.status,
            headers=headers,
        )
    elif isinstance(error, IntegrityError) and (slug := _CONFLICT_SLUGS.get(violated_constraint(error))):
        # The check passed earlier but no longer holds at the commit. Logged: if it is frequent, a lock is missing.
        log.warning("Constraint violated by a concurrent change: %s", error)
        response = Response(problem_body(request, slug, 409), status=409)
    elif is_storage_error(error):
        record_storage_error(error)
        response = Response(
            problem_body(request, "storage-unavailable", 503), status=503, headers={"Retry-After": RETRY_SECONDS}
        )
    else:
        response = standard_handler(error, context)  # type: ignore[arg-type]
    if response is not None:
        response.content_type = CONTENT_TYPE
        # Also when the response would have been a page or YAML.
        request.accepted_renderer, request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
    return response


_CONFLICT_SLUGS = {"foreign key": "in-use", "unique": "already-exists"}
_READ_ONLY_SQLSTATE = "25006"


# No room, quota reached, file too large, read-only file system, failing disk.
_DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO}


def is_storage_error(error: BaseException) -> bool:
    """Whether the database was unreachable, locked, full, read-only or damaged, or the disk full.

    A wrong statement does not count. PostgreSQL reports read-only as InternalError, damage as InternalError or
    DatabaseError, all other such errors as OperationalError.
    """
    if isinstance(error, OperationalError | InterfaceError):
        return True
    if isinstance(error, OSError):
        return error.errno in _DISK_ERRORS
    # Compare the SQLSTATE: the text of the message depends on the language of the server.
    return isinstance(error, DatabaseError) and (
        getattr(error.__cause__, "sqlstate", None) == _READ_ONLY_SQLSTATE or damage.is_damage(error)
    )


def record_storage_error(error: BaseException) -> None:
    """Log why the caller gets 503; after damage `/health/ready` says so."""
    log.warning("The storage failed: %s: %s", type(error).__name__, error)
    if damage.is_damage(error):
        damage.record_damage(error)


def is_html(request: HttpRequest) -> bool:
    """Whether the response is an HTML page: everything outside the API is."""
    return not request.path.startswith("/api/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        defaults.page_not_found(request, exception)
        if is_html(request)
        else problem_response(request, "not-found", status=404)
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.bad_request(request, exception) if is_html(request) else problem_response(request, "invalid")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return (
        defaults.permission_denied(request, exception)
        if is_html(request)
        else problem_response(request, "forbidden", status=403)
    )
