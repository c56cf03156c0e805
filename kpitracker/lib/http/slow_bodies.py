"""Clients that send their bodies slowly never take all threads of a web process: readers and probes are answered."""

import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.core.handlers.wsgi import LimitedStream, WSGIRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from kpitracker.lib.http import error_pages
from kpitracker.lib.i18n.text import text
from kpitracker.lib.rest.problems import RETRY_SECONDS, is_html, problem_response

# Seconds that a request waits for the bodies of others: the first in line, and any further one. Most bodies are there at
# once: without the short wait four posts at the same moment would refuse each other.
PATIENCE, SHORT_PATIENCE = 0.5, 0.25
# A body must arrive within GRACE seconds, and one more for every SLOWEST bytes.
GRACE, SLOWEST = 60.0, 10_000
# Bytes that are read at once: a thread cannot be woken while it waits for them.
_PIECE = 4096


class SlowBodyMiddleware:
    """Lets all threads but two read bodies at a time. Others wait a moment, and then get 503."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.slots = threading.BoundedSemaphore(max(settings.WEB_THREADS - 2, 1))
        self.next_in_line = threading.Lock()

    def __call__(self, request: WSGIRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit() and int(length)):
            return self.get_response(request)
        if not self._take_slot():
            return _busy_response(request)
        body = _TimedBody(request, int(length), self.slots.release)
        request._stream = body  # type: ignore[assignment]
        try:
            return self.get_response(request)
        finally:
            body.give_slot_back()

    def _take_slot(self) -> bool:
        if self.slots.acquire(blocking=False):
            return True
        if not self.next_in_line.acquire(blocking=False):
            return self.slots.acquire(timeout=SHORT_PATIENCE)
        try:
            return self.slots.acquire(timeout=PATIENCE)
        finally:
            self.next_in_line.release()


class _TimedBody(LimitedStream):
    """The body of a request, which gives its slot back when it is complete.

    Raises `UnreadablePostError` when it arrives too slowly.
    """

    def __init__(self, request: WSGIRequest, length: int, release: Callable[[], None]) -> None:
        super().__init__(request.environ["wsgi.input"], length)
        self._started, self._received, self._release = time.monotonic(), 0, [release]

    def give_slot_back(self) -> None:
        if self._release:
            self._release.pop()()

    def read(self, size: int | None = -1, /) -> bytes:
        remaining = self.limit if size is None or size < 0 else size
        parts: list[bytes] = []
        while remaining and (part := self._check(super().read(min(remaining, _PIECE)))):
            parts.append(part)
            remaining -= len(part)
        return b"".join(parts)

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._check(super().readline(size))

    def _check(self, part: bytes) -> bytes:
        self._received += len(part)
        if not part or self._received >= self.limit:
            self.give_slot_back()
        elif time.monotonic() - self._started > GRACE + self._received / SLOWEST:
            raise UnreadablePostError("The body arrives too slowly.")
        return part


def _busy_response(request: HttpRequest) -> HttpResponse:
    response = (
        error_pages.busy_page() if is_html(request) else problem_response(request, "rate-limited", _BUSY, status=503)
    )
    response.headers["Retry-After"] = RETRY_SECONDS
    return response


_BUSY = text(
    "Others are sending long or slow bodies. Try again in a few seconds.",
    "Máy chủ đang nhận nhiều tệp dài hoặc chậm. Hãy thử lại sau ít giây.",
)
