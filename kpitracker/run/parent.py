"""Processes that end with the one that started them, however that one ends."""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Have the kernel send us a signal when our parent dies, kill -9 included; it survives exec, not fork.

    `parent` is its process id where we know it: it may have died before we got here. Linux only; elsewhere a
    killed supervisor leaves its children behind.
    """
    if not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def parent_was_interrupted() -> bool:
    """Whether our parent make is handling a SIGINT, which it does not pass on: it waits for us to end.

    A terminal sends Ctrl-C to both; who signals only make would wait for ever. Inside its handler the signal is
    blocked.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return False
    blocked = next((line for line in status.splitlines() if line.startswith("SigBlk:")), "SigBlk: 0")
    return bool(int(blocked.split()[1], 16) & 1 << signal.SIGINT - 1)
