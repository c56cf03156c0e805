"""Callers that were sent away: a line in the log for each, with address and name, and counters for /metrics.

`login-failed name='lan' key='' status=200 path=/admin/login/ address=203.0.113.5`: the address comes last, for fail2ban.
"""

import logging
import re
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse

log = logging.getLogger("kpitracker.refusals")

LOGIN_FAILED, LOGIN_LOCKED, KEY_REFUSED, FORBIDDEN = "login-failed", "login-locked", "key-refused", "forbidden"
KINDS = (LOGIN_FAILED, LOGIN_LOCKED, KEY_REFUSED, FORBIDDEN)
_KIND_BY_STATUS = {401: KEY_REFUSED, 403: FORBIDDEN}
_BEARER = re.compile(r"bearer +kpi_([a-z0-9]{1,12})_", re.IGNORECASE | re.ASCII)
# What follows in these paths opens a door: it is a secret.
_SECRET_PATHS = re.compile(r"^(/answer/|/admin/password/).*", re.DOTALL)


def record_response(request: HttpRequest, response: HttpResponse, address: str) -> None:
    """Record a response 401 or 403."""
    if kind := _KIND_BY_STATUS.get(response.status_code):
        record_refusal(kind, request, address, name=user_name(request), status=response.status_code)


def record_refusal(kind: str, request: HttpRequest, address: str, *, name: str, status: int) -> None:
    key, path = key_prefix(request), shown_path(request)
    log.warning("%s name=%r key=%r status=%d path=%s address=%s", kind, name[:150], key, status, path, address)
    try:
        # One byte an event: what several processes append is never lost, and a full disk ends no process.
        with _counter_path(kind).open("ab") as file:
            file.write(b".")
    except OSError:
        log.exception("%s cannot be counted.", kind)


def count_refusals() -> dict[str, int]:
    """By kind, the number of events on this machine since its data folder was made."""
    paths = {kind: _counter_path(kind) for kind in KINDS}
    return {kind: path.stat().st_size if path.exists() else 0 for kind, path in paths.items()}


def key_prefix(request: HttpRequest) -> str:
    """The public part of the key in the request, whether valid or not."""
    match = _BEARER.match(request.META.get("HTTP_AUTHORIZATION", ""))
    return match[1] if match else ""


def user_name(request: HttpRequest) -> str:
    """The name of the user who is logged in, if a view has asked for it: no query is made for a line of the log."""
    user = getattr(request, "_cached_user", None)
    return user.get_username() if user is not None else ""


def shown_path(request: HttpRequest) -> str:
    """The path without the query, which may name people, and without the secrets of links in mails.

    Encoded: a line break in it would write a line of its own into the log.
    """
    return quote(_SECRET_PATHS.sub(r"\1***", request.path), safe="/*:@")


def _counter_path(kind: str) -> Path:
    return Path(settings.DATA_DIR) / "refusals" / kind
