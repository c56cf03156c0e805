"""Once a day: the head of the audit leaves the house, old records go, keys are looked at."""

import logging
from datetime import datetime, timedelta

import pytest
from django.conf import LazySettings
from django.core import mail

from indicators.services.access import api_keys
from kpitracker.lib import clock
from kpitracker.lib.audit import chain, head_exports
from kpitracker.lib.models import AuditEntry, AuditSeal, IdempotencyRecord
from tasks import housekeeping, sweep
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_heads_yet() -> None:
    head_exports.heads_file().unlink(missing_ok=True)


def test_the_sweep_seals_what_was_written() -> None:
    factories.world()
    sweep.run_sweep()
    assert AuditSeal.objects.count() == AuditEntry.objects.count() > 0


def test_heads_that_cannot_be_written_hold_no_message_up_and_are_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    factories.world()
    factories.figure("sales", "2024", 900)
    head_exports.heads_file().mkdir()
    try:
        assert sweep.run_sweep().messages == 1
    finally:
        head_exports.heads_file().rmdir()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "run_daily_housekeeping failed"
    ]

    sweep.run_sweep()
    assert head_exports.read_heads() == ([chain.current_head()], [])


def test_the_head_is_exported_once_a_day() -> None:
    factories.world()
    now = clock.now()
    for moment in (now, now, now + timedelta(days=1)):
        housekeeping.run_daily_housekeeping(now=moment)
    assert head_exports.read_heads() == ([chain.current_head()] * 2, [])


def test_the_head_is_mailed_to_whom_the_operator_trusts(settings: LazySettings) -> None:
    settings.AUDIT_EMAIL = "auditor@example.org"
    factories.world()
    housekeeping.run_daily_housekeeping(now=clock.now())
    (sent,) = mail.outbox
    assert sent.to == ["auditor@example.org"]
    assert f"verify_audit --head {chain.current_head()}" in sent.body


def test_a_mail_server_that_is_gone_holds_nothing_up(settings: LazySettings) -> None:
    settings.AUDIT_EMAIL = "auditor@example.org"
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", 1
    factories.world()
    housekeeping.run_daily_housekeeping(now=clock.now())
    assert head_exports.read_heads() == ([chain.current_head()], [])


def test_answers_kept_for_retries_go_after_a_month() -> None:
    IdempotencyRecord.objects.create(owner="a", key="b", fingerprint="c")
    housekeeping.run_daily_housekeeping(now=clock.now())
    assert IdempotencyRecord.objects.exists()
    housekeeping.run_daily_housekeeping(now=clock.now() + timedelta(days=31))
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.parametrize(
    ("day", "worry"),
    [
        pytest.param(91, "key-unused", id="not used for 90 days"),
        pytest.param(340, "key-expires-soon", id="nearly over"),
    ],
)
def test_keys_that_somebody_should_look_at_are_named(day: int, worry: str, caplog: pytest.LogCaptureFixture) -> None:
    now: datetime = clock.now()
    issued = api_keys.issue_key(scopes=["read"], by=factories.BY, now=now)
    with caplog.at_level(logging.WARNING):
        housekeeping.run_daily_housekeeping(now=now + timedelta(days=day))
    assert any(issued.key.prefix in line and worry in line for line in caplog.messages)
    assert not any(issued.secret in line for line in caplog.messages)
