"""What goes into the hashes of keys beside their secrets, and is not in the database."""

import hashlib
import hmac
from typing import NamedTuple

from django.conf import settings


class Pepper(NamedTuple):
    """`name` is what a key remembers of it: enough to find it again, too little to find it out."""

    name: str
    value: str


def current() -> Pepper:
    return _named(settings.KEY_PEPPER)


def of(name: str) -> Pepper:
    """The pepper of that name; the current one where a key names none that is known (then nothing will fit)."""
    known = {each.name: each for each in map(_named, settings.OLD_KEY_PEPPERS)}
    # Keys made before peppers had names were hashed with the first one there was.
    return known.get(name) or (_named(settings.OLD_KEY_PEPPERS[-1]) if not name and known else current())


def digest(secret: str, pepper: Pepper | None = None) -> str:
    """HMAC-SHA256, in hex. A slow hash protects guessable secrets; 200 bits are none."""
    return hmac.new((pepper or current()).value.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _named(value: str) -> Pepper:
    return Pepper(hmac.new(value.encode(), b"name", hashlib.sha256).hexdigest()[:8], value)
