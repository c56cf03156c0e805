"""Mail as files that people can read: one `.eml` for each message, in UTF-8 without encoded words."""

import os
from collections.abc import Sequence
from email import policy
from email.parser import BytesParser
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from kpitracker.lib import clock
from kpitracker.lib.i18n.text import text

BACKEND = f"{__name__}.EmailBackend"
# The responses that are recorded with a delivery: what has become of a message that was handed over.
ACCEPTED, WRITTEN_TO_FILE = "accepted", "written to a file"
# Not folded: a folded line of a long subject gets encoded words in the middle of a word.
_READABLE = policy.default.clone(utf8=True, cte_type="8bit", max_line_length=None, refold_source="all")


def mail_response() -> str:
    """What is recorded when a message was handed over: no one has accepted what became a file."""
    return WRITTEN_TO_FILE if settings.EMAIL_BACKEND == BACKEND else ACCEPTED


def response_in_words(response: str) -> str:
    """A recorded response in the language of the page; what a server wrote itself stays as it is."""
    words = {
        ACCEPTED: text("accepted", "đã nhận"),
        WRITTEN_TO_FILE: text("written to a file: no one received it", "ghi vào tệp: không ai nhận được"),
    }
    return str(words.get(response, response))


def readable_bytes(message: EmailMessage) -> bytes:
    """The message with its headers and texts in plain UTF-8."""
    plain = BytesParser(policy=_READABLE).parsebytes(message.message().as_bytes())
    for name, value in plain.items():
        if not name.lower().startswith("content-"):
            # A folded header begins with the blank of its second line.
            plain.replace_header(name, str(value).strip())
    for part in plain.walk():
        if part.get_content_maintype() == "text" and not part.is_attachment():
            part.set_content(part.get_content(), subtype=part.get_content_subtype(), cte="8bit")
    return plain.as_bytes()


class EmailBackend(BaseEmailBackend):
    """Writes each message to `EMAIL_FILE_PATH`, under a name that begins with its time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(exist_ok=True)
        for message in email_messages:
            name = f"{clock.now():%Y%m%d-%H%M%S}-{uuid4().hex}.eml"
            unfinished = folder / f".{name}"
            unfinished.write_bytes(readable_bytes(message))
            # A crash leaves no half message.
            os.replace(unfinished, folder / name)
        return len(email_messages)
