"""API keys: issue, authenticate, rotate, revoke."""

import hmac
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from django.db import DatabaseError, transaction

from indicators.models import ApiKey, Department
from indicators.services.access import peppers
from kpitracker.lib import crud
from kpitracker.lib.actor import ALL_SCOPES, Actor, Scope, system_actor
from kpitracker.lib.audit import log
from kpitracker.lib.db.locks_and_triggers import short_transaction
from kpitracker.lib.db.plain_sql import column_names, fetch_models
from kpitracker.lib.errors import Conflict, Forbidden, ValidationProblem
from kpitracker.lib.http.ip_networks import is_subnet_of_any, parse_networks
from kpitracker.lib.i18n.text import text

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
DEFAULT_LIFETIME = timedelta(days=365)
ROTATION_OVERLAP = timedelta(days=7)
UNUSED_AFTER = timedelta(days=90)
# Seconds that a request waits for other writers to note what the next request can note as well.
_READER_WAIT = 0.1


class IssuedKey(NamedTuple):
    """`secret` is the whole key, `kpi_<prefix>_<secret>`. It is shown only once."""

    key: ApiKey
    secret: str


@transaction.atomic
def issue_key(
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
    issuing_key: ApiKey | None = None,
) -> IssuedKey:
    """Issue a key, valid for a year unless `expires_at` is given. `rate`: requests a minute, 0 for no limit.

    `issuing_key`: the key that issues it; its limits also apply to the new key. Raises `ValidationProblem` for unknown
    or missing scopes, `admin` for a department, an expiry in the past and invalid addresses; `Forbidden`
    (insufficient-scope, address-not-allowed) for more rights than the issuer has.
    """
    _check_scopes(set(scopes), department, by)
    if expires_at is not None and expires_at <= now:
        raise ValidationProblem("invalid-date", text("It has expired already.", "Đã hết hạn."), pointer="/expires_at")
    networks = parse_networks(addresses, "/addresses")
    end = expires_at or now + DEFAULT_LIFETIME
    if issuing_key is not None:
        end = min(end, issuing_key.expires_at or end)
        rate = min(rate or issuing_key.rate, issuing_key.rate) if issuing_key.rate else rate
        networks = _restrict_networks(networks, issuing_key)
    prefix, secret = _random_text(8), _random_text(40)
    key = ApiKey(
        prefix=prefix,
        digest=peppers.hash_secret(secret),
        pepper=peppers.current_pepper().name,
        name=name,
        department=department,
        scopes=sorted(scopes),
        rate=rate,
        addresses=networks,
        created_at=now,
        expires_at=end,
        replaces=replaces,
    )
    key.check_own_part(by, ("department",))
    _insert_key(key)
    log.write_entry(by=by, verb="issued", row=key, after=log.snapshot_row(key))
    return IssuedKey(key, f"kpi_{prefix}_{secret}")


def _insert_key(key: ApiKey) -> None:
    crud.lock_referenced_rows(key, {"department"})
    key.save(force_insert=True)


def _check_scopes(scopes: set[str], department: Department | None, by: Actor) -> None:
    """Callers can grant only scopes that they have."""
    if not scopes or scopes - set(ALL_SCOPES):
        scope_names = ", ".join(sorted(ALL_SCOPES))
        raise ValidationProblem(
            "invalid-choice", text(f"Scopes are: {scope_names}.", f"Các quyền: {scope_names}."), pointer="/scopes"
        )
    if department is not None and Scope.ADMIN in scopes:
        detail = text("admin is for the whole organisation.", "Quyền admin chỉ dành cho toàn tổ chức.")
        raise ValidationProblem("invalid-choice", detail, pointer="/scopes")
    if missing_scopes := sorted(scopes - by.scopes):
        raise Forbidden(
            "insufficient-scope",
            text(f"You lack the scope {missing_scopes[0]}.", f"Bạn không có quyền {missing_scopes[0]}."),
            pointer="/scopes",
        )


def _restrict_networks(networks: list[str], issuing_key: ApiKey) -> list[str]:
    """Check that the networks lie within those of the issuing key. Without networks, return those of that key."""
    outside = [
        network
        for network in networks
        if issuing_key.addresses and not is_subnet_of_any(network, issuing_key.addresses)
    ]
    if outside:
        raise Forbidden(
            "address-not-allowed",
            text(f"{outside[0]} lies outside your own networks.", f"{outside[0]} nằm ngoài dải của bạn."),
        )
    return networks or list(issuing_key.addresses)


