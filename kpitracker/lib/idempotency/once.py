"""Executing a POST once: key and response are stored in the transaction of the write, the key first."""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib.database import insert_once
from kpitracker.lib.errors import Invalid, Unfit
from kpitracker.lib.idempotency.models import IdempotencyRecord
from kpitracker.lib.rendering import JSONRenderer
from kpitracker.lib.texts import text
from kpitracker.lib.tokens import TOKEN

HEADER = "Idempotency-Key"
KEPT = timedelta(days=30)
# No comma: the web server joins repeated headers with one.
_KEY = re.compile(r"[!-+\--~]([ -+\--~]{0,253}[!-+\--~])?", re.ASCII)
_HEADERS = ("ETag", "Location")


def once(request: Request, owner: str, handler: Callable[[], Any], forget: frozenset[str] = frozenset()) -> Any:
    """Run the handler and store its response under the request's key; a repeated request gets the stored response.

    The key is inserted first, so that a concurrent twin waits for the first commit; with check-then-insert both would
    run. Only success is stored, so that a corrected body may use its key again. `secret_fields` names members of the
    response that are shown only once; they are stored as null. Raises `ValidationProblem` (invalid-idempotency-key),
    `Unprocessable` (idempotency-key-reused), `RequestInProgress` (idempotency-in-progress).
    """
    key = request.headers.get(HEADER)
    if key is None:
        return handler()
    # An API key is refused as an Idempotency-Key: the record would store it in clear text.
    if not _KEY.fullmatch(key) or TOKEN.search(key):
        raise Invalid(
            "invalid-idempotency-key",
            text(
                "One key of 1 to 255 printable ASCII characters without commas.",
                "Một khóa gồm 1 đến 255 ký tự ASCII in được, không có dấu phẩy.",
            ),
        )
    record = IdempotencyRecord(owner=owner, key=key, fingerprint=_fingerprint(request))
    with transaction.atomic():
        if not insert_once(record):
            return _replay(IdempotencyRecord.objects.get(owner=owner, key=key), record.fingerprint)
        response = handler()
        if response.status_code < 300:
            _store(record, response, forget)
        else:
            IdempotencyRecord.objects.filter(pk=record.pk).delete()
    return response


def _fingerprint(request: Request) -> str:
    asked = f"{request.method} {request.path} {request.META.get('QUERY_STRING', '')}\n"
    # A body that was streamed to disk was hashed on its way.
    streamed: str | None = getattr(request, "streamed_digest", None)
    return hashlib.sha256(asked.encode() + (streamed.encode() if streamed else request.body)).hexdigest()


def _store(record: IdempotencyRecord, response: Response, forget: frozenset[str]) -> None:
    # A long report is stored in short form: the record of the batch has all of it.
    shown = getattr(response, "remembered", response.data)
    if forget and isinstance(shown, dict):
        shown = {name: None if name in forget else value for name, value in shown.items()}
    record.status = response.status_code
    record.body = JSONRenderer().render(shown).decode()
    record.headers = {name: response[name] for name in _HEADERS if response.has_header(name)}
    record.save(update_fields=["status", "body", "headers"])


def _replay(record: IdempotencyRecord, fingerprint: str) -> HttpResponse:
    if record.fingerprint != fingerprint:
        raise Unfit(
            "idempotency-key-reused",
            text("The key was used for another request.", "Khóa đã dùng cho yêu cầu khác."),
        )
    headers = {**record.headers, "Idempotent-Replay": "true"}
    return HttpResponse(record.body, status=record.status or 200, content_type="application/json", headers=headers)


def forget_old(*, now: datetime) -> int:
    """Delete records older than 30 days; returns their number."""
    count, _ = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()
    return count
