"""A real receiver of webhooks on loopback, which answers, keeps silent, drips or redirects as a test likes."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

from kpitracker.env import ROOT

CERTIFICATE = ROOT / "tests" / "data" / "hook.example.org.pem"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Received(NamedTuple):
    """One request; `server_name` is what TLS asked for."""

    line: str
    headers: dict[str, str]
    body: bytes
    server_name: str | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def answering(status: int, body: str = "", **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\n{more}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode()


class Receiver:
    """`answer` is sent to every request; `behave`, if there is one, has the connection instead."""

    def __init__(self, *, tls: bool = False) -> None:
        self.received = list[Received]()
        self.answer = NO_CONTENT
        self.behave: Callable[[socket.socket, Received], None] | None = None
        self.stopped = threading.Event()
        self._changed, self._peers = threading.Condition(), list[int]()
        self._tls = _context() if tls else None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}/hook"
        self._threads = [threading.Thread(target=self._serve)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopped.set()
        # shutdown() first: closing a socket on which another thread waits wakes nobody.
        self._listening.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        self._listening.close()

    def connections_so_far(self) -> int:
        """How many there were before this call: it makes one of its own, and they are accepted in their order."""
        with socket.create_connection(("127.0.0.1", self.port)) as mine, self._changed:
            port = mine.getsockname()[1]
            assert self._changed.wait_for(lambda: port in self._peers, 300)
            self._peers.remove(port)
            return len(self._peers)

    def _serve(self) -> None:
        while True:
            try:
                connection, peer = self._listening.accept()
            except OSError:
                return
            with self._changed:
                self._peers.append(peer[1])
                self._changed.notify_all()
            thread = threading.Thread(target=self._handle, args=[connection])
            self._threads.append(thread)
            thread.start()

    def _handle(self, plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(300)
            connection = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            with connection:
                request = _read(connection)
                if request is None:
                    return
                name = getattr(self._tls, "asked_for", None)
                request = request._replace(server_name=name)
                self.received.append(request)
                if self.behave:
                    self.behave(connection, request)
                else:
                    connection.sendall(self.answer)

    def silent(self, _connection: socket.socket, _request: Received) -> None:
        """Hold the line and say nothing."""
        self.stopped.wait()

    def dripping(self, start: bytes) -> Callable[[socket.socket, Received], None]:
        """The start at once, then a byte every hundredth of a second for ever."""

        def drip(connection: socket.socket, _request: Received) -> None:
            connection.sendall(start)
            while not self.stopped.wait(0.01):
                connection.sendall(b"a")

        return drip


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.sni_callback = lambda _, name, found: setattr(found, "asked_for", name)
    return context


def _read(connection: socket.socket) -> Received | None:
    read = b""
    while b"\r\n\r\n" not in read:
        more = connection.recv(65536)
        if not more:
            return None
        read += more
    head, _, body = read.partition(b"\r\n\r\n")
    line, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rest)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65536)
    return Received(line, headers, body)
