"""When somebody is told."""

import pytest

from targets.domain.alerting import Reason, Told, reason_to_tell
from targets.domain.vocabulary import WORRYING, Status

AT_RISK, OFF_TRACK, MISSED = Status.AT_RISK, Status.OFF_TRACK, Status.MISSED


@pytest.mark.parametrize(
    ("before", "status", "reason"),
    [
        pytest.param(None, "at_risk", "first", id="the first status is worrying"),
        pytest.param("on_track", "at_risk", "first", id="it becomes at risk"),
        pytest.param("no_data", "off_track", "first", id="it becomes off track"),
        pytest.param("met", "missed", "first", id="a revision makes it missed"),
        pytest.param("missed", "at_risk", "first", id="another worrying status without an open alert"),
        pytest.param("at_risk", "at_risk", "none", id="it stays what it was"),
        pytest.param("at_risk", "on_track", "none", id="it recovers and nothing is open"),
        pytest.param("on_track", "no_data", "none", id="its result never came"),
        pytest.param(None, "met", "none", id="the first status is good"),
    ],
)
def test_nothing_is_open(before: str | None, status: str, reason: str) -> None:
    known = None if before is None else Status(before)
    assert reason_to_tell(status=Status(status), told=None, before=known) == reason


@pytest.mark.parametrize(
    ("told", "status", "reason"),
    [
        pytest.param(AT_RISK, "at_risk", "none", id="at risk again"),
        pytest.param(AT_RISK, "off_track", "worse", id="at risk, then off track"),
        pytest.param(AT_RISK, "missed", "worse", id="at risk, then missed"),
        pytest.param(OFF_TRACK, "missed", "worse", id="off track, then missed"),
        pytest.param(OFF_TRACK, "at_risk", "none", id="better, and still worrying"),
        pytest.param(MISSED, "missed", "none", id="missed again"),
        pytest.param(AT_RISK, "on_track", "recovered", id="back on track"),
        pytest.param(MISSED, "met", "recovered", id="a revision makes it met"),
        pytest.param(OFF_TRACK, "no_data", "recovered", id="a figure was withdrawn"),
    ],
)
def test_an_alert_is_open(told: Status, status: str, reason: str) -> None:
    assert reason_to_tell(status=Status(status), told=Told(told)) == reason


@pytest.mark.parametrize("status", Status)
def test_told_once_is_told(status: Status) -> None:
    if reason_to_tell(status=status, told=None) == Reason.FIRST:
        assert reason_to_tell(status=status, told=Told(status), before=status) == Reason.NONE


def test_severity_orders_what_is_worrying() -> None:
    assert AT_RISK.severity < OFF_TRACK.severity < MISSED.severity
    assert {status for status in Status if status.severity} == WORRYING
