"""Peppers: secrets outside the database that go into the hashes of API keys."""

import hashlib
import hmac
from typing import NamedTuple

from django.conf import settings


class Pepper(NamedTuple):
    """`name` is stored with each key. It identifies the pepper and does not reveal its value."""

    name: str
    value: str


def current() -> Pepper:
    return _named(settings.KEY_PEPPER)


def of(name: str) -> Pepper:
    """The former pepper with this name, else the current one. With an unknown name no secret will match."""
    known = {each.name: each for each in map(_named, settings.OLD_KEY_PEPPERS)}
    # Keys without a pepper name are older than the names: they were hashed with the oldest pepper, the last listed.
    return known.get(name) or (_named(settings.OLD_KEY_PEPPERS[-1]) if not name and known else current())


def digest(secret: str, pepper: Pepper | None = None) -> str:
    """HMAC-SHA256 in hex. A slow hash is not needed: secrets have 200 random bits and cannot be guessed."""
    return hmac.new((pepper or current()).value.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _named(value: str) -> Pepper:
    return Pepper(hmac.new(value.encode(), b"name", hashlib.sha256).hexdigest()[:8], value)
