"""A real mail server on loopback, which refuses as long as a test likes."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.processes import free_port


class Mailbox:
    """`taken` and `refused` are the messages in their order, `recipients` to whom those taken go; down, nobody listens on its port."""

    def __init__(self) -> None:
        self.taken, self.refused, self.refuse = list[EmailMessage](), list[EmailMessage](), False
        self.recipients = list[list[str]]()
        self.port = free_port()
        self._controller: Controller | None = None

    def up(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def down(self) -> None:
        if self._controller:
            self._controller.stop()
        self._controller = None

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        """Called by the server."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        (self.refused if self.refuse else self.taken).append(message)
        if self.refuse:
            return "451 try again later"
        self.recipients.append(envelope.rcpt_tos)
        return "250 OK"


def part(message: EmailMessage, kind: str) -> str:
    """Its text as `plain` or `html`."""
    result = message.get_body((kind,))
    assert result is not None
    return str(result.get_content())
