"""After a restore nothing is sent before somebody has looked."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from indicators.models import AccountEmail
from indicators.services.access import user_accounts
from kpitracker.lib import clock
from kpitracker.lib.models import CommitSequence
from kpitracker.lib.models.audit import AuditEntry
from targets.models import Delivery
from targets.services.assessment import assess
from targets.services.notifications import pause
from tasks import restore_guard, sweep
from tests import factories
from tests.admin_support import administrator

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def breach(value: int = 900) -> None:
    if not Delivery.objects.exists():
        factories.world()
    factories.figure("sales", "2024", value)
    assess.process_series_changes(now=clock.now())


def restore(sweeps: int) -> None:
    """The database as it was so many sweeps ago, with a message that has been sent since."""
    CommitSequence.objects.filter(name="sweeps").update(value=sweeps)


def test_a_database_that_has_gone_back_in_time_sends_nothing_until_it_is_released() -> None:
    for _ in range(3):
        sweep.run_sweep()
    breach()
    restore(2)
    assert sweep.run_sweep().messages == 0
    assert pause.is_paused()
    assert sweep.run_sweep().messages == 0
    pause.resume_delivery(by=factories.BY, now=clock.now())
    assert sweep.run_sweep().messages == 1
    assert sweep.run_sweep().messages == 0


def test_one_that_goes_on_is_not_held() -> None:
    for _ in range(3):
        breach()
        sweep.run_sweep()
    assert not pause.is_paused()


def test_another_database_in_the_same_folder_is_not_a_restored_one() -> None:
    for _ in range(3):
        sweep.run_sweep()
    CommitSequence.objects.filter(name="database").update(value=1)
    restore(1)
    breach()
    assert sweep.run_sweep().messages == 1


def test_a_new_machine_remembers_nothing_and_is_held_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    breach()
    call_command("delivery", "pause")
    assert "Delivery is paused: 1 messages and 0 account e-mails wait." in capsys.readouterr().out
    assert sweep.run_sweep().messages == 0
    call_command("delivery", "resume", "--skip")
    assert "1 messages and 0 account e-mails are skipped." in capsys.readouterr().out
    assert sweep.run_sweep().messages == 0
    assert Delivery.objects.get().state == "dropped"


def test_letters_wait_too_and_what_comes_after_a_skip_is_sent() -> None:
    pause.pause_delivery(by=factories.BY)
    user_accounts.invite_user(by=factories.BY, now=clock.now(), username="lan", email="lan@example.org", role="viewer")
    assert sweep.run_sweep().messages == 0
    pause.resume_delivery(by=factories.BY, now=clock.now(), skip=True)
    assert AccountEmail.objects.get().state == "failed"
    breach()
    assert sweep.run_sweep().messages == 1


def test_what_was_decided_is_in_the_audit() -> None:
    breach()
    pause.pause_delivery(by=factories.BY)
    pause.resume_delivery(by=factories.BY, now=clock.now(), skip=True)
    last = AuditEntry.objects.filter(kind="lib.commitsequence").latest("pk")
    assert (last.before, last.after) == (
        {"paused": True}, {"paused": False, "skipped": True, "deliveries": 1, "account_emails": 0}
    )  # fmt: skip


def test_a_folder_that_cannot_be_written_stops_nothing(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "missing"
    breach()
    assert sweep.run_sweep().messages == 1


def test_it_is_released_on_a_page_of_the_admin() -> None:
    breach()
    pause.pause_delivery(by=factories.BY)
    client = administrator()
    page = reverse("admin:targets_delivery_changelist")
    assert "Delivery is paused" in client.get(page).content.decode()
    form = client.get(reverse("admin:targets_delivery_resume"))
    assert "1 messages" in form.content.decode()
    assert pause.is_paused()
    assert client.post(reverse("admin:targets_delivery_resume"), {"choice": "send"}).status_code == 302
    assert not pause.is_paused()
    assert client.get(reverse("admin:targets_delivery_resume")).status_code == 403


def test_nobody_else_releases_it() -> None:
    from kpitracker.lib.errors import Forbidden

    with pytest.raises(Forbidden):
        pause.resume_delivery(by=factories.BY._replace(scopes=frozenset()), now=clock.now())
    assert restore_guard.is_sending_allowed()
