"""Posting many figures."""

import json
from typing import Any

import pytest

from indicators.importing import jobs
from indicators.models import Import, Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.models.audit import AuditEntry
from kpitracker.lib.models.idempotency import IdempotencyRecord
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BATCH = "measurements/batch/"
CSV = "text/csv"
NDJSON = "application/x-ndjson"


@pytest.fixture
def api() -> Api:
    factories.world()
    return api_of()


def figure(period: str, value: object = "5", **more: Any) -> dict[str, Any]:
    return {"indicator": "sales", "area": "city", "period": period, "value": value, **more}


def sent(api: Api, body: bytes | str, media: str, query: str = "") -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return api.call("POST", f"{BATCH}{query}", raw=raw, **{"Content-Type": media})


def counts(answer: dict[str, Any]) -> tuple[int, ...]:
    return tuple(answer[name] for name in ("rows", "created", "revised", "unchanged", "rejected"))


def test_nan_is_wrong_in_its_row_alone(api: Api) -> None:
    answer = api.post(f"{BATCH}?atomic=false", [figure("2024-01", float("nan")), figure("2024-02")]).ok()
    assert [(each["row"], each["slug"]) for each in answer["errors"]] == [(1, "invalid-number")]


def test_a_list_is_recorded_and_a_repeat_changes_nothing(api: Api) -> None:
    figures = [figure("2024-01"), figure("2024-02", 6.5), figure("2024-03", None, missing_reason="not_available")]
    known = AuditEntry.objects.count()
    answer = api.post(BATCH, figures).ok()
    assert AuditEntry.objects.count() == known + 1
    assert counts(answer) == (3, 3, 0, 0, 0)
    assert answer["errors"] == []
    before = Revision.objects.count(), AuditEntry.objects.count(), Import.objects.count()
    again = api.post(BATCH, figures).ok()
    assert counts(again) == (3, 0, 0, 3, 0)
    assert again["import"] is None
    assert (Revision.objects.count(), AuditEntry.objects.count(), Import.objects.count()) == before


def test_one_bad_row_keeps_all_out(api: Api) -> None:
    figures = [figure("2024-01"), figure("2024-02", "1e5"), figure("2024-03")]
    answer = api.post(BATCH, figures)
    problem = answer.problem(422, "batch-rejected")
    assert counts(problem) == (3, 2, 0, 0, 1)
    assert problem["stored"] == 0
    (error,) = problem["errors"]
    assert error["detail"]
    assert error | {"detail": ""} == {
        "row": 2,
        "pointer": "/value",
        "slug": "invalid-number",
        "detail": "",
        "indicator": "sales",
        "period": "2024-02",
    }
    assert not Revision.objects.exists()
    assert not Import.objects.exists()


def test_good_rows_are_stored_where_that_is_asked_for(api: Api) -> None:
    figures = [figure("2024-01"), figure("2024-02", "1e5"), figure("2024-03", area="nowhere")]
    answer = api.post(f"{BATCH}?atomic=false", figures).ok()
    assert counts(answer) == (3, 1, 0, 0, 2)
    assert [(error["row"], error["slug"]) for error in answer["errors"]] == [(2, "invalid-number"), (3, "unknown-area")]
    assert Measurement.objects.count() == 1
    assert answer["import"] == str(Import.objects.get().pk)


def test_a_dry_run_says_what_would_happen_and_leaves_nothing(api: Api) -> None:
    api.post(BATCH, [figure("2024-01"), figure("2024-02")]).ok()
    figures = [figure("2024-01"), figure("2024-02", "6"), figure("2024-03")]
    before = Revision.objects.count(), AuditEntry.objects.count(), Import.objects.count()
    tried = api.post(f"{BATCH}?dry_run=true", figures).ok()
    assert tried["dry_run"] is True
    assert (Revision.objects.count(), AuditEntry.objects.count(), Import.objects.count()) == before
    real = api.post(BATCH, figures).ok()
    assert counts(tried) == counts(real) == (3, 1, 1, 1, 0)
    assert (tried["would_be_stored"], real["stored"]) == (2, 2)
    assert "stored" not in tried
    assert "would_be_stored" not in real


