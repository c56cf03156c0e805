"""Doing a POST once: the key is stored first, in the transaction of the write, and the answer with it."""

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
# A comma is what the web server makes of a header that is given twice.
_KEY = re.compile(r"[!-+\--~]([ -+\--~]{0,253}[!-+\--~])?", re.ASCII)
_HEADERS = ("ETag", "Location")


def once(request: Request, owner: str, handler: Callable[[], Any], forget: frozenset[str] = frozenset()) -> Any:
    """The handler's answer, stored under the request's key; of a repeated request the stored one.

    Check-then-insert would let twins through: each looks before the other has stored. Inserted first, the second
    waits for the first to commit. Only success is stored, so that a corrected body may use its key again. `forget`
    names members that are shown once only. Raises `Invalid` (invalid-idempotency-key), `Unfit`
    (idempotency-key-reused), `Running` (idempotency-in-progress).
    """
    key = request.headers.get(HEADER)
    if key is None:
        return handler()
    # A key of the service is no such key: the record would keep it in clear.
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
    # A body that was streamed to disk was counted on its way.
    streamed: str | None = getattr(request, "streamed_digest", None)
    return hashlib.sha256(asked.encode() + (streamed.encode() if streamed else request.body)).hexdigest()


def _store(record: IdempotencyRecord, response: Response, forget: frozenset[str]) -> None:
    # A long report is kept short: the record of its batch has all of it.
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
    """Remove records older than 30 days; how many."""
    count, _ = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()
    return count
