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

from kpitracker.lib.outbound import guard
from kpitracker.lib.outbound.guard import Destination

TRY = 10.0  # seconds of wall clock for one try, from name resolution to the last byte of the response
_TEXT = 1.0  # seconds of these for the body of the response, once its status is known
_TEXT_BYTES = 1000


class NoAnswer(Exception):
    """The receiver could not be reached or did not respond in time; the text gives the reason for users."""


class Answer(NamedTuple):
    """`excerpt` is the beginning of the body; `retry_after` is the raw header."""

    status: int
    text: str
    retry_after: str | None


class Deadline:
    """A time limit for several steps together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """The remaining seconds. Raises `TimeoutError` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("No time left.")
        return left

    def shorten(self, seconds: float) -> None:
        self._end = min(self._end, time.monotonic() + seconds)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Collection[str], seconds: float = TRY
) -> Answer:
    """Send a POST and return the response. Redirects are returned, not followed.

    Raises `guard.DestinationBlocked` before any connection, `NoResponse` after at most `seconds`.
    """
    deadline = Deadline(seconds)
    destination = guard.read(url, allowed)
    try:
        addresses = _look_up(destination, deadline)
        guard.check_addresses([str(each[1][0]) for each in addresses], destination, allowed)
        with _connected(addresses, destination, deadline) as connection:
            return _ask(_Line(connection, deadline), destination, body, headers)
    except TimeoutError as error:
        raise NoAnswer(f"No answer within {seconds:g} s.") from error
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:300]) from error


Found = tuple[socket.AddressFamily, tuple[Any, ...]]


def _look_up(destination: Destination, deadline: Deadline) -> list[Found]:
    """Resolve the name once. In a thread, because a resolver has no timeout."""
    found: list[Found] = []
    failed: list[OSError] = []

    def look() -> None:
        try:
            rows = socket.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)
            found.extend((row[0], row[4]) for row in rows)
        except (OSError, UnicodeError) as error:
            failed.append(OSError(f"{destination.host} is not found: {error}"))

    thread = threading.Thread(target=look, name="look-up", daemon=True)
    thread.start()
    thread.join(deadline.left())
    if failed:
        raise failed[0]
    deadline.left()
    return found


def _connected(addresses: Sequence[Found], destination: Destination, deadline: Deadline) -> socket.socket:
    """Connect to the first of exactly these addresses that accepts; for https, TLS checks the name."""
    last: OSError | None = None
    for place, (family, address) in enumerate(addresses):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(deadline.left() / (len(addresses) - place))
            plain.connect(address)
            if destination.scheme == "http":
                return plain
            plain.settimeout(deadline.left())
            return ssl.create_default_context().wrap_socket(plain, server_hostname=destination.host)
        except OSError as error:
            plain.close()
            last = error
            deadline.left()
        except BaseException:
            plain.close()
            raise
    raise last or OSError("No address.")


class _Reader(io.RawIOBase):
    """Reads from a connection; every read ends by the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection, self._deadline = connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)


class _Line:
    """A socket whose reads and writes end by the deadline, with the methods that `http.client` needs."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self.deadline = connection, deadline

    def sendall(self, data: bytes) -> None:
        # Python applies the timeout of sendall, and of the TLS handshake, to the whole call.
        self._connection.settimeout(self.deadline.left())
        self._connection.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._connection, self.deadline))

    def close(self) -> None:
        """Does nothing: `http.client` calls it after the headers, and the body is read later."""


def _ask(line: _Line, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Answer:
    asking = http.client.HTTPConnection(destination.host, destination.port)
    asking.auto_open = 0  # it would resolve the name again
    asking.sock = cast("socket.socket", line)
    told = {"Host": destination.authority, "User-Agent": "kpitracker", "Connection": "close", **headers}
    asking.request("POST", destination.target, body, told)
    answer = asking.getresponse()
    line.deadline.shorten(_TEXT)
    read = b""
    # The status decides; an error while reading the body is ignored.
    with suppress(OSError, http.client.HTTPException):
        while len(read) < _TEXT_BYTES and (more := answer.read1(_TEXT_BYTES - len(read))):
            read += more
    text = "".join(each for each in read.decode("utf-8", "replace") if each.isprintable() or each == "\n")
    return Answer(answer.status, text, answer.headers.get("Retry-After"))
