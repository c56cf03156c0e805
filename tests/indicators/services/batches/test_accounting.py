"""Every row of a batch is counted once and every bad one named once, in every format; what is refused leaves nothing."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.models import Import, Measurement, Revision, SeriesChange
from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.example_counts import amount
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BATCH = "measurements/batch/"
MEDIA = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}
ALWAYS = settings(
    max_examples=amount(60, 60, full=500),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
GOOD = {"indicator": "sales", "area": "city", "period": "2024-01", "value": "5", "published": "2024-02-01"}
# What is wrong in one row, as its own kind of error, in every format.
FAULTS: list[tuple[dict[str, str], str]] = [
    ({"value": "1e5"}, "invalid-number"),
    ({"value": "NaN"}, "invalid-number"),
    ({"value": "9" * 20}, "invalid-number"),
    ({"value": "0.1234567"}, "invalid-number"),
    ({"period": "2024-13"}, "invalid-period"),
    ({"period": "2024-02/2024-01"}, "invalid-period"),
    ({"published": "2999-01-01"}, "invalid-date"),
    ({"published": "2024-02-30"}, "invalid-date"),
    ({"indicator": "nope"}, "unknown-indicator"),
    ({"indicator": "not a code"}, "invalid-code"),
    ({"area": "nowhere"}, "unknown-area"),
    ({"indicator": "growth"}, "computed-indicator"),
    ({"stage": "guess"}, "invalid-choice"),
    ({"qualifier": "maybe"}, "invalid-choice"),
    ({"missing_reason": "suppressed"}, "invalid-choice"),
    ({"note": "\x1b[2J"}, "invalid-text"),
]
Rows = list[tuple[dict[str, str], str]]


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """Rows with the slug that each must get, "" for good ones."""
    found: Rows = []
    kinds = draw(st.lists(st.sampled_from([*[-1] * len(FAULTS), *range(len(FAULTS))]), min_size=1, max_size=12))
    for number, kind in enumerate(kinds):
        change, slug = FAULTS[kind] if kind >= 0 else ({"value": draw(st.sampled_from(["5", "6", "-7.50"]))}, "")
        period = {"period": f"{2000 + number}-{draw(st.integers(1, 2)):02}"}
        found.append((GOOD | period | change, slug))
    if (first := found[0])[1] == "" and draw(st.booleans()):
        found.append((first[0], "duplicate-row"))
    return found


def written(form: str, given: Rows) -> bytes:
    if form == "json":
        return json.dumps([row for row, _ in given]).encode()
    if form == "ndjson":
        return "\n".join(json.dumps(row) for row, _ in given).encode()
    made, names = io.StringIO(), [*GOOD, "stage", "qualifier", "missing_reason", "note"]
    writer = csv.DictWriter(made, names, restval="")
    writer.writeheader()
    writer.writerows(row for row, _ in given)
    return made.getvalue().encode()


def send(api: Api, form: str, body: bytes, **flags: bool) -> Answer:
    query = "&".join(f"{name}={str(flag).lower()}" for name, flag in flags.items())
    return api.call("POST", f"{BATCH}?{query}", raw=body, **{"Content-Type": MEDIA[form]})


def counts(told: dict[str, Any]) -> list[int]:
    return [told[name] for name in ("rows", "created", "revised", "unchanged", "rejected")]


def everything() -> list[int]:
    return [model.objects.count() for model in (Measurement, Revision, SeriesChange, AuditEntry, Import)]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def api() -> Api:
    factories.world()
    factories.indicator("growth", formula="yoy(sales)")
    for year in range(2000, 2012, 2):
        factories.figure("sales", f"{year}-01", 5, published="2024-02-01")
    return api_of()


def test_every_row_is_counted_and_every_bad_one_named(api: Api) -> None:
    @ALWAYS
    @given(given=rows(), form=st.sampled_from(list(MEDIA)))
    def holds(given: Rows, form: str) -> None:
        with undone():
            check(api, given, form)

    holds()


def check(api: Api, given: Rows, form: str) -> None:
    body, wrong = written(form, given), [(n, slug) for n, (_, slug) in enumerate(given, 1) if slug]
    before = everything()
    tried = send(api, form, body, atomic=False, dry_run=True).ok()
    assert everything() == before
    assert send(api, form, body, dry_run=True).status == (422 if wrong else 200)
    refused = send(api, form, body, atomic=True)
    if wrong:
        problem = refused.problem(422, "batch-rejected")
        assert [(each["row"], each["slug"]) for each in problem["errors"]] == wrong
        assert counts(problem) == counts(tried)
        assert problem["stored"] == 0
        assert everything() == before
        stored = send(api, form, body, atomic=False).ok()
    else:
        stored = refused.ok()
    assert [(each["row"], each["slug"]) for each in stored["errors"]] == wrong
    assert all(each["detail"] for each in stored["errors"])
    assert counts(stored) == counts(tried)
    assert stored["stored"] == tried["would_be_stored"] == stored["created"] + stored["revised"]
    number, created, revised, unchanged, rejected = counts(stored)
    assert number == len(given) == created + revised + unchanged + rejected
    assert rejected == len(wrong)
    measurements, revisions, *_ = (now - was for now, was in zip(everything(), before, strict=True))
    assert (measurements, revisions) == (created, created + revised)


def test_thirty_seven_bad_rows_among_fifty_thousand_are_named(api: Api) -> None:
    header = "indicator,area,period,value,published,note,stage,qualifier,missing_reason"
    for number in range(50):
        factories.indicator(f"i{number}")
    lines: list[str] = []
    wrong: dict[int, str] = {}
    for number in range(1, 50_001):
        row = GOOD | {"indicator": f"i{number % 50}", "period": f"{1900 + number // 600}-{number // 50 % 12 + 1:02}"}
        if number % 1350 == 0:
            change, wrong[number] = FAULTS[len(wrong) % len(FAULTS)]
            row |= change
        lines.append(",".join(row.get(name, "") for name in header.split(",")))
    assert len(wrong) == 37
    stored_before = Revision.objects.count()
    told = send(api, "csv", "\n".join([header, *lines]).encode(), atomic=False).ok()
    assert counts(told) == [50_000, 49_963, 0, 0, 37]
    assert {each["row"]: each["slug"] for each in told["errors"]} == wrong
    # No join: without fresh statistics PostgreSQL may compare each revision with each figure, for minutes.
    assert Revision.objects.count() - stored_before == 49_963
