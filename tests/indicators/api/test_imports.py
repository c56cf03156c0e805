"""Long batches: sent, worked on in slices, told of, taken back."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indicators.importing import jobs
from indicators.models import Import, Measurement, Revision
from kpitracker.lib import clock
from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
BATCH = "measurements/batch/"
HEADER = "indicator,area,period,value,published"


@pytest.fixture
def api(settings: Any, tmp_path: Path) -> Api:
    settings.UPLOADS_DIR = str(tmp_path)
    factories.world()
    return api_of()


def send(api: Api, *lines: str, query: str = "", media: str = "text/csv", **headers: str) -> Answer:
    raw = "\n".join(lines).encode()
    return api.call("POST", f"{BATCH}{query}", raw=raw, Prefer="respond-async", **{"Content-Type": media}, **headers)


def run() -> None:
    assert jobs.run_due_imports(now=clock.now, seconds=60) == 0


def finished(api: Api, answer: Answer) -> dict[str, Any]:
    run()
    batch: dict[str, Any] = api.get(f"imports/{answer.ok(202)['id']}/").ok()
    return batch


def months(count: int, value: str = "5") -> list[str]:
    return [f"sales,city,{2000 + n // 12}-{n % 12 + 1:02},{value},{2000 + n // 12}-12-31" for n in range(count)]


@pytest.mark.parametrize("query", ["", "?atomic=false"], ids=["all or nothing", "what is right"])
def test_a_long_batch_is_taken_in_slices(api: Api, monkeypatch: pytest.MonkeyPatch, query: str, tmp_path: Path) -> None:
    monkeypatch.setattr(jobs, "SLICE", 10)
    answer = send(api, HEADER, *months(35), query=query)
    place = answer.headers["Location"].partition("http://testserver")[2]
    waiting = api.get(place).ok()
    assert (waiting["state"], waiting["rows_done"], waiting["rows_total"]) == ("queued", 0, None)
    batch = finished(api, answer)
    assert (batch["state"], batch["rows_done"], batch["rows_total"]) == ("done", 35, 35)
    report = {"rows": 35, "created": 35, "revised": 0, "unchanged": 0, "rejected": 0}
    assert batch["report"].items() >= report.items()
    assert Measurement.objects.count() == Revision.objects.count() == 35
    second = finished(api, send(api, HEADER, *months(35), query=query))
    assert second["report"].items() >= (report | {"created": 0, "unchanged": 35}).items()
    assert list(tmp_path.iterdir()) == []


def test_one_bad_row_keeps_all_out_and_is_named(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE", 10)
    rows = months(35)
    rows[20] = "sales,city,2001-13,5,2001-12-31"
    batch = finished(api, send(api, HEADER, *rows, rows[3]))
    assert batch["state"] == "rejected"
    assert batch["report"].items() >= {"rows": 36, "created": 34, "unchanged": 0, "rejected": 2, "stored": 0}.items()
    assert [(error["row"], error["slug"]) for error in batch["errors"]] == [
        (21, "invalid-period"),
        (36, "duplicate-row"),
    ]
    assert not Revision.objects.exists()
    listed = api.rows(f"imports/{batch['id']}/errors/?page_size=1")
    assert [(error["row"], error["period"]) for error in listed] == [(21, "2001-13"), (36, "2000-04")]


def test_good_rows_are_stored_where_that_is_asked_for(api: Api) -> None:
    rows = months(12)
    rows[5] = "sales,city,2000-06,1e5,2000-12-31"
    batch = finished(api, send(api, HEADER, *rows, query="?atomic=false"))
    assert batch["state"] == "done"
    assert batch["report"].items() >= {"rows": 12, "created": 11, "rejected": 1}.items()
    assert Measurement.objects.count() == 11


def test_rows_of_one_figure_are_taken_in_the_order_of_their_days(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE", 1)
    days = ["2024-03-01", "unknown", "2024-01-01", "2024-02-01"]
    rows = [f"sales,city,2023,{number},{day}" for number, day in enumerate(days, 1)]
    assert finished(api, send(api, HEADER, *rows))["report"]["revised"] == 3
    assert list(Revision.objects.order_by("number").values_list("value", flat=True)) == [2, 3, 4, 1]
    assert Measurement.objects.get().value == 1


def test_right_by_itself_and_wrong_beside_an_earlier_slice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE", 1)
    header = f"{HEADER},stage"
    rows = ["sales,city,2023,1,2024-01-01,official", "sales,city,2023,2,2024-02-01,estimate"]
    batch = finished(api, send(api, header, *rows))
    assert (batch["state"], batch["errors"][0]["slug"]) == ("rejected", "stage-regression")
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("body", "media", "slug"),
    [
        pytest.param("indicator,period,price\n", "text/csv", "unknown-field", id="a column that is no field"),
        pytest.param("indicator,period,value\nsales,2024,\x00", "text/csv", "invalid-csv", id="row 16: NUL"),
        pytest.param("[", "application/json", "malformed-json", id="JSON that does not end"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(api: Api, body: str, media: str, slug: str) -> None:
    batch = finished(api, send(api, body, media=media))
    assert (batch["state"], batch["problem"]["type"]) == ("failed", f"/problems/{slug}")
    assert batch["problem"]["detail"]


def test_a_dry_run_counts_and_leaves_nothing(api: Api) -> None:
    batch = finished(api, send(api, HEADER, *months(5), query="?dry_run=true"))
    assert (batch["state"], batch["report"]["created"]) == ("done", 5)
    assert not Revision.objects.exists()


def test_the_day_of_sending_counts_not_that_of_the_work(api: Api) -> None:
    department = api_of("statistics", ["figures:write", "read"])
    answer = send(department, "indicator,area,period,value", "sales,city,2024-01,5")
    yesterday = clock.now() - timedelta(days=1)
    Import.objects.update(created_at=yesterday)
    assert finished(department, answer)["state"] == "done"
    assert Revision.objects.get().published == clock.local_day(yesterday)


def test_the_same_request_again_is_the_same_import(api: Api, tmp_path: Path) -> None:
    answers = [send(api, HEADER, *months(3), **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].json["id"] == answers[1].json["id"]
    assert answers[1].headers["Idempotent-Replay"] == "true"
    assert Import.objects.count() == 1
    run()
    assert list(tmp_path.iterdir()) == []
    send(api, HEADER, *months(4), **{"Idempotency-Key": "k"}).problem(422, "idempotency-key-reused")


def test_each_slice_has_its_row_of_audit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "SLICE", 10)
    finished(api, send(api, HEADER, *months(25)))
    entries = AuditEntry.objects.filter(kind="indicators.import", verb="recorded")
    assert sorted(entry.after["revisions"] for entry in entries) == [5, 10, 10]


def test_others_do_not_see_it(api: Api) -> None:
    factories.department("health")
    answer = send(api, HEADER, *months(1)).ok(202)
    other = api_of("health")
    other.get(f"imports/{answer['id']}/").problem(404, "not-found")
    assert other.rows("imports/") == []
    other.post(f"imports/{answer['id']}/undo/").problem(404, "not-found")


class TestUndo:
    def test_what_was_made_is_withdrawn_and_what_was_changed_is_as_before(self, api: Api) -> None:
        api.post(BATCH, [_figure("2024-01", "1", "2024-02-01"), _figure("2024-02", "2", "2024-03-01")]).ok()
        wrong = [_figure("2024-01", "100", "2024-04-01"), _figure("2024-03", "300", "2024-04-01")]
        batch = api.post(BATCH, wrong).ok()["import"]
        undone = api.post(f"imports/{batch}/undo/").ok()
        assert (undone["state"], undone["undo"]["withdrawn"], undone["undo"]["not_undone"]) == ("undone", 2, 0)
        figures = {row["period"]: row for row in api.rows("measurements/")}
        assert (figures["2024-01"]["value"], figures["2024-01"]["revision"]) == ("1", 3)
        assert figures["2024-02"]["value"] == "2"
        assert (figures["2024-03"]["value"], figures["2024-03"]["missing_reason"]) == (None, "withdrawn")
        existing = {row["period"]: row["value"] for row in api.rows("measurements/?as_of=2024-04-01")}
        assert existing == {"2024-01": "1", "2024-02": "2", "2024-03": None}
        api.post(f"imports/{batch}/undo/").problem(409, "not-undoable")

    def test_where_something_newer_stands_it_says_so(self, api: Api) -> None:
        batch = api.post(BATCH, [_figure("2024-01", "1"), _figure("2024-02", "2")]).ok()["import"]
        api.post("measurements/", _figure("2024-01", "5")).ok(201)
        undone = api.post(f"imports/{batch}/undo/").ok()["undo"]
        assert (undone["withdrawn"], undone["not_undone"]) == (1, 1)
        assert [(error["period"], error["slug"]) for error in undone["errors"]] == [("2024-01", "newer-revision")]
        assert {row["period"]: row["value"] for row in api.rows("measurements/")} == {"2024-01": "5", "2024-02": None}

    def test_several_revisions_of_one_figure_go_together(self, api: Api) -> None:
        api.post("measurements/", _figure("2024-01", "1", "2024-02-01")).ok(201)
        rows = [_figure("2024-01", str(n), f"2024-0{n}-05") for n in (1, 3, 5)]
        batch = api.post(BATCH, rows).ok()["import"]
        api.post(f"imports/{batch}/undo/").ok()
        for day, value in (("2024-01-10", None), ("2024-02-10", "1"), ("2024-03-10", "1"), ("2024-05-10", "1")):
            assert [row["value"] for row in api.rows(f"measurements/?as_of={day}")] == [value]

    def test_what_waits_for_approval_never_counts(self, api: Api) -> None:
        factories.indicator("secret", needs_approval=True)
        batch = api.post(BATCH, [_figure("2024-01", "1") | {"indicator": "secret"}]).ok()["import"]
        api.post(f"imports/{batch}/undo/").ok()
        assert [row.approval.state for row in Revision.objects.all()] == ["rejected"]


def _figure(period: str, value: str, published: str | None = None) -> dict[str, Any]:
    row = {"indicator": "sales", "area": "city", "period": period, "value": value}
    return row | {"published": published} if published else row
