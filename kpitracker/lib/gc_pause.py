"""Pausing the garbage collector while many small objects without cycles are created."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pause_count = 0


@contextmanager
def gc_paused() -> Iterator[None]:
    """Pause the garbage collector. With 100,000 rows in memory it scans all of them repeatedly, which more than doubles
    the time of a batch. Several threads may pause it at once; it resumes after the last one.
    """
    global _pause_count
    with _lock:
        _pause_count += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _pause_count -= 1
            if not _pause_count:
                gc.enable()
