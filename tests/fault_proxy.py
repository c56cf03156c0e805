"""A line between client and server on which answers get lost after the server has done its work."""

import random
import socket
import threading
from types import TracebackType
from urllib.parse import urlsplit


class FaultProxy:
    """One request a connection; `every` is the share of answers that are cut off before their first byte."""

    def __init__(self, server: str, every: float, seed: int = 7) -> None:
        address = urlsplit(server)
        self.server, self.every, self.killed = (address.hostname, address.port), every, 0
        self.chance = random.Random(seed)  # noqa: S311 (the same losses every time)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self) -> "FaultProxy":
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # shutdown() first: closing a socket on which another thread waits wakes nobody.
        self.listening.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listening.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listening.accept()
            except OSError:
                return
            with client, socket.create_connection(self.server) as server:
                server.sendall(client.recv(65536))
                answer = b"".join(iter(lambda: server.recv(65536), b""))
                if self.chance.random() < self.every:
                    self.killed += 1
                else:
                    client.sendall(answer)
                client.shutdown(socket.SHUT_RDWR)
