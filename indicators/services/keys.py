"""API keys: issue, authenticate, rotate, revoke."""

import hmac
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from indicators.models import ApiKey, Department
from indicators.services import peppers
from kpitracker.lib import writing
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope, operator
from kpitracker.lib.addresses import check_networks, contained
from kpitracker.lib.audit import notes
from kpitracker.lib.errors import Conflict, Invalid, NotPermitted
from kpitracker.lib.prepared import prepared
from kpitracker.lib.texts import text

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
LIFETIME = timedelta(days=365)
OVERLAP = timedelta(days=7)
UNUSED = timedelta(days=90)


class Issued(NamedTuple):
    """`secret` is the whole key, `kpi_<prefix>_<secret>`. It is shown only once."""

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
    addresses: Sequence[str] = (),
    replaces: ApiKey | None = None,
    within: ApiKey | None = None,
) -> Issued:
    """Issue a key, valid for a year unless `expires_at` is given. `rate`: requests a minute, 0 for no limit.

    `issuing_key`: the key that issues it; its limits also apply to the new key. Raises `Invalid` for unknown or missing
    scopes, `admin` for a department, an expiry in the past and invalid addresses; `NotPermitted` (insufficient-scope,
    address-not-allowed) for more rights than the issuer has.
    """
    if not scopes or set(scopes) - set(ALL_SCOPES):
        known = ", ".join(sorted(ALL_SCOPES))
        raise Invalid("invalid-choice", text(f"Scopes are: {known}.", f"Các quyền: {known}."), pointer="/scopes")
    if department is not None and Scope.ADMIN in scopes:
        detail = text("admin is for the whole organisation.", "Quyền admin chỉ dành cho toàn tổ chức.")
        raise Invalid("invalid-choice", detail, pointer="/scopes")
    if expires_at is not None and expires_at <= now:
        raise Invalid("invalid-date", text("It has expired already.", "Đã hết hạn."), pointer="/expires_at")
    _check_own(set(scopes), department, by)
    networks = check_networks(addresses, "/addresses")
    end = expires_at or now + LIFETIME
    if within is not None:
        end = min(end, within.expires_at or end)
        rate = min(rate or within.rate, within.rate) if within.rate else rate
        networks = _within(networks, within)
    prefix, secret = _random(8), _random(40)
    key = ApiKey(
        prefix=prefix,
        digest=peppers.digest(secret),
        pepper=peppers.current().name,
        name=name,
        department=department,
        scopes=sorted(scopes),
        rate=rate,
        addresses=networks,
        created_at=now,
        expires_at=end,
        replaces=replaces,
    )
    _insert(key)
    notes.note(by=by, verb="issued", row=key, after=notes.snapshot(key))
    return Issued(key, f"kpi_{prefix}_{secret}")


def _insert(key: ApiKey) -> None:
    writing.hold_named(key, {"department"})
    key.save(force_insert=True)


def _check_own(scopes: set[str], department: Department | None, by: Actor) -> None:
    """Callers can grant only scopes that they have, and only to their own department and those below it."""
    if more := sorted(scopes - by.scopes):
        raise NotPermitted(
            "insufficient-scope", text(f"You lack the scope {more[0]}.", f"Bạn không có quyền {more[0]}.")
        )
    if by.department is None:
        return
    if department is None or department.pk not in Department.objects.family(by.department):
        raise NotPermitted(
            detail=text("Only keys of your own department and those below it.", "Chỉ khóa của đơn vị mình và cấp dưới.")
        )


