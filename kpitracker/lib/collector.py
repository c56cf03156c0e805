"""Pausing the garbage collector while many small objects without cycles are created."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pausing = 0


@contextmanager
def paused() -> Iterator[None]:
    """Pause the garbage collector. With 100,000 rows in memory it scans all of them repeatedly, which more than doubles
    the time of a batch. Several threads may pause it at once; it resumes after the last one.
    """
    global _pausing
    with _lock:
        _pausing += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pausing -= 1
            if not _pausing:
                gc.enable()
