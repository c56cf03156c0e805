"""Supervisor in this process, with the signals that a program in a terminal gets."""

import os
import signal
import time
from contextlib import suppress

from supervisor.medusa.asyncore_25 import ExitNow
from supervisor.options import ServerOptions
from supervisor.states import SupervisorStates
from supervisor.supervisord import Supervisor

from kpitracker.env import ROOT
from kpitracker.run.parent_death import parent_was_interrupted

STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP}


class Service(Supervisor):  # type: ignore[misc]
    """A supervisor that starts its programs at once; the original waits a second."""

    def runforever(self) -> None:
        for group in sorted(self.process_groups.values()):
            group.transition()
        super().runforever()


class Options(ServerOptions):  # type: ignore[misc]
    """Supervisor's options, with a service that stops on SIGHUP and at once on a second signal."""

    stopping_since = 0.0

    def __init__(self, under_make: bool) -> None:
        super().__init__()
        self.under_make = under_make

    def setsignals(self) -> None:
        hangup = signal.getsignal(signal.SIGHUP)
        super().setsignals()
        # Under nohup the service survives the end of the terminal.
        if hangup is signal.SIG_IGN:
            signal.signal(signal.SIGHUP, hangup)

    def get_signal(self) -> int | None:
        """The next signal for supervisor, which asks about once a second."""
        number: int | None = super().get_signal()
        if number is None and self.mood == SupervisorStates.RUNNING and self.under_make and parent_was_interrupted():
            number = signal.SIGINT
        if number not in STOP_SIGNALS:
            return number
        if not self.stopping_since:
            # The terminal may be gone.
            with suppress(OSError):
                print("\nkpitracker: stopping (again to stop at once)", flush=True)
            self.stopping_since = time.monotonic()
        # One Ctrl-C can arrive twice, directly and through make.
        elif time.monotonic() - self.stopping_since > 0.5:
            for pid in self.pidhistory:
                os.kill(pid, signal.SIGKILL)
        # Supervisor would restart on SIGHUP.
        return signal.SIGTERM


def supervise(under_make: bool) -> None:
    """Keep the programs of supervisord.conf alive until a signal asks to stop, then stop them in order."""
    options = Options(under_make)
    options.realize(["-c", str(ROOT / "supervisord.conf")])
    options.first, options.test = True, False
    try:
        Service(options).main()
    except ExitNow:
        options.close_httpservers()
