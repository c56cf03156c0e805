"""A real mail server on loopback, which refuses as long as a test likes."""

import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from kpitracker.env import ROOT
from tests.processes import free_port

# Of localhost, and its own authority.
CERTIFICATE = ROOT / "tests" / "data" / "localhost.pem"


class Mailbox:
    """`taken` and `refused` are the messages in their order, `recipients` to whom those taken go; down, nobody listens on its port.

    `scheme` as in EMAIL_URL; with a `login`, a user and a password, no one else may send.
    """

    def __init__(self, scheme: str = "smtp", login: tuple[str, str] | None = None) -> None:
        self.scheme, self.login = scheme, login
        self.taken, self.refused, self.refuse = list[EmailMessage](), list[EmailMessage](), False
        self.recipients = list[list[str]]()
        self.port = free_port()
        self._controller: Controller | None = None

    def up(self) -> None:
        options: dict[str, Any] = {}
        if self.scheme != "smtp":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            options["ssl_context" if self.scheme == "smtp+ssl" else "tls_context"] = context
            options["require_starttls"] = self.scheme == "smtp+tls"
        if self.login:
            options |= {"auth_required": True, "auth_require_tls": self.scheme == "smtp+tls"}
            options["authenticator"] = self._authenticate
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        assert self.login
        # Not handled: the server says so to the client.
        return AuthResult(handled=False, success=(data.login.decode(), data.password.decode()) == self.login)

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
