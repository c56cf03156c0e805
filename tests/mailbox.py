"""Mail that Django's file backend has written."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

_SEPARATOR = b"\n" + b"-" * 79 + b"\n"


def read_mailbox(folder: Path | str) -> list[EmailMessage]:
    """All whole messages, the oldest first. One that is still being written has no separator after it."""
    contents = [path.read_bytes() for path in Path(folder).glob("*.log")]
    texts = [text for content in contents for text in content.split(_SEPARATOR)[:-1]]
    messages = [email.message_from_bytes(text, _class=EmailMessage, policy=policy.default) for text in texts]
    # Ids grow with time; the names of the files only tell the second.
    return sorted(messages, key=lambda message: str(message["Message-ID"]))


def message_ids(folder: Path | str) -> set[str]:
    """The ids of all messages. After a kill a message may be written twice, under the same id."""
    return {str(message["Message-ID"]) for message in read_mailbox(folder)}


def empty_mailbox(folder: Path | str) -> None:
    for path in Path(folder).glob("*.log"):
        path.unlink()
