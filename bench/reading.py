"""Processor time of reads, in process: a bare view, 304, kept and cold answers, by turns."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from bench import assess
from bench.common import Verdict

TARGETS, ROUNDS, REQUESTS = 100, 5, 16
PATHS = {
    "scorecard": "/api/v1/plans/{plan}/scorecard/",
    "statuses": "/api/v1/statuses/",
    "list of targets": "/api/v1/targets/",
}
GOALS = {("304", "scorecard"): 0.33, ("304", "statuses"): 0.33, ("304", "list of targets"): 0.33,
         ("kept", "scorecard"): 0.33, ("kept", "list of targets"): 0.25}  # fmt: skip


def environ(path: str, **headers: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SCRIPT_NAME": "",
        "QUERY_STRING": "page_size=100" if path.endswith(("statuses/", "targets/")) else "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        **headers,
    }


def bare_handler() -> Any:
    """A handler without middleware that knows the bare view only."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.test import override_settings
    from django.urls import get_resolver

    import bench.bare_view

    class BareHandler(WSGIHandler):
        def resolve_request(self, request: Any) -> Any:
            request.resolver_match = get_resolver(bench.bare_view.__name__).resolve(request.path_info)
            return request.resolver_match

    with override_settings(MIDDLEWARE=[]):
        return BareHandler()


def answer(handler: Any, request: dict[str, Any], status: int) -> Any:
    response = handler(request, lambda *_: None)
    b"".join(response)
    response.close()
    assert response.status_code == status, (response.status_code, request["PATH_INFO"])
    return response


@contextmanager
def nothing_kept() -> Iterator[None]:
    from kpitracker.lib.rest.warm_answers import warm_answers

    get, put = warm_answers.get, warm_answers.put
    warm_answers.get, warm_answers.put = lambda tag: None, lambda *_: None  # type: ignore[method-assign, assignment]
    yield
    warm_answers.get, warm_answers.put = get, put  # type: ignore[method-assign]


def processor_ms(work: Callable[[], Any], count: int) -> float:
    started = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - started) * 1000 / count


def read() -> list[object]:
    """Each kind of answer in turn; the ratio of a round is that of the bare view beside it."""
    from django.core.handlers.wsgi import WSGIHandler

    from indicators.services.access import api_keys
    from kpitracker.lib import clock
    from kpitracker.lib.actor import system_actor
    from targets.models import Plan

    assess.AREAS = TARGETS
    assess.world(TARGETS)
    assess.settle()
    plan = Plan.objects.get().code
    key = api_keys.issue_key(scopes=["read"], by=system_actor("bench"), now=clock.now(), rate=1_000_000).secret
    handler, bare = WSGIHandler(), bare_handler()
    paths = {name: path.format(plan=plan) for name, path in PATHS.items()}
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"}
    tags = {name: answer(handler, environ(path, **headers), 200).headers["ETag"] for name, path in paths.items()}
    times: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        for name, path in paths.items():
            kinds: dict[str, Callable[[], Any]] = {
                "304": lambda path=path, name=name: answer(  # type: ignore[misc]
                    handler, environ(path, HTTP_IF_NONE_MATCH=tags[name], **headers), 304
                ),
                "kept": lambda path=path: answer(handler, environ(path, **headers), 200),  # type: ignore[misc]
            }
            for kind, work in kinds.items():
                base = processor_ms(lambda: answer(bare, environ("/bare"), 200), REQUESTS)
                times.setdefault((kind, name), []).append((processor_ms(work, REQUESTS), base))
            base = processor_ms(lambda: answer(bare, environ("/bare"), 200), REQUESTS)
            with nothing_kept():
                cold = processor_ms(kinds["kept"], REQUESTS // 8)
            times.setdefault(("cold", name), []).append((cold, base))
    return [_verdict(kind, name, rounds) for (kind, name), rounds in times.items()]


def _verdict(kind: str, name: str, rounds: list[tuple[float, float]]) -> Verdict:
    ratios = sorted(base / own for own, base in rounds)
    own, base = (statistics.median(column) for column in zip(*rounds, strict=True))
    label = f"{name}, {kind}: {own:.2f} ms, bare {base:.2f} ms, ratio {ratios[0]:.2f} to {ratios[-1]:.2f}"
    return Verdict(label, statistics.median(ratios), GOALS.get((kind, name), 0))