VERDICTS = {
    "all rows are right": (["2024-01", "2024-02", "2024-03"], (3, 1, 1, 1, 0), 2),
    "one row is wrong": (["2024-01", "2024-02", "2024-03", "2024-13"], (4, 1, 1, 1, 1), 0),
    "one row of four is known and all others are wrong": (["2024-01", "2024-13", "x", "y"], (4, 0, 0, 1, 3), 0),
    "every row is wrong": (["2024-13", "x"], (2, 0, 0, 0, 2), 0),
    "a row occurs twice": (["2024-03", "2024-03"], (2, 1, 0, 0, 1), 0),
    "nothing is new": (["2024-01", "2024-01/2024-01"], (2, 0, 0, 1, 1), 0),
}


@pytest.mark.parametrize("way", ["at once", "as a long import"])
@pytest.mark.parametrize("atomic", [True, False], ids=["all or none", "the right rows"])
@pytest.mark.parametrize(("periods", "verdicts", "stored"), VERDICTS.values(), ids=VERDICTS)
def test_a_dry_run_counts_and_answers_as_the_real_run(
    api: Api,
    settings: Any,
    tmp_path: Any,
    periods: list[str],
    verdicts: tuple[int, ...],
    stored: int,
    atomic: bool,
    way: str,
) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    api.post(BATCH, [figure("2024-01"), figure("2024-02", "4")]).ok()
    figures, answers = [figure(period) for period in periods], []
    stored = stored if atomic else verdicts[1] + verdicts[2]
    for dry_run in (True, False):
        query = f"{BATCH}?atomic={str(atomic).lower()}&dry_run={str(dry_run).lower()}"
        if way == "at once":
            answer = api.post(query, figures)
            report, status = answer.json, answer.status
        else:
            batch = api.post(query, figures, Prefer="respond-async").ok(202)["id"]
            jobs.run_due_imports(now=clock.now, seconds=60)
            kept = api.get(f"imports/{batch}/").ok()
            report, status = kept["report"], kept["state"]
        assert counts(report) == verdicts
        assert report["would_be_stored" if dry_run else "stored"] == stored
        answers.append(status)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("prefer", [{}, {"Prefer": "respond-async"}], ids=["at once", "as a long import"])
def test_a_dry_run_neither_keeps_nor_reads_an_idempotency_key(
    api: Api, settings: Any, tmp_path: Any, prefer: dict[str, str]
) -> None:
    settings.UPLOADS_DIR = str(tmp_path)
    headers = {"Idempotency-Key": "from the content", **prefer}
    tries = [api.post(f"{BATCH}?dry_run=true", [figure("2024-01")], **headers) for _ in range(2)]
    assert not IdempotencyRecord.objects.exists()
    assert {answer.status for answer in tries} == ({202} if prefer else {200})
    assert not any("Idempotent-Replay" in answer.headers for answer in tries)
    real = api.post(BATCH, [figure("2024-01")], **{"Idempotency-Key": "from the content"}).ok()
    assert real["created"] == 1
    # The key of the real run answers only the real run.
    again = api.post(f"{BATCH}?dry_run=true", [figure("2024-01")], **headers)
    assert "Idempotent-Replay" not in again.headers
    assert api.post(BATCH, [figure("2024-01")], **{"Idempotency-Key": "from the content"}).headers["Idempotent-Replay"]


def test_every_row_can_be_told(api: Api) -> None:
    api.post(BATCH, [figure("2024-01")]).ok()
    figures = [figure("2024-01"), figure("2024-02", "x"), figure("2024-03"), figure("2024-01", published="2024-02-01")]
    answer = api.post(f"{BATCH}?verbose=true&atomic=false", figures).ok()
    told = [(row["row"], row["outcome"], row.get("revision")) for row in answer["results"]]
    assert told == [(1, "unchanged", 1), (2, "rejected", None), (3, "created", 1), (4, "revised", 2)]
    lines = api.call("POST", f"{BATCH}?atomic=false", figures, Accept=NDJSON)
    assert lines.status == 200
    assert lines.headers["Content-Type"] == NDJSON
    assert [json.loads(line)["outcome"] for line in lines.raw.splitlines()] == [
        "unchanged",
        "rejected",
        "unchanged",
        "unchanged",
    ]


