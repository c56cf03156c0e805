"""Executing a POST once: key and response are stored in the transaction of the write, the key first."""

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kpitracker.lib.actor import API_KEY_PATTERN
from kpitracker.lib.db.locks_and_triggers import insert_or_ignore
from kpitracker.lib.db.plain_sql import update_statement, write_together
from kpitracker.lib.errors import Unprocessable, ValidationProblem
from kpitracker.lib.i18n.text import text
from kpitracker.lib.models.idempotency import IdempotencyRecord
from kpitracker.lib.rest.renderers import JSONRenderer

HEADER = "Idempotency-Key"
RETENTION = timedelta(days=30)
# No comma: the web server joins repeated headers with one.
_KEY_PATTERN = re.compile(r"[!-+\--~]([ -+\--~]{0,253}[!-+\--~])?", re.ASCII)
_STORED_HEADERS = ("ETag", "Location")


def replay_or_run(
    request: Request, owner: str, handler: Callable[[], Any], secret_fields: frozenset[str] = frozenset()
) -> Any:
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
    if not _KEY_PATTERN.fullmatch(key) or API_KEY_PATTERN.search(key):
        raise ValidationProblem(
            "invalid-idempotency-key",
            text(
                "One key of 1 to 255 printable ASCII characters without commas.",
                "Một khóa gồm 1 đến 255 ký tự ASCII in được, không có dấu phẩy.",
            ),
        )
    record = IdempotencyRecord(owner=owner, key=key, fingerprint=_request_fingerprint(request))
    with transaction.atomic():
        if not insert_or_ignore(record):
            return _replay_response(IdempotencyRecord.objects.get(owner=owner, key=key), record.fingerprint)
        response = handler()
        if response.status_code < 300:
            _store_response(record, response, secret_fields)
        else:
            IdempotencyRecord.objects.filter(pk=record.pk).delete()
    return response


def write_transaction(request: Request) -> AbstractContextManager[Any]:
    """The transaction of a single write of a POST: the one in which its Idempotency-Key is stored, if there is one.

    An error ends that one as a whole, so that a savepoint would only cost two statements.
    """
    return nullcontext() if HEADER in request.headers else transaction.atomic()


def _request_fingerprint(request: Request) -> str:
    request_line = f"{request.method} {request.path} {request.META.get('QUERY_STRING', '')}\n"
    # A body that was streamed to disk was hashed on its way.
    streamed_digest: str | None = getattr(request, "streamed_digest", None)
    return hashlib.sha256(
        request_line.encode() + (streamed_digest.encode() if streamed_digest else request.body)
    ).hexdigest()


def _store_response(record: IdempotencyRecord, response: Response, secret_fields: frozenset[str]) -> None:
    # A long report is stored in short form: the record of the batch has all of it.
    payload = getattr(response, "remembered", response.data)
    if secret_fields and isinstance(payload, dict):
        payload = {name: None if name in secret_fields else value for name, value in payload.items()}
    changes = {
        "status": response.status_code,
        "body": JSONRenderer().render(payload).decode(),
        "headers": {name: response[name] for name in _STORED_HEADERS if response.has_header(name)},
    }
    write_together([update_statement(record, changes)])


def _replay_response(record: IdempotencyRecord, fingerprint: str) -> HttpResponse:
    if record.fingerprint != fingerprint:
        raise Unprocessable(
            "idempotency-key-reused",
            text("The key was used for another request.", "Khóa đã dùng cho yêu cầu khác."),
        )
    headers = {**record.headers, "Idempotent-Replay": "true"}
    return HttpResponse(record.body, status=record.status or 200, content_type="application/json", headers=headers)


def delete_expired(*, now: datetime) -> int:
    """Delete records older than 30 days; returns their number."""
    count, _ = IdempotencyRecord.objects.filter(created_at__lt=now - RETENTION).delete()
    return count
