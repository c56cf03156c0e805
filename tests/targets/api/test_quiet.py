"""`quiet` through every door of the API and the admin: who may say it, what the answer says, and who gets mail."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from indicators.importing import jobs
from indicators.models import Import, Revision
from kpitracker.lib import clock
from kpitracker.lib.outbound import mail_files
from targets.models import Alert
from targets.services.assessment import assess
from tasks.delivery import send_due_deliveries
from tests import factories
from tests.admin_support import client_of, person
from tests.mailbox import read_mailbox
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

YESTERDAY = str(clock.today() - timedelta(days=1))
FIGURE = {"indicator": "sales", "area": "city", "period": "2024", "value": "900", "published": YESTERDAY}
NDJSON = {"Content-Type": "application/x-ndjson"}
NO_HISTORY = ["figures:write", "read"]


@pytest.fixture
def api(tmp_path: Path, settings: Any) -> Api:
    settings.EMAIL_FILE_PATH, settings.EMAIL_BACKEND = tmp_path, mail_files.BACKEND
    settings.UPLOADS_DIR = settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "uploads")
    Path(settings.UPLOADS_DIR).mkdir()
    factories.world()
    factories.figure("sales", "2024", 1300, published="2025-01-20")
    return api_of()


def sent_mails() -> int:
    assess.process_series_changes(now=clock.now())
    send_due_deliveries()
    return len(read_mailbox(settings.EMAIL_FILE_PATH))


def test_a_figure_dated_yesterday_gives_one_alert_and_one_mail(api: Api) -> None:
    assert sent_mails() == 0
    assert api.post("measurements/", FIGURE).ok(201)["quiet"] is False
    assert (sent_mails(), Alert.objects.count()) == (1, 1)


def test_a_quiet_one_gives_none_and_the_next_loud_figure_tells_it(api: Api) -> None:
    assert api.post("measurements/?quiet=true", FIGURE).ok(201)["quiet"] is True
    assert (sent_mails(), Alert.objects.count()) == (0, 0)
    assert api.post("measurements/", FIGURE | {"value": "899"}).ok(201)["quiet"] is False
    assert (sent_mails(), Alert.objects.count()) == (1, 1)


def answer_of(api: Api, door: str, query: str, status: int) -> Any:
    """What a door says of a figure that breaks the target."""
    if door == "single":
        return api.post(f"measurements/{query}", FIGURE).ok(status)
    if door == "batch":
        return api.post(f"measurements/batch/{query}", [FIGURE]).ok(status)
    if door == "import":
        answer = api.post(f"measurements/batch/{query}", [FIGURE], Prefer="respond-async").ok(status)
        jobs.run_due_imports(now=clock.now, seconds=9)
        return api.get(f"imports/{answer['id']}/").ok()
    row = Revision.objects.get()
    return api.post(f"measurements/{row.measurement_id}/withdraw/{query}", {"reason": "Wrong"}).ok(status)


@pytest.mark.parametrize(
    ("door", "status"),
    [("single", 201), ("batch", 200), ("import", 202), ("withdraw", 201)],
    ids=["a single post", "a batch", "a long import", "a withdrawal"],
)
@pytest.mark.parametrize(
    ("query", "quiet"),
    [("", False), ("?quiet=false", False), ("?quiet=true", True)],
    ids=["nothing said", "not quiet", "quiet"],
)
def test_every_door_says_whether_anyone_is_told(api: Api, door: str, status: int, query: str, quiet: bool) -> None:
    assert answer_of(api, door, query, status)["quiet"] is quiet
    assert Revision.objects.latest("number").quiet is quiet
    pk = Revision.objects.latest("number").measurement_id
    assert [row["quiet"] for row in api.rows(f"measurements/{pk}/history/")] == [True, quiet]
    assert sent_mails() == (0 if quiet or door == "withdraw" else 1)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        pytest.param("measurements/", FIGURE | {"published": str(clock.today())}, id="a single post"),
        pytest.param("measurements/batch/", [FIGURE | {"published": str(clock.today())}], id="a batch"),
        pytest.param("measurements/{figure}/withdraw/", {"reason": "Wrong"}, id="a withdrawal"),
        pytest.param("imports/{batch}/undo/", {}, id="an undo"),
    ],
)
def test_it_needs_the_scope_for_history(api: Api, path: str, body: Any) -> None:
    batch = api.post("measurements/batch/?quiet=true", [FIGURE | {"period": "2024-02"}]).ok()["import"]
    path = path.format(batch=batch, figure=Revision.objects.latest("number").measurement_id)
    caller = api_of("statistics", NO_HISTORY) if "undo" not in path else api_of(None, NO_HISTORY)
    caller.post(f"{path}?quiet=true", body).problem(403, "insufficient-scope")
    assert not Revision.objects.filter(value=None).exists()
    assert caller.post(path, body).status in (200, 201)


def test_a_dry_run_of_the_admin_keeps_the_tick_for_the_import(api: Api) -> None:
    client = client_of(person("lan", "officer", "statistics"))
    content = f"indicator,area,period,value,published\nsales,city,2024,900,{YESTERDAY}\n"
    data = {
        "locale": "",
        "mode": "all",
        "end": "end",
        "quiet": "on",
        "file": SimpleUploadedFile("f.csv", content.encode()),
    }
    client.post(reverse("admin:indicators_import_upload"), data)
    dry_run = Import.objects.get()
    client.post(reverse("admin:indicators_import_confirm", args=[dry_run.pk]))
    batch = Import.objects.get(confirms=dry_run)
    assert (dry_run.quiet, batch.quiet, batch.created + batch.revised) == (True, True, 1)
    assert sent_mails() == 0
    client.post(reverse("admin:indicators_import_undo", args=[batch.pk]), {"quiet": "on"})
    batch.refresh_from_db()
    assert (batch.undo or {})["quiet"] is True


@pytest.mark.parametrize(("tick", "mails"), [({"quiet": "on"}, 0), ({}, 1)], ids=["ticked", "not ticked"])
def test_the_form_of_a_figure_has_the_tick(api: Api, tick: dict[str, str], mails: int) -> None:
    client = client_of(person("lan", "officer", "statistics"))
    path = reverse("admin:indicators_measurement_add")
    target = Revision.objects.get().measurement
    fields = {"indicator": target.indicator_id, "area": target.area_id, "period": "2024", "value": "900", **tick}
    page = client.post(path, fields | {"published": YESTERDAY}, follow=True).content.decode()
    assert ("No one is notified of it." in page) is bool(tick)
    assert sent_mails() == mails


def test_a_viewer_of_no_history_sees_no_way_to_be_quiet_in_lists(api: Api) -> None:
    api.get("measurements/?quiet=true").problem(400, "unknown-parameter")