def _random_text(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def authenticate_key(token: str, now: datetime) -> ApiKey | None:
    """The valid key for this token, else None."""
    scheme, _, remainder = token.partition("_")
    prefix, _, secret = remainder.partition("_")
    if scheme != "kpi" or not secret or not token.isascii() or len(token) > 100:
        return None
    key = _key_with_prefix(prefix)
    pepper = peppers.pepper_by_name(key.pepper if key else "")
    # Compare also when the prefix is unknown, so that the response time does not reveal it.
    matches = hmac.compare_digest(peppers.hash_secret(secret, pepper), key.digest if key else "0" * 64)
    if key is None or not matches or not key.is_valid(now):
        return None
    if pepper != peppers.current_pepper():
        # The secret is available only now, so the hash is replaced by one with the current pepper.
        with suppress(DatabaseError), short_transaction(_READER_WAIT):
            pepper_name = peppers.current_pepper().name
            ApiKey.objects.filter(pk=key.pk).update(digest=peppers.hash_secret(secret), pepper=pepper_name)
            log.write_entry(
                by=system_actor("pepper"),
                verb="changed",
                row=key,
                before={"pepper": key.pepper},
                after={"pepper": pepper_name},
            )
    return key


def _key_with_prefix(prefix: str) -> ApiKey | None:
    """The key with its department, in plain SQL: every request reads it."""
    sql = f"""
        SELECT {column_names(ApiKey, "k")}, {column_names(Department, "d")} FROM indicators_apikey k
        LEFT JOIN indicators_department d ON d.id = k.department_id WHERE k.prefix = %s
    """  # noqa: S608  # nosec B608
    for (key, department), _ in fetch_models(sql, [prefix], ApiKey, Department):
        key._state.fields_cache["department"] = department
        return cast("ApiKey", key)
    return None


def record_use(key: ApiKey, now: datetime) -> None:
    """Store the time of use, at most once a minute: otherwise every read request would write."""
    if key.last_used_at is None or now - key.last_used_at > timedelta(minutes=1):
        # Reads must still work when the database refuses writes, and must not wait for a long writer.
        with suppress(DatabaseError), short_transaction(_READER_WAIT):
            ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


@transaction.atomic
def rotate_key(
    *, key: ApiKey, by: Actor, now: datetime, overlap: timedelta = ROTATION_OVERLAP, issuing_key: ApiKey | None = None
) -> IssuedKey:
    """Issue a key like this one with the same lifetime. The old key expires after the overlap.

    Raises `Conflict` (in-use) when the key is not valid or already has a live successor.
    """
    locked_key = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if not locked_key.is_valid(now) or locked_key.successors.filter(revoked_at=None, expires_at__gt=now).exists():
        raise Conflict(
            "in-use", text("The key is not valid or has been replaced.", "Khóa không còn hiệu lực hoặc đã được thay.")
        )
    successor = issue_key(
        scopes=locked_key.scopes,
        by=by,
        now=now,
        department=locked_key.department,
        name=locked_key.name,
        rate=locked_key.rate,
        addresses=locked_key.addresses,
        expires_at=now + (locked_key.expires_at - locked_key.created_at) if locked_key.expires_at else None,
        replaces=locked_key,
        issuing_key=issuing_key,
    )
    previous_end, overlap_end = locked_key.expires_at, now + overlap
    locked_key.expires_at = overlap_end if previous_end is None else min(previous_end, overlap_end)
    locked_key.save(update_fields=["expires_at"])
    log.write_entry(
        by=by,
        verb="rotated",
        row=locked_key,
        before={"expires_at": str(previous_end)},
        after={"expires_at": str(locked_key.expires_at), "successor": successor.key.prefix},
    )
    return successor


@transaction.atomic
def revoke_key(*, key: ApiKey, by: Actor, now: datetime) -> None:
    """Revoke the key at once. Revoking it again changes nothing. Raises `Forbidden` outside the own part."""
    key.check_own_part(by)
    if ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        log.write_entry(by=by, verb="revoked", row=key, after={"revoked_at": str(now)})


@transaction.atomic
def record_exposure(*, token: str, by: Actor, now: datetime) -> None:
    """Record that a key was sent in a URL, which proxies log, so that its owner sees it."""
    key = authenticate_key(token, now)
    if key is None:
        return
    is_first = key.exposed_at is None
    ApiKey.objects.filter(pk=key.pk).update(exposed_at=now)
    if is_first:
        # The entry carries the department of the key, so that this department can see it.
        log.write_entry(
            by=by._replace(department=key.department_id), verb="exposed", row=key, after={"exposed_at": str(now)}
        )


def key_warnings(key: ApiKey, now: datetime) -> list[str]:
    """Warnings for the owner of the key, as slugs: key-exposed, key-expires-soon, key-unused."""
    warnings = []
    if key.exposed_at:
        warnings.append("key-exposed")
    if key.expires_at and now < key.expires_at < now + timedelta(days=30):
        warnings.append("key-expires-soon")
    if (key.last_used_at or key.created_at) < now - UNUSED_AFTER and key.is_valid(now):
        warnings.append("key-unused")
    return warnings
