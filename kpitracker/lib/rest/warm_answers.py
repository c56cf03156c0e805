"""Bodies of answers, kept by their tags: in this process, and in Redis for all processes.

A tag says all that a body depends on, so nothing is ever removed because of a write: what is outdated is not asked for
any more and makes room for others. A Redis that fails or is slow costs one request in ten seconds 50 ms.
"""

import logging
import threading
from collections import OrderedDict
from typing import NamedTuple

import redis
from django.conf import settings
from django.http import HttpResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

from kpitracker.lib.rest.redis_breaker import RedisBreaker

TIMEOUT = 0.05  # seconds that a request waits for Redis
MAX_BODY = 256 * 1024  # bytes
MAX_MEMORY = 16 * 1024 * 1024  # bytes of bodies in each process
# In Redis each tag has one of these places, and replaces what was there: at most 128 MB, less than that in use.
_PLACES = 512
_SECONDS = 3600


class WarmAnswer(NamedTuple):
    """The body of a complete answer, and its headers that are not made again."""

    content_type: str
    etag: str
    body: bytes

    def to_response(self) -> HttpResponse:
        return HttpResponse(self.body, content_type=self.content_type, headers={"ETag": self.etag})


class WarmAnswers:
    """Answers by tag. Never raises."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
        )
        self._own: OrderedDict[str, WarmAnswer] = OrderedDict()
        self._own_bytes = 0
        self._lock = threading.Lock()
        self._breaker = RedisBreaker(logging.getLogger(__name__), "each process keeps its own answers.")

    def get(self, tag: str) -> WarmAnswer | None:
        with self._lock:
            if answer := self._own.get(tag):
                self._own.move_to_end(tag)
                return answer
        try:
            if not self._breaker.may_ask():
                return None
            stored = self._redis.get(_place(tag))
        except Exception as error:
            # Any failure, also one that the library does not know: a request must not fail because of it.
            self._breaker.note_failure(error)
            return None
        self._breaker.note_success()
        answer = _decode(stored, tag) if isinstance(stored, bytes) else None
        if answer is not None:
            self._keep(tag, answer)
        return answer

    def put(self, tag: str, answer: WarmAnswer) -> None:
        """Keep an answer, unless it is too long."""
        if len(answer.body) > MAX_BODY:
            return
        self._keep(tag, answer)
        try:
            if self._breaker.may_ask():
                self._redis.set(_place(tag), _encode(answer, tag), ex=_SECONDS)
                self._breaker.note_success()
        except Exception as error:
            self._breaker.note_failure(error)

    def _keep(self, tag: str, answer: WarmAnswer) -> None:
        with self._lock:
            if tag not in self._own:
                self._own_bytes += len(answer.body)
            self._own[tag] = answer
            while self._own_bytes > MAX_MEMORY:
                _, oldest = self._own.popitem(last=False)
                self._own_bytes -= len(oldest.body)


def _place(tag: str) -> str:
    return f"kpitracker:answer:{int(tag[:8], 16) % _PLACES}"


def _encode(answer: WarmAnswer, tag: str) -> bytes:
    return b"\n".join([tag.encode(), answer.content_type.encode(), answer.etag.encode(), answer.body])


def _decode(stored: bytes, tag: str) -> WarmAnswer | None:
    stored_tag, content_type, etag, body = stored.split(b"\n", 3)
    return WarmAnswer(content_type.decode(), etag.decode(), body) if stored_tag == tag.encode() else None


warm_answers = WarmAnswers(settings.REDIS_URL)


def keep_answer(tag: str, response: HttpResponse) -> None:
    """Keep a rendered response under its tag."""
    headers = response.headers
    warm_answers.put(tag, WarmAnswer(headers["Content-Type"], headers["ETag"], response.content))
