"""A receiver of webhooks that takes its time, refuses some messages once, and has things killed while it holds one."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple
from uuid import UUID

WORK = 0.02  # seconds that it takes to look at a message
REFUSED = 0.05  # of all messages, when they come for the first time
SEED = 20240401


class Kill(NamedTuple):
    """`after` so many different messages were taken; `refused`: the one that is held then is refused."""

    after: int
    program: str
    refused: bool


def plan(programs: list[str], kills: int, messages: int) -> list[Kill]:
    """Spread over the messages from a tenth of them to nine tenths; half of them fall on a refusal."""
    step = 0.8 * messages / kills
    return [
        # The programs go round, and each is killed with and without a refusal.
        Kill(int(0.1 * messages + step * number), programs[number % len(programs)], number // len(programs) % 2 == 0)
        for number in range(kills)
    ]


class Listener:
    """`killing` is called by the thread that holds a message: the sender waits for its answer meanwhile.

    A message is refused (500) at its first coming only, so that none has to wait for the third try, five minutes later.
    """

    def __init__(self, kills: list[Kill], killing: Callable[[str], None], share: float = REFUSED) -> None:
        self.accepted, self.came, self.refusals = list[UUID](), Counter[UUID](), 0
        self.errors, self.held = list[BaseException](), 0
        self._kills, self._killing, self._share = list(kills), killing, share
        self._random = random.Random(SEED)  # noqa: S311 (the same refusals every time)
        self._lock = threading.Lock()
        self._stopped, self._taken = threading.Event(), threading.Condition(self._lock)
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(listener.hear(UUID(self.headers["webhook-id"])))
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Who asked is dead: nobody reads the answer."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def __enter__(self) -> "Listener":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def killed_all(self) -> bool:
        return not self._kills and not self.held

    @property
    def different(self) -> set[UUID]:
        return set(self.accepted)

    @property
    def repeats(self) -> int:
        """Copies that were taken once more."""
        return len(self.accepted) - len(self.different)

    def at_next(self, program: str) -> None:
        """Kill it while the next message is held."""
        self._kills.append(Kill(0, program, False))

    def wait_for(self, messages: int, seconds: float) -> bool:
        """Whether so many different ones were taken by then."""
        with self._taken:
            return self._taken.wait_for(lambda: len(self.different) >= messages, seconds)

    def hear(self, message: UUID) -> int:
        """The status to answer with."""
        kill = None
        with self._lock:
            self.held += 1
            self.came[message] += 1
            first = self.came[message] == 1
            refused = first and self._random.random() < self._share
            if self._kills and len(self.different) >= self._kills[0].after and (first or not self._kills[0].refused):
                kill = self._kills.pop(0)
                refused = refused or kill.refused
        try:
            if kill:
                self._killing(kill.program)
            self._stopped.wait(WORK)
        except BaseException as error:
            self.errors.append(error)
            raise
        finally:
            with self._lock:
                self.held -= 1
                self.refusals += refused
                if not refused:
                    self.accepted.append(message)
                    self._taken.notify_all()
        return 500 if refused else 204
