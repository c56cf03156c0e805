"""One event is one line that nobody can forge and that holds no key."""

import io
import logging
import re
import sys

import pytest
from django.core.exceptions import SuspiciousOperation

from kpitracker.lib.logs import OneLineFormatter, current_request_id

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (\w+) tests\.lines (.*)\n$")


@pytest.fixture
def log() -> logging.Logger:
    # Without a parent: pytest would keep the raw text too, and cannot pass half a character to another process.
    logger = logging.Logger("tests.lines")
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(OneLineFormatter())
    logger.addHandler(handler)
    return logger


def written(log: logging.Logger) -> str:
    """The text of the one line written."""
    handler = log.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    match = LINE.match(handler.stream.getvalue())
    assert match is not None
    return match[2]


def test_time_level_name_and_text_stand_on_one_line(log: logging.Logger) -> None:
    log.error("%s figures", 3)

    assert written(log) == "3 figures"


def test_the_request_of_the_event_is_named(log: logging.Logger) -> None:
    token = current_request_id.set("abc")
    log.error("refused")
    current_request_id.reset(token)

    assert written(log) == "[abc] refused"


@pytest.mark.parametrize("character", ["\n", "\r", "\x00", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\ud800"])
def test_no_text_ends_a_line_or_commands_a_terminal(log: logging.Logger, character: str) -> None:
    log.error("name: %s", f"a{character}ERROR all is lost")

    assert written(log) == f"name: a{character.encode('unicode_escape').decode()}ERROR all is lost"


def test_a_refused_request_leaves_no_traceback() -> None:
    record = logging.LogRecord("django.security.DisallowedModelAdminToField", logging.ERROR, "", 0, "no", None, None)
    try:
        raise SuspiciousOperation("no")
    except SuspiciousOperation:
        record.exc_info = sys.exc_info()

    assert OneLineFormatter().format(record).endswith("DisallowedModelAdminToField no")


def test_a_traceback_stays_on_the_line_of_its_event(log: logging.Logger) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        log.exception("failed")

    text = written(log)
    assert text.startswith(r"failed\nTraceback (most recent call last):\n")
    assert text.endswith(r"ValueError: first\nsecond")


@pytest.mark.parametrize(
    "text",
    ["whsec_S3cret+/=", "Bearer kpi_ab12_S3cret", "bearer S3cret", "key kpi_ab12_S3cret, and", "'KPI_ab_S3cret'"],
)
def test_a_key_never_reaches_the_log(log: logging.Logger, text: str) -> None:
    log.error("headers: %s", text)

    assert "S3cret" not in written(log)
    assert "***" in written(log)


def test_vietnamese_text_is_written_as_it_is(log: logging.Logger) -> None:
    log.error("Chỉ tiêu không đạt")

    assert written(log) == "Chỉ tiêu không đạt"
