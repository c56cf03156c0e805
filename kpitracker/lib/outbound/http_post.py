"""One POST with a time limit to an address that a user has chosen.

No client library: these resolve names again when they connect, follow redirects, use proxies of the environment, and
count a timeout for each packet, so that a slow receiver could block them for ever.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, cast

from kpitracker.lib.outbound import ssrf
from kpitracker.lib.outbound.ssrf import Destination

TRY_SECONDS = 10.0  # seconds of wall clock for one try, from name resolution to the last byte of the response
_BODY_SECONDS = 1.0  # seconds of these for the body of the response, once its status is known
_BODY_BYTES = 1000


class NoResponse(Exception):
    """The receiver could not be reached or did not respond in time; the text gives the reason for users."""


class HttpAnswer(NamedTuple):
    """`excerpt` is the beginning of the body; `retry_after` is the raw header."""

    status: int
    excerpt: str
    retry_after: str | None


class Deadline:
    """A time limit for several steps together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """The remaining seconds. Raises `TimeoutError` when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("No time left.")
        return seconds

    def shorten(self, seconds: float) -> None:
        self._end = min(self._end, time.monotonic() + seconds)


def send_post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Collection[str], seconds: float = TRY_SECONDS
) -> HttpAnswer:
    """Send a POST and return the response. Redirects are returned, not followed.

    Raises `ssrf.DestinationBlocked` before any connection, `NoResponse` after at most `seconds`.
    """
    deadline = Deadline(seconds)
    destination = ssrf.parse_destination(url, allowed)
    try:
        addresses = _resolve_name(destination, deadline)
        ssrf.check_addresses([str(address[1][0]) for address in addresses], destination, allowed)
        with _connect(addresses, destination, deadline) as connection:
            return _exchange(_DeadlineSocket(connection, deadline), destination, body, headers)
    except TimeoutError as error:
        raise NoResponse(f"No response within {seconds:g} s.") from error
    except (OSError, http.client.HTTPException) as error:
        raise NoResponse(f"{type(error).__name__}: {error}"[:300]) from error


ResolvedAddress = tuple[socket.AddressFamily, tuple[Any, ...]]


def _resolve_name(destination: Destination, deadline: Deadline) -> list[ResolvedAddress]:
    """Resolve the name once. In a thread, because a resolver has no timeout."""
    resolved: list[ResolvedAddress] = []
    errors: list[OSError] = []

    def query() -> None:
        try:
            infos = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
            resolved.extend((info[0], info[4]) for info in infos)
        except (OSError, UnicodeError) as error:
            errors.append(OSError(f"{destination.host} is not found: {error}"))

    thread = threading.Thread(target=query, name="look-up", daemon=True)
    thread.start()
    thread.join(deadline.remaining())
    if errors:
        raise errors[0]
    deadline.remaining()
    return resolved


def _connect(addresses: Sequence[ResolvedAddress], destination: Destination, deadline: Deadline) -> socket.socket:
    """Connect to the first of exactly these addresses that accepts; for https, TLS checks the name."""
    last_error: OSError | None = None
    for index, (family, address) in enumerate(addresses):
        raw_socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            raw_socket.settimeout(deadline.remaining() / (len(addresses) - index))
            raw_socket.connect(address)
            if destination.scheme == "http":
                return raw_socket
            raw_socket.settimeout(deadline.remaining())
            return ssl.create_default_context().wrap_socket(raw_socket, server_hostname=destination.host)
        except OSError as error:
            raw_socket.close()
            last_error = error
            deadline.remaining()
        except BaseException:
            raw_socket.close()
            raise
    raise last_error or OSError("No address.")


class _DeadlineReader(io.RawIOBase):
    """Reads from a connection; every read ends by the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection, self._deadline = connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.remaining())
        return self._connection.recv_into(buffer)


class _DeadlineSocket:
    """A socket whose reads and writes end by the deadline, with the methods that `http.client` needs."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self.deadline = connection, deadline

    def sendall(self, data: bytes) -> None:
        # Python applies the timeout of sendall, and of the TLS handshake, to the whole call.
        self._connection.settimeout(self.deadline.remaining())
        self._connection.sendall(data)

    def makefile(self, *_: object) -> io.BufferedReader:
        return io.BufferedReader(_DeadlineReader(self._connection, self.deadline))

    def close(self) -> None:
        """Does nothing: `http.client` calls it after the headers, and the body is read later."""


def _exchange(
    connection: _DeadlineSocket, destination: Destination, body: bytes, headers: Mapping[str, str]
) -> HttpAnswer:
    client = http.client.HTTPConnection(destination.host, destination.port)
    client.auto_open = 0  # it would resolve the name again
    client.sock = cast("socket.socket", connection)
    all_headers = {"Host": destination.authority, "User-Agent": "kpitracker", "Connection": "close", **headers}
    client.request("POST", destination.target, body, all_headers)
    response = client.getresponse()
    connection.deadline.shorten(_BODY_SECONDS)
    content = b""
    # The status decides; an error while reading the body is ignored.
    with suppress(OSError, http.client.HTTPException):
        while len(content) < _BODY_BYTES and (chunk := response.read1(_BODY_BYTES - len(content))):
            content += chunk
    excerpt = "".join(
        character for character in content.decode("utf-8", "replace") if character.isprintable() or character == "\n"
    )
    return HttpAnswer(response.status, excerpt, response.headers.get("Retry-After"))
