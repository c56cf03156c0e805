"""Child processes that end with their parent, even when the parent is killed."""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Have the kernel send this process a signal when its parent dies, also by kill -9. It survives exec, not fork.

    `parent` is the process id of the parent, if known: the parent may have died before this call. Linux only; on
    other systems a killed supervisor leaves its children behind.
    """
    if not sys.platform.startswith("linux"):
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def parent_was_interrupted() -> bool:
    """Whether the parent, make, is handling a SIGINT. Make does not forward it: it waits for this process to end.

    A terminal sends Ctrl-C to both processes. A signal sent to make alone would otherwise never stop the service.
    Make blocks the signal while its handler runs, which /proc shows.
    """
    try:
        status = Path(f"/proc/{os.getppid()}/status").read_text()
    except OSError:
        return False
    blocked = next((line for line in status.splitlines() if line.startswith("SigBlk:")), "SigBlk: 0")
    return bool(int(blocked.split()[1], 16) & 1 << signal.SIGINT - 1)
