"""A file of figures in the admin: sent, looked at, confirmed, followed, taken back."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from indicators.importing import dry_runs, file_form, import_words, jobs
from indicators.models import Import, ImportProblem, Indicator, Revision
from indicators.services.batches import imports
from kpitracker.lib import clock
from kpitracker.lib.errors import ValidationProblem
from kpitracker.lib.models.audit import AuditEntry
from tests import factories
from tests.admin_support import client_of, person

pytestmark = pytest.mark.django_db

UPLOAD = reverse("admin:indicators_import_upload")
LIST = reverse("admin:indicators_import_changelist")
HEADER = "indicator,area,period,value\n"
GOOD = HEADER + "sales,city,2024-01,5\nsales,city,2024-02,6\n"
BAD = GOOD + "sales,city,2024-13,7\n"


@pytest.fixture(autouse=True)
def houses(settings: Any, tmp_path: Path) -> None:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    factories.area()
    factories.department("trade")
    factories.department("markets", parent="trade")
    factories.department("tax")
    factories.indicator("sales", department="markets")
    factories.indicator("revenue", department="tax")


@pytest.fixture
def officer() -> Client:
    return client_of(person("lan", "officer", "markets"))


def send(client: Client, body: str | bytes = GOOD, name: str = "figures.csv", **fields: str) -> Any:
    file = SimpleUploadedFile(name, body.encode() if isinstance(body, str) else body)
    data = {"file": file, "locale": "", "mode": "all", "end": "end", **fields}
    return client.post(UPLOAD, data, follow=True)


def page(answer: Any) -> str:
    """What people see of it, without the marks."""
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def of(batch: Import, name: str = "change") -> str:
    return reverse(f"admin:indicators_import_{name}", args=[batch.pk])


def sent(client: Client, body: str = GOOD, **fields: str) -> Import:
    send(client, body, **fields)
    return Import.objects.order_by("-created_at").first()  # type: ignore[return-value]


def confirm(client: Client, batch: Import) -> Any:
    return client.post(of(batch, "confirm"), follow=True)


def rejected(client: Client, batch: Import) -> list[list[str]]:
    """The file of the rows that are wrong."""
    answer: Any = client.get(of(batch, "rejected"))
    body = b"".join(answer.streaming_content)
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_a_file_is_looked_at_confirmed_and_stored(officer: Client) -> None:
    answer = send(officer)
    seen = Import.objects.get()
    assert answer.redirect_chain == [(of(seen), 302)]
    assert "Nothing is stored yet" in page(answer)
    assert [count for _, count in answer.context["counts"]] == ["2", "2", "0", "0", "0", "0"]
    assert not Revision.objects.exists()
    assert 'type="submit"' in page(answer)
    stored = confirm(officer, seen)
    assert "Done: 2 figures stored." in page(stored)
    assert {row.posted_by for row in Revision.objects.all()} == {"admin lan"}
    assert "It was confirmed." in page(officer.get(of(seen)))
    assert of(Import.objects.get(confirms=seen)) in page(officer.get(of(seen)))


def test_a_second_click_shows_the_same_import(officer: Client) -> None:
    seen = sent(officer)
    first, second = confirm(officer, seen), confirm(officer, seen)
    assert first.redirect_chain == second.redirect_chain
    assert Revision.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "name", "fields", "complaint"),
    [
        pytest.param(GOOD, "a.txt", {}, "end with one of .csv", id="a suffix that says nothing"),
        pytest.param(GOOD, "a.xlsx", {}, "no XLSX file", id="a table that calls itself a workbook"),
        pytest.param(b"PK\x03\x04...", "a.csv", {}, "XLSX file or another archive", id="a workbook that calls itself a table"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1", "a.xlsx", {}, "old Excel file", id="a workbook of 2003, or with a password"),
        pytest.param(b"", "a.csv", {}, "empty", id="nothing in it"),
        pytest.param(GOOD, "a.csv", {"end": "en"}, "did not arrive whole", id="cut on its way"),
        pytest.param(GOOD, "a.csv", {"end": ""}, "did not arrive whole", id="cut before the end of the file"),
        pytest.param(GOOD, "a.csv", {"mode": "x"}, "valid choice", id="a mode that there is not"),
        pytest.param(GOOD, "a.csv", {"locale": "de"}, "valid choice", id="a locale that there is not"),
    ],
)  # fmt: skip
def test_what_is_no_file_of_figures_is_refused_in_the_form(
    officer: Client, body: str | bytes, name: str, fields: dict[str, str], complaint: str, tmp_path: Path
) -> None:
    answer = send(officer, body, name, **fields)
    assert complaint in str(answer.context["form"].errors)
    assert not Import.objects.exists()
    assert list(tmp_path.iterdir()) == []


def test_a_file_beyond_the_limit_is_refused(officer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_form, "max_file_size", lambda: 10)
    assert "At most 100 MB" in str(send(officer).context["form"].errors["file"])


@pytest.mark.parametrize(
    ("name", "body", "fields"),
    [
        pytest.param("a.json", '[{"indicator": "sales", "area": "city", "period": "2024-01", "value": "5.5"}]', {}, id="JSON"),
        pytest.param("a.NDJSON", '{"indicator": "sales", "area": "city", "period": "2024-01", "value": "5.5"}\n', {"locale": "vi"}, id="NDJSON"),
        pytest.param("số liệu.csv", "indicator;area;period;value\nsales;city;2024-01;5,5\n", {"locale": "vi"}, id="Vietnamese numbers"),
    ],
)  # fmt: skip
def test_every_format_is_taken(officer: Client, name: str, body: str, fields: dict[str, str]) -> None:
    assert "Nothing is stored yet" in page(send(officer, body, name, **fields))
    confirm(officer, Import.objects.get())
    assert [str(row.value) for row in Revision.objects.all()] == ["5.5"]
    assert name in page(officer.get(LIST))


class TestWhatIsWrong:
    def test_rows_that_are_wrong_are_named_with_field_and_reason(self, officer: Client) -> None:
        answer = send(officer, BAD + "sales,city,2024-03,x\nrevenue,city,2024-01,5\n")
        assert "3 of 5 rows are wrong. Nothing was stored." in page(answer)
        rows = answer.context["problems"]["rows"]
        assert [row[:4] for row in rows] == [
            ["3", "sales", "2024-13", "period"],
            ["4", "sales", "2024-03", "value"],
            ["5", "revenue", "2024-01", "indicator"],
        ]
        assert "another department" in rows[2][4].lower()
        assert not answer.context["may_confirm"]

    def test_in_vietnamese(self, officer: Client) -> None:
        send(officer, BAD)
        shown = page(officer.get(of(Import.objects.get()), headers={"Accept-Language": "vi"}))
        assert "1/3 dòng sai. Chưa ghi gì." in shown
        assert "kỳ (period)" in shown
        assert "Nothing" not in shown

    def test_the_right_rows_are_stored_where_that_was_chosen(self, officer: Client) -> None:
        answer = send(officer, BAD, mode="right")
        assert answer.context["may_confirm"]
        assert answer.context["problems"]["total"] == 1
        stored = confirm(officer, Import.objects.get())
        assert "Done: 2 figures stored." in page(stored)
        assert stored.context["problems"]["total"] == 1

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            pytest.param("indicator,period,price\n", "There is no column “price”", id="a column that is no field"),
            pytest.param("period,value\n", "The column indicator is missing.", id="a column that is missing"),
            pytest.param(HEADER, "There is no row with a figure in the file.", id="a header alone"),
            pytest.param("\ufeff", "It is empty.", id="a mark alone"),
        ],
    )
    def test_a_file_that_cannot_be_read_says_why(self, officer: Client, body: str, said: str) -> None:
        answer = send(officer, body)
        assert said in page(answer)
        assert not answer.context["may_confirm"]

    @pytest.mark.parametrize(
        ("value", "locale", "hinted"),
        [
            pytest.param("1.234.567", "", True, id="dots for thousands"),
            pytest.param("x", "vi", False, id="wrong in either way"),
            pytest.param("", "", False, id="no number at all"),
        ],
    )
    def test_numbers_that_are_written_the_other_way_are_thought_of(
        self, officer: Client, value: str, locale: str, hinted: bool
    ) -> None:
        answer = send(officer, f"indicator,period,value\nsales,2024-01,{value}\n", locale=locale)
        assert answer.context["problems"]["total"] == 1
        assert ("Then send it again with Vietnamese numbers" in page(answer)) == hinted

    def test_a_workbook_that_is_broken_says_so(self, officer: Client) -> None:
        answer = send(officer, b"PK\x03\x04broken", "a.xlsx")
        assert "It stopped: Not a usable XLSX file." in page(answer)

    def test_what_is_known_already_is_not_confirmed(self, officer: Client) -> None:
        confirm(officer, sent(officer))
        answer = send(officer)
        assert "All of it is known already" in page(answer)
        assert not answer.context["may_confirm"]

    def test_many_wrong_rows_are_paged_and_those_beyond_counted(
        self, officer: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(import_words, "MAX_ROWS", 20)
        monkeypatch.setattr(import_words, "ROWS_PER_PAGE", 10)
        send(officer, HEADER + "sales,city,2024-13,5\n" * 33)
        batch = Import.objects.get()
        second = officer.get(of(batch), {"p": "2"})
        assert [row[0] for row in second.context["problems"]["rows"]] == [str(number) for number in range(11, 21)]
        assert "Only the first 20 are shown, 13 more are in the file." in page(second)
        assert page(officer.get(of(batch), {"p": "x"}))
        rows = rejected(officer, batch)
        assert len(rows) == 34
        assert rows[0] == ["row", "indicator", "period", "field", "what is wrong"]

    def test_a_cell_that_would_be_a_formula_is_none_in_the_file(self, officer: Client) -> None:
        batch = sent(officer, HEADER + "=1+1,city,2024-01,5\n")
        assert rejected(officer, batch)[1][1] == "'=1+1"

    def test_what_somebody_wrote_into_a_file_is_text_on_the_page(self, officer: Client) -> None:
        shown = page(send(officer, HEADER + "<script>alert(1)</script>,city,2024-01,5\n", "<b>.csv"))
        assert "<script>alert(1)" not in shown
        assert "<b>" not in shown


class TestProgress:
    @pytest.fixture
    def waiting(self, officer: Client, monkeypatch: pytest.MonkeyPatch) -> Import:
        """A long file, left to the worker."""
        monkeypatch.setattr(dry_runs, "INLINE_MAX_BYTES", 0)
        return sent(officer)

    def test_a_long_file_is_left_to_the_worker_and_followed(self, officer: Client, waiting: Import) -> None:
        shown = page(officer.get(of(waiting)))
        assert "It waits for its turn" in shown
        assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in shown
        assert f'data-url="{of(waiting, "state")}"' in shown
        assert "/static/indicators/imports.js" in shown
        assert "confirm/" not in shown
        state = officer.get(of(waiting, "state"))
        assert (state.json()["open"], state.json()["done"]) == (True, 0)
        assert jobs.run_due_imports(now=clock.now, seconds=60) == 0
        assert officer.get(of(waiting, "state")).json() | {"message": ""} == {
            "open": False,
            "done": 2,
            "rows": 2,
            "message": "",
        }
        assert "http-equiv" not in page(officer.get(of(waiting)))

    def test_confirmed_too_early_nothing_happens(self, officer: Client, waiting: Import) -> None:
        assert told(confirm(officer, waiting)) == ["There is nothing to confirm."]
        assert Import.objects.count() == 1

    def test_what_is_being_stored_shows_how_far_it_is(self, officer: Client, waiting: Import) -> None:
        Import.objects.update(state="running", rows=2, rows_done=1)
        assert officer.get(of(waiting, "state")).json()["message"] == "Being stored: 1 of 2 rows…"
        assert '<progress style="width: 5rem" value="1" max="2">' in page(officer.get(LIST))


def test_a_file_that_waited_too_long_is_to_be_sent_again(officer: Client) -> None:
    seen = sent(officer)
    jobs.delete_files(seen.pk)
    answer = officer.get(of(seen))
    assert "The file is kept for a day only" in page(answer)
    assert not answer.context["may_confirm"]
    assert "kept for a day" in told(confirm(officer, seen))[0]


class TestUndo:
    @pytest.fixture
    def done(self, officer: Client) -> Import:
        confirm(officer, sent(officer))
        return Import.objects.get(dry_run=False)

    def test_it_is_asked_then_done_and_told(self, officer: Client, done: Import) -> None:
        assert of(done, "undo") in page(officer.get(of(done)))
        requested = page(officer.get(of(done, "undo")))
        assert "This import wrote 2 new figures and revised 0. All 2 will be undone." in requested
        assert Revision.objects.count() == 2
        answer = officer.post(of(done, "undo"), follow=True)
        assert "Undone: 2 figures withdrawn, 0 could not be." in page(answer)
        assert not answer.context["may_undo"]
        second = officer.post(of(done, "undo"), follow=True)
        assert told(second) == ["There is nothing to undo: undone."]

    def test_what_stays_is_named_with_its_reason(self, officer: Client, done: Import) -> None:
        factories.figure("sales", "2024-01", 9)
        answer = officer.post(of(done, "undo"), follow=True)
        assert "Undone: 1 figures withdrawn, 1 could not be." in page(answer)
        assert answer.context["left"] == [["sales", "2024-01", "There is a newer revision."]]

    def test_a_look_cannot_be_undone(self, officer: Client, done: Import) -> None:
        seen = Import.objects.get(dry_run=True)
        assert not officer.get(of(seen)).context["may_undo"]
        assert told(officer.post(of(seen, "undo"), follow=True)) == ["There is nothing to undo: done."]

    def test_who_only_looks_is_offered_nothing(self, done: Import) -> None:
        viewer = client_of(person("binh", "viewer", "markets"))
        answer = viewer.get(of(done))
        assert not answer.context["may_undo"]
        for method in (viewer.get, viewer.post):
            assert method(of(done, "undo")).status_code == 403
        assert Import.objects.get(dry_run=False).state == "done"


class TestOthers:
    """Three departments, one below the first."""

    PAGES = ("change", "state", "rejected", "undo", "confirm", "history")

    @pytest.mark.parametrize(
        ("department", "sees"),
        [("markets", True), ("trade", True), (None, True), ("tax", False)],
        ids=["the department", "that above it", "the whole organisation", "another"],
    )
    def test_who_sees_it(self, officer: Client, department: str | None, sees: bool) -> None:
        seen = sent(officer)
        other = client_of(person("hoa", "officer", department))
        assert other.get(LIST).context["cl"].result_count == sees
        codes = {"change": 200, "state": 200, "rejected": 200, "undo": 200, "confirm": 405, "history": 200}
        results = {}
        for name in self.PAGES:
            answer: Any = other.get(of(seen, name))
            results[name] = answer.status_code
            if answer.streaming:
                b"".join(answer.streaming_content)
        # Whatever the id, a GET of `confirm` is 405.
        assert results == codes if sees else all(code in (302, 404, 405) for code in results.values()), results

    @pytest.mark.parametrize("department", ["markets", "trade", None])
    def test_nobody_else_confirms_it(self, officer: Client, department: str | None) -> None:
        seen = sent(officer)
        other = client_of(person("hoa", "officer", department))
        assert "lan may confirm it." in page(other.get(of(seen)))
        assert told(confirm(other, seen)) == ["Only the user who sent the file may confirm it."]
        assert not Revision.objects.exists()

    def test_a_viewer_confirms_nothing(self, officer: Client) -> None:
        seen = sent(officer)
        assert len(told(confirm(client_of(person("binh", "viewer", "markets")), seen))) == 1
        assert not Revision.objects.exists()

    def test_it_is_worked_on_in_the_name_and_with_the_duties_of_the_person(self, officer: Client) -> None:
        seen = sent(officer, HEADER + "sales,city,2024-01,5\nrevenue,city,2024-01,5\n", mode="right")
        confirm(officer, seen)
        [row] = Revision.objects.select_related("measurement__indicator")
        assert (row.measurement.indicator.code, row.posted_by) == ("sales", "admin lan")
        made = Import.objects.get(confirms=seen)
        assert (made.department, made.address) == (Indicator.objects.get(code="sales").department, "127.0.0.1")

    def test_confirming_asks_for_the_token_of_the_form(self, officer: Client) -> None:
        seen = sent(officer)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies.update(officer.cookies)
        assert strict.post(of(seen, "confirm")).status_code == 403
        assert Import.objects.count() == 1


def test_the_list_of_figures_leads_to_it(officer: Client) -> None:
    shown = page(officer.get(reverse("admin:indicators_measurement_changelist")))
    assert reverse("admin:indicators_measurement_import_file") in shown
    viewer = client_of(person("binh", "viewer", "markets"))
    assert "Import a file" not in page(viewer.get(reverse("admin:indicators_measurement_changelist")))
    assert "Import a file" not in page(viewer.get(LIST))


def test_what_the_worker_could_not_do_is_told_in_ones_language(officer: Client) -> None:
    batch = factories.batch(department="markets")
    imports.fail_import(batch=batch, error=ValidationProblem("invalid-csv"), by=factories.BY, now=clock.now())
    shown = page(officer.get(of(batch), headers={"Accept-Language": "vi"}))
    assert "Đã dừng: Tệp CSV không đọc được." in shown


def test_looking_and_confirming_are_on_record(officer: Client) -> None:
    seen = sent(officer)
    confirm(officer, seen)
    entries = AuditEntry.objects.filter(kind="indicators.import").order_by("pk")
    assert [entry.verb for entry in entries] == ["created", "created", "recorded"]
    assert [entry.actor for entry in entries] == ["admin lan"] * 3
    assert entries[1].after["confirms"] == str(seen.pk)
    assert page(officer.get(of(Import.objects.get(confirms=seen), "history")))
    assert not ImportProblem.objects.exists()
