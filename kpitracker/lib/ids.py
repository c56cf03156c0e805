"""Opaque identifiers that sort in the order in which they were made."""

import os
import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562), monotone within the process: 48 bits of milliseconds, 12 + 6 of a counter.

    Serial numbers would tell a stranger how many rows exist.
    """
    global _last
    with _lock:
        # Milliseconds and a counter of 18 bits as one number: a thousand ids in one millisecond still sort.
        # From a start and by steps of chance: plain counting would tell how many were made in between.
        stamp = ((time.time_ns() // 1_000_000) << 18) + secrets.randbelow(1 << 16)
        _last = stamp = max(stamp, _last + 1 + secrets.randbelow(64))
    milliseconds, counter = stamp >> 18, stamp & 0x3FFFF
    random = int.from_bytes(os.urandom(7), "big")
    value = milliseconds << 80 | 0x7 << 76 | (counter >> 6) << 64 | 0b10 << 62 | (counter & 0x3F) << 56 | random
    return uuid.UUID(int=value)


def uuid7s(count: int) -> list[str]:
    """So many ids at once, as 32 hexadecimal digits, in order; those of `uuid7` before and after sort around them."""
    global _last
    steps, noise = os.urandom(count), os.urandom(7 * count)
    with _lock:
        stamp = max(((time.time_ns() // 1_000_000) << 18) + secrets.randbelow(1 << 16), _last)
        stamps = [stamp := stamp + 1 + (step & 63) for step in steps]
        _last = stamp
    found = []
    for at, each in enumerate(stamps):
        high, low = (each & 0x3FFFF) >> 6, 0x80 | each & 0x3F
        random = int.from_bytes(noise[7 * at : 7 * at + 7], "big")
        found.append("%032x" % (each >> 18 << 80 | 7 << 76 | high << 64 | low << 56 | random))
    return found