def test_what_a_row_became_can_be_asked_for_by_its_id(api: Api) -> None:
    answer = api.post(f"{BATCH}?verbose=true", [figure("2024-01")]).ok()
    (row,) = api.rows("measurements/")
    assert row["id"] == answer["results"][0]["id"]


FORMS = [
    pytest.param(b"indicator,area,period,value\nsales,city,2024-01,5\n", CSV, "", id="CSV with commas"),
    pytest.param(b"\xef\xbb\xbfindicator;area;period;value\r\nsales;city;2024-01;5\r\n", CSV, "", id="semicolons, BOM"),
    pytest.param(b"period,value,indicator\n2024-01,5.00,sales", CSV, "", id="another order, no area, no last line end"),
    pytest.param(
        b'"indicator","period","value","note"\n"sales","2024-01","5",""\n\n,,,\n', CSV, "", id="quotes, empty rows"
    ),
    pytest.param(b"indicator;period;value\nsales;2024-01;5,00\n", CSV, "?locale=vi", id="a decimal comma"),
    pytest.param(b'{"indicator":"sales","period":"2024-01","value":5}\n', NDJSON, "", id="NDJSON"),
    pytest.param(b'\n{"indicator":"sales","period":"2024-01","value":"5"}', NDJSON, "", id="NDJSON without a line end"),
    pytest.param(
        b'[{"value" : 5.0, "period": "2024-01",\n"indicator":"sales", "note": null}]', "application/json", "", id="JSON"
    ),
]


@pytest.mark.parametrize(("body", "media", "query"), FORMS)
def test_every_form_says_the_same(api: Api, body: bytes, media: str, query: str) -> None:
    assert counts(sent(api, body, media, query).ok()) == (1, 1, 0, 0, 0)
    assert counts(api.post(BATCH, [figure("2024-01")]).ok()) == (1, 0, 0, 1, 0)


def test_vietnamese_numbers_and_days(api: Api) -> None:
    body = "indicator;period;value;published\nsales;2024-01;1.234.567,89;31/12/2024\nsales;2024-02;-0,5;2024-12-31\n"
    sent(api, body, CSV, "?locale=vi").ok()
    assert [(row["value"], row["published"]) for row in api.rows("measurements/?ordering=period_end")] == [
        ("1234567.89", "2024-12-31"),
        ("-0.5", "2024-12-31"),
    ]


@pytest.mark.parametrize("value", ["7.5", "1.23", "1,234.5", "1.234.56", "1.2345,6", "7,5,5", "."])
def test_numbers_that_are_none_in_vietnamese(api: Api, value: str) -> None:
    answer = sent(api, f"indicator;period;value\nsales;2024-01;{value}\n", CSV, "?locale=vi")
    assert [error["slug"] for error in answer.problem(422, "batch-rejected")["errors"]] == ["invalid-number"]


WRONG = [
    pytest.param(b"\n", CSV, 400, "invalid-csv", id="nothing at all"),
    pytest.param(b"indicator,period,value\nsales,2024-01,\x00\n", CSV, 400, "invalid-csv", id="row 16: NUL"),
    pytest.param(b"indicator,period,value\nsales,2024-01,5\xff\n", CSV, 400, "invalid-csv", id="not UTF-8"),
    pytest.param("indicator,period\n".encode("utf-16-le"), CSV, 400, "invalid-csv", id="UTF-16 without a mark"),
    pytest.param(
        b'indicator,period,value\nsales,2024-01,"5\n', CSV, 400, "invalid-csv", id="a quote that does not end"
    ),
    pytest.param(b'indicator,period,value\nsales,2024-01,"5"5\n', CSV, 400, "invalid-csv", id="text after a quote"),
    pytest.param(
        b"indicator,period,value,note\nsales,2024-01,5," + b"x" * 70_000, CSV, 413, "too-large", id="row 16: 70 KB"
    ),
    pytest.param(
        b"indicator,period,value,note\nsales,2024-01,5," + b"x" * 200_000, CSV, 413, "too-large", id="row 16: 200 KB"
    ),
    pytest.param(b"indicator,period,price\n", CSV, 400, "unknown-field", id="a column that is no field"),
    pytest.param(b"indicator,value\n", CSV, 400, "required", id="no period"),
    pytest.param(b"indicator,period,value,value\n", CSV, 400, "invalid-csv", id="a column twice"),
    pytest.param(
        b"PK\x03\x04",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        400,
        "invalid-xlsx",
        id="row 16: no archive",
    ),
    pytest.param(b"[", "application/json", 400, "malformed-json", id="a list that does not end"),
    pytest.param(b"{}", "application/json", 400, "invalid-type", id="an object"),
    pytest.param(b"[" * 5000 + b"]" * 5000, "application/json", 400, "malformed-json", id="nested deeply"),
    pytest.param(b"x", "application/xml", 415, "unsupported-media-type", id="XML"),
    pytest.param(b"a=1", "application/x-www-form-urlencoded", 415, "unsupported-media-type", id="a form"),
]


