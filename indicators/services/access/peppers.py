"""Peppers: secrets outside the database that go into the hashes of API keys."""

import hashlib
import hmac
from typing import NamedTuple

from django.conf import settings


class Pepper(NamedTuple):
    """`name` is stored with each key. It identifies the pepper and does not reveal its value."""

    name: str
    value: str


def current_pepper() -> Pepper:
    return _make_pepper(settings.KEY_PEPPER)


def pepper_by_name(name: str) -> Pepper:
    """The former pepper with this name, else the current one. With an unknown name no secret will match."""
    old_peppers = {pepper.name: pepper for pepper in map(_make_pepper, settings.OLD_KEY_PEPPERS)}
    # Keys without a pepper name are older than the names: they were hashed with the oldest pepper, the last listed.
    return old_peppers.get(name) or (
        _make_pepper(settings.OLD_KEY_PEPPERS[-1]) if not name and old_peppers else current_pepper()
    )


def is_configured(name: str) -> bool:
    """Whether keys whose pepper has this name can work."""
    return not name or pepper_by_name(name).name == name


def hash_secret(secret: str, pepper: Pepper | None = None) -> str:
    """HMAC-SHA256 in hex. A slow hash is not needed: secrets have 200 random bits and cannot be guessed."""
    return hmac.new((pepper or current_pepper()).value.encode(), secret.encode(), hashlib.sha256).hexdigest()


def _make_pepper(value: str) -> Pepper:
    return Pepper(hmac.new(value.encode(), b"name", hashlib.sha256).hexdigest()[:8], value)