def _within(networks: list[str], key: ApiKey) -> list[str]:
    """Check that the networks lie within those of the issuing key. Without networks, return those of that key."""
    outside = [each for each in networks if key.addresses and not contained(each, key.addresses)]
    if outside:
        raise NotPermitted(
            "address-not-allowed",
            text(f"{outside[0]} lies outside your own networks.", f"{outside[0]} nằm ngoài dải của bạn."),
        )
    return networks or list(key.addresses)


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def recognise(token: str, now: datetime) -> ApiKey | None:
    """The valid key for this token, else None."""
    kind, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if kind != "kpi" or not secret or not token.isascii() or len(token) > 100:
        return None
    key: ApiKey | None = next(iter(_with_prefix(prefix)), None)
    pepper = peppers.of(key.pepper if key else "")
    # Compare also when the prefix is unknown, so that the response time does not reveal it.
    same = hmac.compare_digest(peppers.digest(secret, pepper), key.digest if key else "0" * 64)
    if key is None or not same or not key.is_valid(now):
        return None
    if pepper != peppers.current():
        # The secret is available only now, so the hash is replaced by one with the current pepper.
        with suppress(DatabaseError), transaction.atomic():
            fresh = peppers.current().name
            ApiKey.objects.filter(pk=key.pk).update(digest=peppers.digest(secret), pepper=fresh)
            notes.note(
                by=operator("pepper"), verb="changed", row=key, before={"pepper": key.pepper}, after={"pepper": fresh}
            )
    return key


@prepared
def _with_prefix(prefix: str) -> QuerySet[Any]:
    return ApiKey.objects.select_related("department").filter(prefix=prefix).order_by()


def note_use(key: ApiKey, now: datetime) -> None:
    """Store the time of use, at most once a minute: otherwise every read request would write."""
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        # Reads must still work when the database refuses writes.
        with suppress(DatabaseError), transaction.atomic():
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


@transaction.atomic
def rotate(
    *, key: ApiKey, by: Actor, now: datetime, overlap: timedelta = OVERLAP, within: ApiKey | None = None
) -> Issued:
    """Issue a key like this one with the same lifetime. The old key expires after the overlap.

    Raises `Conflict` (in-use) when the key is not valid or already has a live successor.
    """
    locked = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if not locked.is_valid(now) or locked.successors.filter(revoked_at=None, expires_at__gt=now).exists():
        raise Conflict(
            "in-use", text("The key is not valid or has been replaced.", "Khóa không còn hiệu lực hoặc đã được thay.")
        )
    fresh = issue(
        scopes=locked.scopes,
        by=by,
        now=now,
        department=locked.department,
        name=locked.name,
        rate=locked.rate,
        addresses=locked.addresses,
        expires_at=now + (locked.expires_at - locked.created_at) if locked.expires_at else None,
        replaces=locked,
        within=within,
    )
    before, end = locked.expires_at, now + overlap
    locked.expires_at = end if before is None else min(before, end)
    locked.save(update_fields=["expires_at"])
    notes.note(
        by=by,
        verb="rotated",
        row=locked,
        before={"expires_at": str(before)},
        after={"expires_at": str(locked.expires_at), "successor": fresh.key.prefix},
    )
    return fresh


@transaction.atomic
def revoke(*, key: ApiKey, by: Actor, now: datetime) -> None:
    """Revoke the key at once. Revoking it again changes nothing."""
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        notes.note(by=by, verb="revoked", row=key, after={"revoked_at": str(now)})


@transaction.atomic
def note_exposure(*, token: str, by: Actor, now: datetime) -> None:
    """Record that a key was sent in a URL, which proxies log, so that its owner sees it."""
    key = recognise(token, now)
    if key is None:
        return
    fresh = key.exposed_at is None
    ApiKey.objects.filter(pk=key.pk).update(exposed_at=now)
    if fresh:
        # The entry carries the department of the key, so that this department can see it.
        notes.note(
            by=by._replace(department=key.department_id), verb="exposed", row=key, after={"exposed_at": str(now)}
        )


def worries(key: ApiKey, now: datetime) -> list[str]:
    """Warnings for the owner of the key, as slugs: key-exposed, key-expires-soon, key-unused."""
    found = []
    if key.exposed_at:
        found.append("key-exposed")
    if key.expires_at and now < key.expires_at < now + timedelta(days=30):
        found.append("key-expires-soon")
    if (key.last_used_at or key.created_at) < now - UNUSED and key.is_valid(now):
        found.append("key-unused")
    return found
