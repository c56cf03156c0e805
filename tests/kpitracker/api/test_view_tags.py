"""The same tag means the same bytes, tags cost one read of counters, and nothing hidden moves a tag."""

import random
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, resolve

import indicators.counted_tables
import targets.counted_tables
from indicators.counted_tables import CATALOGUE
from kpitracker.lib.db.version_counters import fold_counters
from kpitracker.lib.rest.viewsets import ApiViewSet
from kpitracker.lib.rest.warm_answers import warm_answers
from targets.models import Target
from tests.example_counts import amount
from tests.kpitracker.api import tagged_world as world
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COUNTED = indicators.counted_tables.COUNTED_TABLES | targets.counted_tables.COUNTED_TABLES
# Read by every request; their rows show in no body but by the facts of a tag.
OF_REQUEST = {"indicators_apikey", "lib_versioncounter"}
_TABLE = re.compile(r'(?:FROM|JOIN) "?((?:lib|indicators|targets|auth|django|axes)_\w+)"?')


@pytest.fixture(scope="module", autouse=True)
def _world(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
        world.build()


@pytest.fixture(autouse=True)
def _always_cold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept answers would have the same bytes whatever their tags are worth."""
    monkeypatch.setattr(warm_answers, "put", lambda *_: None)


@pytest.fixture
def leader() -> Api:
    return api_of()


@pytest.fixture
def of_b() -> Api:
    """A caller who sees neither `secret` nor what is computed from it."""
    return api_of("b")


def chance() -> random.Random:
    return random.Random(20261130)  # noqa: S311 (nothing is kept secret by it)


def tags(api: Api, addresses: list[str] = world.ADDRESSES) -> dict[str, str]:
    return {address: api.get(world.fill(address)).headers["ETag"] for address in addresses}


def view_of(address: str) -> tuple[type[ApiViewSet], str]:
    match = resolve("/api/v1/" + world.fill(address).partition("?")[0])
    return match.func.cls, match.func.actions["get"]  # type: ignore[attr-defined]


def views_with_rules() -> set[tuple[type[ApiViewSet], str]]:
    def classes(patterns: Any) -> Iterator[type[ApiViewSet]]:
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from classes(pattern.url_patterns)
            elif hasattr(pattern.callback, "cls"):
                yield pattern.callback.cls

    return {
        (view, action)
        for view in set(classes(get_resolver().url_patterns))
        for action in getattr(view, "tag_rules", {})
    }


def test_every_view_with_a_rule_is_tried_here() -> None:
    assert {view_of(address) for address in world.ADDRESSES} == views_with_rules()


def test_views_read_no_table_beside_those_of_their_counters(leader: Api, of_b: Api) -> None:
    uncounted: dict[str, set[str]] = {}
    for address in world.ADDRESSES:
        view, action = view_of(address)
        topics = {CATALOGUE} | {rule.topic for rule in view.tag_rules[action]}
        counted = {table for table, counter in COUNTED.items() if counter.topic in topics}
        path = world.fill(address)
        with CaptureQueriesContext(connection) as queries:
            leader.get(path).ok()
            of_b.get(path).ok()
        tables = {name for query in queries for name in _TABLE.findall(query["sql"])}
        if missing := tables - OF_REQUEST - counted:
            uncounted[address] = missing

    assert uncounted == {}


def test_nothing_new_is_answered_after_one_read_of_counters(leader: Api) -> None:
    for address in world.ADDRESSES:
        path = world.fill(address)
        answer = leader.get(path)
        with CaptureQueriesContext(connection) as queries:
            again = leader.get(path, If_None_Match=f'"x", {answer.headers["ETag"]}')

        assert (again.status, again.raw) == (304, b""), path
        assert again.headers["ETag"] == answer.headers["ETag"]
        selects = [query["sql"] for query in queries if query["sql"].startswith("SELECT")]
        assert len(selects) <= 2, selects  # the key, the counters
        assert sum("lib_versioncounter" in sql for sql in selects) == 1


def test_another_language_query_or_caller_has_another_tag(leader: Api, of_b: Api) -> None:
    answers = {
        "a": leader.get("statuses/"),
        "b": leader.get("statuses/", Accept_Language="vi"),
        "c": leader.get("statuses/?page_size=2"),
        "d": of_b.get("statuses/"),
        "e": api_of(scopes=["read"]).get("statuses/"),
    }

    assert len({answer.headers["ETag"] for answer in answers.values()}) == len(answers)


def test_the_tag_of_a_row_still_guards_its_change(leader: Api) -> None:
    path = "targets/first:sales:city/"
    tag = leader.get(path).headers["ETag"]
    world._act(chance(), "sales", "first")

    assert leader.patch(path, {"note": "x"}, If_Match=tag).status == 200
    assert leader.patch(path, {"note": "y"}, If_Match=tag).status == 412


READ = amount(8, 8, full=len(world.ADDRESSES))  # addresses after each write


@pytest.mark.parametrize("write", world.WRITES)
def test_a_tag_moves_whenever_its_body_does(leader: Api, write: str) -> None:
    draw = random.Random(write)  # noqa: S311
    addresses = [world.fill(address) for address in draw.sample(world.ADDRESSES, READ)]
    before = {address: leader.get(address) for address in addresses}
    world.WRITES[write](draw, "sales", "first")

    for address in addresses:
        after = leader.get(address)
        assert after.raw == before[address].raw or after.headers["ETag"] != before[address].headers["ETag"], address


def test_hidden_writes_move_no_tag_of_a_caller_who_cannot_see_them(leader: Api, of_b: Api) -> None:
    before, seen_by_leader = tags(of_b), tags(leader, ["plans/first/scorecard/", "statuses/"])
    for write in world.ABOUT_INDICATOR.values():
        for code in world.HIDDEN:
            write(chance(), code, "first")
    hidden = set(Target.objects.filter(indicator__code__in=world.HIDDEN).values_list("indicator", flat=True))
    fold_counters(hidden)

    assert tags(of_b) == before
    assert not set(tags(leader, list(seen_by_leader)).values()) & set(seen_by_leader.values())


def test_writes_to_one_plan_move_no_tag_of_another(leader: Api) -> None:
    before = tags(leader, world.OF_SECOND_PLAN)
    for write in world.ABOUT_ONE_PLAN:
        world.WRITES[write](chance(), "sales", "first")

    assert tags(leader, world.OF_SECOND_PLAN) == before


STEPS = amount(60, 40, full=1000)


def test_the_same_tag_means_the_same_bytes(leader: Api, of_b: Api, capsys: pytest.CaptureFixture[str]) -> None:
    """Random writes and reads; it prints how often a tag moved without need."""
    draw = chance()
    seen: dict[tuple[str, str], dict[str, bytes]] = {}
    last: dict[tuple[str, str], str] = {}
    reads = moved = needless = 0
    for _ in range(STEPS):
        write = draw.choice(list(world.WRITES))
        code = draw.choice(world.CODES + world.HIDDEN) if write in world.ABOUT_INDICATOR else "sales"
        world.WRITES[write](draw, code, draw.choice(world.PLANS))
        if draw.random() < 0.1:
            fold_counters(set())
        for name, api in (("leader", leader), ("b", of_b)):
            for address in draw.sample(world.ADDRESSES, 3):
                answer = api.get(world.fill(address))
                if answer.status != 200:
                    continue
                tag, bodies = answer.headers["ETag"], seen.setdefault((name, address), {})
                assert bodies.setdefault(tag, answer.raw) == answer.raw, (name, address, write)
                reads += 1
                if (before := last.get((name, address))) not in (None, tag):
                    moved += 1
                    needless += bodies[before] == answer.raw
                last[name, address] = tag
    with capsys.disabled():
        print(f"\n{STEPS} writes, {reads} reads: {moved} tags moved, {needless} of them without need")
    assert reads > STEPS