@pytest.mark.parametrize(("body", "media", "status", "slug"), WRONG)
def test_bodies_that_cannot_be_read(api: Api, body: bytes, media: str, status: int, slug: str) -> None:
    sent(api, body, media, "?atomic=false").problem(status, slug)
    assert not Revision.objects.exists()


ROWS = [
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"value":6}', "malformed-json", "", id="a name twice"
    ),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"valu\\u0065":6}', "malformed-json", "", id="twice, escaped"
    ),
    pytest.param(b'{"indicator":"sales","period":"2024-01"', "malformed-json", "", id="a line that was cut"),
    pytest.param(b"[1]", "invalid-type", "", id="a list"),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"id":"x"}', "unknown-field", "/id", id="an unknown field"
    ),
    pytest.param(b'{"indicator":"","period":"2024-01","value":5}', "invalid-code", "/indicator", id="an empty code"),
    pytest.param(
        b'{"indicator":"sales","area":"","period":"2024-01","value":5}', "invalid-code", "/area", id="an empty area"
    ),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"published":""}',
        "invalid-date",
        "/published",
        id="an empty day",
    ),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":""}', "invalid-number", "/value", id="an empty number"
    ),
    pytest.param(b'{"indicator":"sales","period":"2024-01"}', "required", "/value", id="no value and no reason"),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":1,"missing_reason":"suppressed"}',
        "invalid-choice",
        "/missing_reason",
        id="both",
    ),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":"5\\u0000"}', "invalid-number", "/value", id="NUL in a number"
    ),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"note":"a\\u0000"}',
        "invalid-text",
        "/note",
        id="NUL in a note",
    ),
    pytest.param(b'{"indicator":"sales","period":"2024-01","value":NaN}', "invalid-number", "/value", id="NaN"),
    pytest.param(b'{"indicator":"sales","period":"2024-01","value":1e2}', "invalid-number", "/value", id="an exponent"),
    pytest.param(b'{"indicator":"sales","period":"2024-01","value":true}', "invalid-number", "/value", id="true"),
    pytest.param(
        b'{"indicator":"sales","period":"2024-01","value":5,"published":"2999-01-01"}',
        "invalid-date",
        "/published",
        id="tomorrow",
    ),
    pytest.param(
        b'{"indicator":"growth","period":"2024-01","value":5}', "computed-indicator", "/indicator", id="a formula"
    ),
    pytest.param(
        b'{"indicator":"nope","period":"2024-01","value":5}',
        "unknown-indicator",
        "/indicator",
        id="an unknown indicator",
    ),
]


@pytest.mark.parametrize(("line", "slug", "pointer"), ROWS)
def test_a_bad_row_is_named_as_it_would_be_alone(api: Api, line: bytes, slug: str, pointer: str) -> None:
    good = b'{"indicator":"sales","period":"2024-02","value":5}'
    factories.indicator("growth", formula="yoy(sales)")
    answer = sent(api, good + b"\n" + line + b"\n", NDJSON, "?atomic=false").ok()
    assert [(e["row"], e["slug"], e["pointer"]) for e in answer["errors"]] == [(2, slug, pointer)]
    alone = api.call("POST", "measurements/", raw=line)
    assert alone.slug == slug
    assert alone.pointers[:1] in ([(pointer, slug)], [])
