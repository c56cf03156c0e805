"""Mail that was written to files."""

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path


def read_mailbox(folder: Path | str) -> list[EmailMessage]:
    """All messages, the oldest first."""
    contents = [path.read_bytes() for path in Path(folder).glob("*.eml")]
    messages = [email.message_from_bytes(content, _class=EmailMessage, policy=policy.default) for content in contents]
    # Ids grow with time; the names of the files only tell the second.
    return sorted(messages, key=lambda message: str(message["Message-ID"]))


def message_ids(folder: Path | str) -> set[str]:
    """The ids of all messages. After a kill a message may be written twice, under the same id."""
    return {str(message["Message-ID"]) for message in read_mailbox(folder)}


def empty_mailbox(folder: Path | str) -> None:
    for path in Path(folder).glob("*.eml"):
        path.unlink()
