"""Log lines: one event is one line, and no line contains a key or a secret."""

import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime

# The id of the request that is served, "" outside requests.
current_request_id: ContextVar[str] = ContextVar("request_id", default="")

SECRET_PATTERN = re.compile(r"kpi_\w+|whsec_[\w+/=-]+|(?<=Bearer )[^\s\"',]+", re.IGNORECASE)
# Control characters, C1 included (terminals obey them), line separators and changes of the writing direction.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class OneLineFormatter(logging.Formatter):
    """Formats `2026-11-21T08:00:00.123Z INFO name [request id] text`, with a traceback on the same line."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        time = f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
        parts = [record.getMessage()]
        # A refused request has a cause, not a fault: its traceback would let any caller fill the log.
        if record.exc_info and not record.name.startswith("django.security"):
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(record.stack_info)
        name = current_request_id.get()
        text = "\n".join(parts)
        return one_line(f"{time} {record.levelname} {record.name} {f'[{name}] ' if name else ''}{text}")


def one_line(text: str) -> str:
    """Mask keys, and escape every character that could forge a line or control a terminal."""
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), SECRET_PATTERN.sub("***", text))
