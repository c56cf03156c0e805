"""API keys: issuing, recognising, revoking."""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from indicators.models import ApiKey, Department
from kpitracker.lib.actor import ALL_SCOPES, Actor
from kpitracker.lib.errors import Invalid
from kpitracker.lib.texts import text

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


class Issued(NamedTuple):
    """`secret` is the whole key, `kpi_<prefix>_<secret>`: it is shown now and never again."""

    key: ApiKey
    secret: str


@transaction.atomic
def issue(
    *,
    scopes: Collection[str],
    by: Actor,
    now: datetime,
    department: Department | None = None,
    name: str = "",
    rate: int = 600,
    expires_at: datetime | None = None,
) -> Issued:
    """A new key. Raises `Invalid` for a scope that does not exist, or none at all, and for an end in the past."""
    if not scopes or set(scopes) - set(ALL_SCOPES):
        known = ", ".join(sorted(ALL_SCOPES))
        raise Invalid("invalid-choice", text(f"Scopes are: {known}.", f"Các quyền: {known}."), pointer="/scopes")
    if expires_at is not None and expires_at <= now:
        raise Invalid("invalid-date", text("It has expired already.", "Đã hết hạn."), pointer="/expires_at")
    prefix, secret = _random(8), _random(40)
    key = ApiKey.objects.create(
        prefix=prefix,
        digest=digest(secret),
        name=name,
        department=department,
        scopes=sorted(scopes),
        rate=rate,
        created_at=now,
        expires_at=expires_at,
    )
    return Issued(key, f"kpi_{prefix}_{secret}")


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def digest(secret: str) -> str:
    """HMAC-SHA256 with the pepper, which is not in the database. A slow hash protects guessable secrets; 200 bits are none."""
    return hmac.new(settings.KEY_PEPPER.encode(), secret.encode(), hashlib.sha256).hexdigest()


def recognise(token: str, now: datetime) -> ApiKey | None:
    """The valid key that a token is, else None, whatever is wrong with it."""
    kind, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "kpi" or not secret or not token.isascii() or len(token) > 100:
        return None
    key = ApiKey.objects.select_related("department").filter(prefix=prefix).first()
    # Compared also when there is no such prefix, so that time tells nothing.
    same = hmac.compare_digest(digest(secret), key.digest if key else "0" * 64)
    return key if key and same and key.is_valid(now) else None


def note_use(key: ApiKey, now: datetime) -> None:
    """Kept to the minute: a write at every request would make readers into writers."""
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def revoke(*, key: ApiKey, by: Actor, now: datetime) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)
