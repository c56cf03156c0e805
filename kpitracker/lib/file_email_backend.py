"""Mail as files, for a service without a mail server: DATA_DIR/emails/<Message-ID>.eml."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from email import policy
from email.generator import BytesGenerator
from email.message import Message
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

POLICY = policy.SMTP.clone(utf8=True)


class EmailBackend(BaseEmailBackend):
    """A message sent again under its Message-ID, after a crash between sending and noting it, stays one file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for email in email_messages:
            message = email.message()
            write_whole(folder / file_name(str(message["Message-ID"])), as_bytes(message))
        return len(email_messages)


def file_name(message_id: str) -> str:
    """Different for different ids, and never a path: what is not plain is percent-encoded, what is long is hashed."""
    name = quote(message_id.strip().strip("<>"), safe="@+-_=")
    if len(name) > 200:
        name = hashlib.sha256(name.encode()).hexdigest()
    if name.startswith("."):
        name = f"%2E{name[1:]}"
    return f"{name}.eml"


def as_bytes(message: "Message[Any, Any]") -> bytes:
    buffer = BytesIO()
    generator: BytesGenerator[Any] = BytesGenerator(buffer, mangle_from_=False, policy=POLICY)
    generator.flatten(message)
    return buffer.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Under its name only when all of it is on the disk: a reader, or a crash, never finds half a message."""
    draft = path.with_name(f".{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        keep_names(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def keep_names(folder: Path) -> None:
    """A new name is on the disk only when its folder is: else a power cut loses mail that counts as sent."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
