"""A file of figures in My work: its values are seen before they are stored, and it can be left without a trace."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from indicators.models import Import, Measurement, Revision, User
from indicators.services.batches.import_undo import undo_batch
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Forbidden
from kpitracker.lib.models import AuditEntry
from tests import factories
from tests.admin_support import client_of, person
from tests.targets.pages.test_work import text_of

pytestmark = pytest.mark.django_db
HEADER = "indicator,period,value\n"
RIGHT = "sales,2024-03,101\nsales,2024-04,1000\n"


@pytest.fixture
def client(settings: Any, tmp_path: Path) -> Client:
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    factories.area()
    factories.department("trade")
    factories.indicator("sales", department="trade", kind="level", unit="jobs", accumulation="none", usual_high="200")
    for month in ("01", "02", "03"):
        factories.figure("sales", f"2024-{month}", 100)
    return client_of(person("lan", "officer", "trade"))


def send(client: Client, rows: str = RIGHT, language: str = "en", **fields: str) -> Any:
    file = SimpleUploadedFile("a.csv", (HEADER + rows).encode())
    return client.post(
        "/my-work/files/",
        {"file": file, "locale": "", "mode": "all", "end": "end", **fields},
        follow=True,
        headers={"Accept-Language": language},
    )


def act(client: Client, what: str) -> Any:
    return client.post(f"/my-work/files/{Import.objects.earliest('created_at').pk}/", {"act": what}, follow=True)


def test_each_value_is_shown_beside_the_one_in_force_and_nothing_is_stored(client: Client) -> None:
    answer = send(client)
    text = text_of(answer)
    assert "Nothing is stored yet. This is what would happen; confirm it below." in text
    assert "100 → 101 jobs" in text
    assert re.search(r"no value → 1,000 jobs Doubtful: .+200", text), text
    assert Revision.objects.count() == 3


def test_confirmed_it_is_stored_once(client: Client) -> None:
    send(client)
    answer = act(client, "confirm")
    assert "Done: 2 figures stored." in text_of(answer)
    assert "/undo/" in answer.content.decode()
    act(client, "confirm")
    assert [str(row.value) for row in Measurement.objects.order_by("period_start")] == ["100", "100", "101", "1000"]
    assert Revision.objects.count() == 5


def test_left_it_leaves_no_trace_of_figures(client: Client, tmp_path: Path) -> None:
    send(client)
    entries = AuditEntry.objects.count()
    assert "Nothing was stored, and the file is gone." in text_of(act(client, "leave"))
    assert list(tmp_path.iterdir()) == []
    assert (Revision.objects.count(), AuditEntry.objects.count()) == (3, entries)
    assert "Send it again" in text_of(act(client, "confirm"))
    assert Revision.objects.count() == 3


def test_what_was_confirmed_is_not_left_any_more(client: Client) -> None:
    send(client)
    act(client, "confirm")
    assert "There is nothing to confirm." in text_of(act(client, "leave"))
    assert Revision.objects.count() == 5


@pytest.mark.parametrize(
    ("language", "checked", "written", "shown"),
    [
        pytest.param("vi", "vi", "1.234,5", "100 → 1.234,5 jobs", id="Vietnamese"),
        pytest.param("en", "", "1234.5", "100 → 1,234.5 jobs", id="English"),
    ],
)
def test_the_notation_of_the_page_is_preselected(
    client: Client, language: str, checked: str, written: str, shown: str
) -> None:
    page = client.get("/my-work/", headers={"Accept-Language": language}).content.decode()
    assert re.findall(r'name="locale" value="(\w*)"[^>]* checked', page) == [checked]
    answer = send(client, f'sales,2024-03,"{written}"\n', language, locale=checked)
    assert shown in text_of(answer)


def test_wrong_rows_are_told_by_row_in_words(client: Client) -> None:
    answer = send(client, "sales,2024-13,5\nnowhere,2024-04,5\nsales,2024-05,many\n")
    text = text_of(answer)
    assert "3 of 3 rows are wrong." in text
    assert all(f"{number} {code}" in text for number, code in ((1, "sales"), (2, "nowhere"), (3, "sales")))
    assert "Store these figures" not in text
    assert Revision.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        pytest.param("a.pdf", {}, "The name has to end with one of", id="no file of figures"),
        pytest.param("a.xlsx", {}, "this is no XLSX file", id="a wrong name"),
        pytest.param("a.csv", {"end": ""}, "The file did not arrive whole.", id="cut off"),
        pytest.param("a.csv", {"mode": "some"}, "Select a valid choice.", id="an unknown choice"),
    ],
)
def test_what_is_no_file_is_refused_beside_the_field(
    client: Client, name: str, fields: dict[str, str], words: str
) -> None:
    file = SimpleUploadedFile(name, HEADER.encode())
    answer = client.post("/my-work/files/", {"file": file, "locale": "", "mode": "all", "end": "end", **fields})
    assert (answer.status_code, words in text_of(answer)) == (200, True), text_of(answer)
    assert not Import.objects.exists()


@pytest.mark.parametrize("what", ["confirm", "leave"])
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Your role may not do this."), ("vi", "Vai trò của bạn không được làm việc này.")]
)
def test_a_person_without_the_right_is_told_of_the_role_and_not_of_a_key(
    client: Client, language: str, words: str, what: str
) -> None:
    """The sender may have lost the right since."""
    send(client)
    User.objects.filter(username="lan").update(role="viewer")
    batch = Import.objects.get()
    answer = client.post(
        f"/my-work/files/{batch.pk}/", {"act": what}, follow=True, headers={"Accept-Language": language}
    )
    assert words in text_of(answer)
    assert Revision.objects.count() == 3


@pytest.mark.parametrize(
    ("person_id", "words"), [(None, "The key lacks the scope figures:write."), (1, "Your role may not do this.")]
)
def test_who_may_not_undo_reads_why(client: Client, person_id: int | None, words: str) -> None:
    send(client)
    act(client, "confirm")
    by = Actor("x", person=person_id)
    with override("en"), pytest.raises(Forbidden) as error:
        undo_batch(batch=Import.objects.get(dry_run=False), by=by, now=clock.now())
    assert (error.value.slug, str(error.value.detail)) == ("insufficient-scope", words)


def test_others_neither_send_nor_see_nor_confirm(client: Client) -> None:
    send(client)
    address = f"/my-work/files/{Import.objects.get().pk}/"
    factories.department("b")
    viewer = client_of(person("mai", "viewer", "trade"))
    assert viewer.post("/my-work/files/", {}).status_code == 403
    assert "/my-work/files/" not in viewer.get("/my-work/").content.decode()
    assert client_of(person("other", "officer", "b")).get(address).status_code == 404
    colleague = client_of(person("hoa", "officer", "trade"))
    page = text_of(colleague.get(address))
    assert "1,000" not in page
    assert "Store these figures" not in page
    for what in ("confirm", "leave"):
        colleague.post(address, {"act": what})
    assert Revision.objects.count() == 3
    assert "Store these figures" in text_of(client.get(address))


def test_the_workbook_of_the_page_can_be_sent_back(client: Client) -> None:
    factories.plan(period="2025")
    factories.target("sales", plan="plan", goal="at_least", announced=date(2024, 12, 1))
    answer: Any = client.get("/my-work/workbook/")
    book = b"".join(answer.streaming_content)
    file = SimpleUploadedFile("phieu.xlsx", book)
    answer = client.post("/my-work/files/", {"file": file, "locale": "vi", "mode": "all", "end": "end"}, follow=True)
    assert "There is no row with a figure in the file." in text_of(answer)


def test_addresses_need_a_login_a_token_and_known_parameters(client: Client) -> None:
    assert client.get("/my-work/files/")["Location"] == "/my-work/#file"
    assert Client().get("/my-work/files/")["Location"].startswith("/admin/login/")
    send(client)
    address = f"/my-work/files/{Import.objects.get().pk}/"
    assert client.get(f"{address}?q=1").status_code == 400
    strict = Client(enforce_csrf_checks=True)
    strict.cookies.update(client.cookies)
    assert strict.post(address, {"act": "confirm"}).status_code == 403
    assert Revision.objects.count() == 3
