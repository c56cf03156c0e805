"""Typed values from environment variables. A wrong value is refused in one sentence that names its variable.

No sentence shows the value of a variable that may hold a password.
"""

import os
import re
from collections.abc import Collection, Sequence
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from zoneinfo import ZoneInfo

import environ

from kpitracker.env import StartRefused

_FLAGS = {"yes": True, "true": True, "on": True, "1": True, "no": False, "false": False, "off": False, "0": False}
_HOST = re.compile(r"\*|\[[0-9A-Fa-f:.]+\]|\.?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", re.ASCII)
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_SENDER = re.compile(r"[^@\s<>]+@[^@\s<>]+|[^<>\r\n]*<[^@\s<>]+@[^@\s<>]+>")
SECRET_LENGTH, SECRET_VARIETY = 32, 10
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def read_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def read_choice(name: str, choices: Collection[str], default: str) -> str:
    value = read_text(name, default)
    if value not in choices:
        raise StartRefused(f"{name} must be {' or '.join(choices)}, not {value!r}.")
    return value


def read_flag(name: str, default: bool = False) -> bool:
    value = read_text(name).lower()
    if value and value not in _FLAGS:
        raise StartRefused(f"{name} must be yes or no, not {value!r}.")
    return _FLAGS.get(value, default)


def read_integer(name: str, default: int, least: int, most: int) -> int:
    text = read_text(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
        raise StartRefused(f"{name} must be a whole number from {least} to {most}, not {text!r}.")
    return int(text)


def read_seconds(name: str, default: float, least: float, most: float) -> float:
    text = read_text(name, str(default))
    if not (re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text, re.ASCII) and least <= float(text) <= most):
        raise StartRefused(f"{name} must be a number of seconds from {least:g} to {most:g}, not {text!r}.")
    return float(text)


def read_list(name: str, default: Sequence[str] = ()) -> list[str]:
    """The values between commas, without the blanks around them. An empty or blank variable is not set.

    Raises `StartRefused` for an empty value between others: what should stand there is lost, such as a pepper.
    """
    text = os.environ.get(name, "")
    values = [value.strip() for value in text.split(",")]
    if not text.strip():
        return list(default)
    if not all(values):
        raise StartRefused(f"{name} holds an empty value: remove the comma that nothing follows or precedes.")
    return values


def read_hosts(name: str, default: Sequence[str]) -> list[str]:
    hosts = read_list(name, default)
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise StartRefused(f"{name}: {host!r} is not a host name such as kpi.example.gov, without scheme and port.")
    return hosts


def read_networks(name: str, default: Sequence[str] = ()) -> list[str]:
    networks = read_list(name, default)
    for network in networks:
        check_network(name, network)
    return networks


def check_network(name: str, network: str) -> None:
    try:
        ip_network(network)
    except ValueError as error:
        raise StartRefused(f"{name}: {error}.") from error


def read_origins(name: str) -> list[str]:
    origins = read_list(name)
    for origin in origins:
        if not re.fullmatch(r"https?://[^/\s?#@]+", origin):
            raise StartRefused(f"{name}: {origin!r} is not an origin such as https://kpi.example.gov.")
    return origins


def read_web_url(name: str, default: str = "") -> str:
    """An address that begins with http:// or https://, without a slash at its end."""
    url = read_text(name, default)
    if url and not _split_url(name, url, ("http", "https")).hostname:
        raise StartRefused(f"{name} must be an address such as https://kpi.example.gov.")
    return url.rstrip("/")


def read_email(name: str) -> str:
    address = read_text(name)
    if address and not _EMAIL.fullmatch(address):
        raise StartRefused(f"{name} must be an e-mail address such as stats@example.gov, not {address!r}.")
    return address


def read_sender(name: str, default: str) -> str:
    sender = read_text(name, default)
    if not _SENDER.fullmatch(sender):
        raise StartRefused(f"{name} must be an e-mail address, or Name <address>, not {sender!r}.")
    return sender


def read_time_zone(name: str, default: str) -> str:
    zone = read_text(name, default)
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise StartRefused(f"{name} must be a time zone such as {default}, not {zone!r}.") from error
    return zone


def read_folder(name: str, default: Path) -> Path:
    """A folder, which is made when the folder above it exists."""
    text = read_text(name)
    folder = Path(text or default)
    if not folder.is_absolute():
        raise StartRefused(f"{name} must be a path from the root such as /var/lib/uploads, not {text!r}.")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StartRefused(f"{name}: the folder {folder} cannot be made: {error.strerror}.") from error
    return folder


def check_secret(name: str, value: str) -> None:
    if value != value.strip():
        raise StartRefused(f"{name} begins or ends with a blank. Remove it, or choose another value.")
    if len(value) < SECRET_LENGTH or len(set(value)) < SECRET_VARIETY:
        raise StartRefused(
            f"{name} must be set, with {SECRET_LENGTH} random characters at least, when ENVIRONMENT=production."
        )


def read_broker_url(name: str, default: str) -> str:
    url = read_text(name, default)
    parts = _split_url(name, url, ("redis", "rediss", "unix"))
    if not (parts.path if parts.scheme == "unix" else parts.hostname):
        raise StartRefused(f"{name} must be redis://host:6379/0 or unix:///path?db=0.")
    return url


def read_database(name: str, file: Path) -> dict[str, object]:
    """Django's description of the database; without the variable that of the SQLite file."""
    url = read_text(name)
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file)}
    hint = f"{name} must be postgres://user:password@host/name or sqlite:////path/of/the/file."
    if url.partition("://")[0] not in ("postgres", "postgresql", "sqlite"):
        raise StartRefused(hint)
    try:
        database: dict[str, object] = environ.Env.db_url_config(url)
    except ValueError as error:
        raise StartRefused(hint) from error
    path = str(database["NAME"])
    if not path or (url.startswith("sqlite") and path != ":memory:" and not Path(path).is_absolute()):
        raise StartRefused(hint)
    return database


def read_mail_server(name: str) -> dict[str, object]:
    """Django's settings of the mail server: `smtp://`, `smtp+tls://` (STARTTLS) or `smtp+ssl://`.

    Empty when mail goes to files: without the variable, or with `file:`.
    """
    url = read_text(name)
    if url in ("", "file:"):
        return {}
    parts = _split_url(name, url, tuple(MAIL_PORTS), or_file=True)
    if _BROKEN_ESCAPE.search(url):
        raise StartRefused(f"{name} holds a % that two hexadecimal digits do not follow: escape % itself as %25.")
    # A # or ? of a password that is not escaped would cut the address off in the middle.
    if not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise StartRefused(
            f"{name} must be scheme://user:password@host:port. Escape signs in user and password: %40 for @, %23 for #."
        )
    if bool(parts.username) != bool(parts.password):
        raise StartRefused(f"{name} must have both a user and a password, or neither.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or MAIL_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }


def _split_url(name: str, url: str, schemes: Sequence[str], *, or_file: bool = False) -> SplitResult:
    """The parts of an address. Refuses other schemes, white space, and a port that is no number.

    `or_file`: whether the message names `file:` as another value that may be set.
    """
    try:
        parts = urlsplit(url)
        has_valid_port = parts.port != 0
    except ValueError:
        has_valid_port = False
    if not has_valid_port:
        raise StartRefused(f"{name} is not a valid address: a port is a number from 1 to 65535.")
    if parts.scheme not in schemes or re.search(r"\s", url):
        beginnings = " or ".join(f"{scheme}://" for scheme in schemes)
        raise StartRefused(f"{name} must begin with {beginnings}{', or be file:' if or_file else ''}.")
    return parts
