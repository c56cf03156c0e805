"""One bounded POST to an address that somebody else has chosen.

No client library: they look names up again when they connect, follow redirects, ask proxies of the environment, and
count a time-out for each packet, so that a receiver who drips holds them for ever.
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

TRY = 10.0  # seconds of wall clock for one try, from looking the name up to the last byte of the answer
_TEXT = 1.0  # of these for the text of an answer whose status is known: nobody waits for the end of a drip
_TEXT_BYTES = 1000


class NoAnswer(Exception):
    """Nobody there, or nobody who answers in time; the text says which, for people."""


class Answer(NamedTuple):
    """`text` is the beginning of the body, for people; `retry_after` the header as it came."""

    status: int
    text: str
    retry_after: str | None


class Deadline:
    """A moment by which all must be done."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises `TimeoutError` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("No time left.")
        return left

    def shorten(self, seconds: float) -> None:
        self._end = min(self._end, time.monotonic() + seconds)


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Collection[str], seconds: float = TRY
) -> Answer:
    """Send it and say what was answered; a redirect is an answer, and followed by nobody.

    Raises `guard.Blocked` before any connection, `NoAnswer` after at most `seconds`.
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
    """The one look-up of a try. In a thread, since no resolver can be told when to give up."""
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
    """A line to the first of these very addresses where somebody is; encrypted under the name, for https."""
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
    """What comes in on a connection, each piece by the deadline."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._connection, self._deadline = connection, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.left())
        return self._connection.recv_into(buffer)


class _Line:
    """A connection whose every read and write ends by the deadline, with the methods that `http.client` asks for."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection, self.deadline = connection, deadline

    def sendall(self, data: bytes) -> None:
        # Python counts the time-out of sendall, and of the handshake of TLS, over the whole call.
        self._connection.settimeout(self.deadline.left())
        self._connection.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self._connection, self.deadline))

    def close(self) -> None:
        """Nothing: it is called once the headers are there, and the text comes after them."""


def _ask(line: _Line, destination: Destination, body: bytes, headers: Mapping[str, str]) -> Answer:
    asking = http.client.HTTPConnection(destination.host, destination.port)
    asking.auto_open = 0  # it would look the name up
    asking.sock = cast("socket.socket", line)
    told = {"Host": destination.authority, "User-Agent": "kpitracker", "Connection": "close", **headers}
    asking.request("POST", destination.target, body, told)
    answer = asking.getresponse()
    line.deadline.shorten(_TEXT)
    read = b""
    # The status says it all; of the text we take what comes.
    with suppress(OSError, http.client.HTTPException):
        while len(read) < _TEXT_BYTES and (more := answer.read1(_TEXT_BYTES - len(read))):
            read += more
    text = "".join(each for each in read.decode("utf-8", "replace") if each.isprintable() or each == "\n")
    return Answer(answer.status, text, answer.headers.get("Retry-After"))
