"""Python's collector of cycles, paused while many small things are made that have none."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_pausing = 0


@contextmanager
def paused() -> Iterator[None]:
    """With a hundred thousand rows in hand the collector looks through all of them again and again: it more than
    doubles the time of a batch. Threads may pause it side by side; it goes on after the last one.
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
