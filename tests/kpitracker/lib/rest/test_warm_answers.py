"""Answers are kept by their tags, in a bounded place, and no request waits for a Redis that does not answer."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kpitracker.lib.rest import redis_breaker, warm_answers
from kpitracker.lib.rest.warm_answers import WarmAnswer, WarmAnswers
from tests import factories
from tests.support import api_of

NOWHERE = "unix:///nowhere/at/all.sock"
TAG, OTHER_TAG = "0" * 32, "0" * 31 + "1"  # with one place in Redis
ANSWER = WarmAnswer("application/json", f'"{TAG}"', b'{"a":\n1}')


def test_processes_share_answers_through_redis(redis_url: str) -> None:
    WarmAnswers(redis_url).put(TAG, ANSWER)

    assert WarmAnswers(redis_url).get(TAG) == ANSWER
    assert WarmAnswers(redis_url).get(OTHER_TAG) is None


def test_another_tag_takes_the_place(redis_url: str) -> None:
    for tag in (TAG, OTHER_TAG):
        WarmAnswers(redis_url).put(tag, ANSWER._replace(etag=tag))

    assert WarmAnswers(redis_url).get(TAG) is None
    assert WarmAnswers(redis_url).get(OTHER_TAG) is not None


def test_without_redis_the_process_keeps_its_own() -> None:
    answers = WarmAnswers(NOWHERE)
    answers.put(TAG, ANSWER)

    assert answers.get(TAG) == ANSWER
    assert answers.get(OTHER_TAG) is None
    assert WarmAnswers(NOWHERE).get(TAG) is None


def test_the_memory_is_bounded_and_the_last_used_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_answers, "MAX_MEMORY", 3 * len(ANSWER.body))
    answers = WarmAnswers(NOWHERE)
    for tag in "abc":
        answers.put(tag * 32, ANSWER)
    answers.get("a" * 32)
    answers.put("d" * 32, ANSWER)

    assert [tag for tag in "abcd" if answers.get(tag * 32)] == ["a", "c", "d"]


def test_a_long_body_is_not_kept() -> None:
    answers = WarmAnswers(NOWHERE)
    answers.put(TAG, ANSWER._replace(body=b"x" * (warm_answers.MAX_BODY + 1)))

    assert answers.get(TAG) is None


@pytest.fixture
def silent() -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_one_request_waits_for_a_silent_redis_and_no_other(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, asked = WarmAnswers(silent), list[float]()
    ask = answers._redis.get

    def count(name: str) -> object:
        asked.append(time.monotonic())
        return ask(name)

    monkeypatch.setattr(answers._redis, "get", count)

    for number in range(100):
        assert answers.get(f"{number:032}") is None

    assert len(asked) == 1


def test_redis_is_asked_again_after_a_pause(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_breaker, "PAUSE", 0)
    answers = WarmAnswers(redis_url)
    answers._breaker.note_failure(OSError("gone"))
    WarmAnswers(redis_url).put(TAG, ANSWER)

    assert answers.get(TAG) == ANSWER


@pytest.mark.django_db
def test_a_kept_answer_reads_the_key_and_the_counters_only() -> None:
    factories.world()
    api = api_of()
    cold = api.get("plans/plan/scorecard/")
    with CaptureQueriesContext(connection) as queries:
        warm = api.get("plans/plan/scorecard/")

    assert warm.raw == cold.raw
    assert [warm.headers[name] for name in ("ETag", "Content-Type")] == [
        cold.headers[name] for name in ("ETag", "Content-Type")
    ]
    assert sum(query["sql"].startswith("SELECT") for query in queries) <= 2
    factories.action(factories.target(period="2024-Q1"), "2030-01-01")
    assert api.get("plans/plan/scorecard/").raw != cold.raw
