"""What cannot be meant is refused in one sentence that names the variable, and no sentence shows a password."""

from pathlib import Path

import pytest

from tests.project.test_settings import PRODUCTION
from tests.settings_starts import Outcome, SettingsStart, outcomes_of

PASSWORD = "hunter2-hunter2"

LISTS = {
    "OLD_KEY_PEPPERS": "an-old-pepper",
    "ALLOWED_HOSTS": "kpi.example.gov",
    "CSRF_TRUSTED_ORIGINS": "https://kpi.example.gov",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "WEBHOOK_ALLOWED_HOSTS": "bus.city.gov",
    "CHAT_PLACES": "team=https://chat.example.gov/hook",
}

# sentence, variables, and what the refusal begins with
WRONG: list[tuple[str, dict[str, str], str]] = [
    ("a flag in a word that is none", {"DEBUG": "banana"}, "DEBUG must be yes or no, not 'banana'."),
    ("a flag in another language", {"BEHIND_PROXY": "ja"}, "BEHIND_PROXY must be yes or no"),
    ("a flag that is a number but 0 and 1", {"UNSAFE_DATABASE": "2"}, "UNSAFE_DATABASE must be yes or no"),
    ("a demo that may be", {"DEMO": "maybe"}, "DEMO must be yes or no, not 'maybe'."),
    ("an access log on Sundays", {"ACCESS_LOG": "sundays"}, "ACCESS_LOG must be yes or no"),
    ("new secrets perhaps", {"NEW_SECRETS": "perhaps"}, "NEW_SECRETS must be yes or no"),
    ("an unknown environment", {"ENVIRONMENT": "prod"}, "ENVIRONMENT must be local or production, not 'prod'."),
    ("an unknown level", {"LOG_LEVEL": "LOUD"}, "LOG_LEVEL must be DEBUG or INFO"),
    ("an unknown language", {"LANGUAGE_CODE": "fr"}, "LANGUAGE_CODE must be vi or en, not 'fr'."),
    ("a port that is a word", {"PORT": "http"}, "PORT must be a number from 1 to 65535"),
    ("threads in letters", {"WEB_THREADS": "abc"}, "WEB_THREADS must be a whole number from 1 to 64, not 'abc'."),
    ("no thread at all", {"WEB_THREADS": "0"}, "WEB_THREADS must be a whole number"),
    ("half a process", {"WEB_WORKERS": "1.5"}, "WEB_WORKERS must be a whole number"),
    ("digits of another script", {"WEB_WORKERS": "٢"}, "WEB_WORKERS must be a whole number"),
    ("a connection kept for minus one", {"CONN_MAX_AGE": "-1"}, "CONN_MAX_AGE must be a whole number"),
    ("a connection kept for a word", {"CONN_MAX_AGE": "long"}, "CONN_MAX_AGE must be a whole number"),
    ("a number as the language writes it", {"ACTION_REMINDER_DAYS": "1.000"}, "ACTION_REMINDER_DAYS must be a whole"),
    ("a number longer than any", {"SECURE_HSTS_SECONDS": "9" * 5000}, "SECURE_HSTS_SECONDS must be a whole"),
    ("sweeps without a pause", {"SWEEP_SECONDS": "0"}, "SWEEP_SECONDS must be a number of seconds from 0.1 to 60"),
    ("sweeps at no number", {"SWEEP_SECONDS": "nan"}, "SWEEP_SECONDS must be a number of seconds"),
    ("sweeps rarer than the service watches", {"SWEEP_SECONDS": "3600"}, "SWEEP_SECONDS must be a number"),
    ("a time zone of no place", {"TIME_ZONE": "Asia/Atlantis"}, "TIME_ZONE must be a time zone such as"),
    ("a time zone that is a folder", {"TIME_ZONE": "Asia"}, "TIME_ZONE must be a time zone"),
    ("a time zone outside its folder", {"TIME_ZONE": "../../etc/passwd"}, "TIME_ZONE must be a time zone"),
    ("a database that is no address", {"DATABASE_URL": "garbage"}, "DATABASE_URL must be postgres://"),
    ("another kind of database", {"DATABASE_URL": "mysql://u@h/n"}, "DATABASE_URL must be postgres://"),
    ("a database without its name", {"DATABASE_URL": "postgres://u@h"}, "DATABASE_URL must be postgres://"),
    ("a database at a port of letters", {"DATABASE_URL": f"postgres://u:{PASSWORD}@h:x/n"}, "DATABASE_URL must be"),
    ("a file that depends on where one stands", {"DATABASE_URL": "sqlite:///here.db"}, "DATABASE_URL must be"),
    ("a broker that is no address", {"REDIS_URL": "garbage"}, "REDIS_URL must begin with redis:// or"),
    ("another kind of broker", {"REDIS_URL": "amqp://h"}, "REDIS_URL must begin with redis:// or"),
    ("a broker without a host", {"REDIS_URL": "redis://"}, "REDIS_URL must be redis://host:6379/0"),
    ("a broker at a port beyond all", {"REDIS_URL": f"redis://:{PASSWORD}@h:70000"}, "REDIS_URL is not a valid"),
    ("uploads under nothing", {"UPLOADS_DIR": "/nowhere/at/all"}, "UPLOADS_DIR: the folder /nowhere/at/all cannot"),
    ("uploads under a file", {"UPLOADS_DIR": "/etc/passwd/uploads"}, "UPLOADS_DIR: the folder"),
    ("uploads where one stands", {"UPLOADS_DIR": "uploads"}, "UPLOADS_DIR must be a path from the root"),
    ("data in a file", {"DATA_DIR": "/etc/passwd"}, "DATA_DIR: the folder /etc/passwd cannot be made: File exists."),
    ("data under a file", {"DATA_DIR": "/etc/passwd/data"}, "DATA_DIR: the folder"),
    ("a host with its scheme", {"ALLOWED_HOSTS": "https://kpi.example.gov"}, "ALLOWED_HOSTS: 'https://kpi"),
    ("a host with its port", {"ALLOWED_HOSTS": "kpi.example.gov:8000"}, "ALLOWED_HOSTS: 'kpi.example.gov:8000' is"),
    ("hosts without a comma", {"ALLOWED_HOSTS": "a.example b.example"}, "ALLOWED_HOSTS: 'a.example b.example' is"),
    ("an origin without its scheme", {"CSRF_TRUSTED_ORIGINS": "kpi.example.gov"}, "CSRF_TRUSTED_ORIGINS: 'kpi"),
    ("an origin with a path", {"CSRF_TRUSTED_ORIGINS": "https://a.example/x"}, "CSRF_TRUSTED_ORIGINS: 'https"),
    ("proxies in a network with bits of a host", {"TRUSTED_PROXIES": "10.0.0.1/8"}, "TRUSTED_PROXIES: 10.0.0.1/8 has"),
    ("a proxy by name", {"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES: 'proxy' does not appear to be"),
    ("a receiver with its port", {"WEBHOOK_ALLOWED_HOSTS": "bus.city.gov:8080"}, "WEBHOOK_ALLOWED_HOSTS: 'bus.city"),
    ("receivers, one wrong", {"WEBHOOK_ALLOWED_HOSTS": "bus.city.gov,10.0.0.1/8"}, "WEBHOOK_ALLOWED_HOSTS: 10.0.0.1/8"),
    ("chats without names", {"CHAT_PLACES": f"slack://{PASSWORD}"}, "CHAT_PLACES: name=scheme://… is expected"),
    ("mail by an unknown way", {"EMAIL_URL": f"smtps://u:{PASSWORD}@h"}, "EMAIL_URL must begin with smtp:// or"),
    ("mail by no way", {"EMAIL_URL": "mail.example.gov"}, "EMAIL_URL must begin with smtp:// or"),
    ("mail with a sign not escaped", {"EMAIL_URL": f"smtp://u:#{PASSWORD}@h"}, "EMAIL_URL"),
    ("mail with a question", {"EMAIL_URL": f"smtp://u:{PASSWORD}?@h"}, "EMAIL_URL"),
    ("mail at a port of letters", {"EMAIL_URL": f"smtp+tls://u:{PASSWORD}@h:x"}, "EMAIL_URL is not a valid address"),
    ("mail at port 0", {"EMAIL_URL": "smtp://h:0"}, "EMAIL_URL is not a valid address"),
    ("mail with a broken escape", {"EMAIL_URL": f"smtp://u:{PASSWORD}%zz@h"}, "EMAIL_URL holds a % that"),
    (
        "mail to a console",
        {"EMAIL_URL": "console:"},
        "EMAIL_URL must begin with smtp:// or smtp+tls:// or smtp+ssl://, or be file:",
    ),
    ("mail with a user only", {"EMAIL_URL": "smtp+tls://user@h"}, "EMAIL_URL must have both a user and a password"),
    ("mail to no host", {"EMAIL_URL": f"smtp://u:{PASSWORD}@"}, "EMAIL_URL must be scheme://user:password@host:port"),
    ("alerts to no address", {"ALERT_EMAIL": "leaders"}, "ALERT_EMAIL must be an e-mail address"),
    ("the audit to two addresses", {"AUDIT_EMAIL": "a@example.gov, b@example.gov"}, "AUDIT_EMAIL must be an e-mail"),
    ("a sender of two lines", {"DEFAULT_FROM_EMAIL": "KPI\nBcc: x <a@b.gov>"}, "DEFAULT_FROM_EMAIL must be an e-mail"),
    ("links that begin with a name", {"PUBLIC_URL": "kpi.example.gov"}, "PUBLIC_URL must begin with http:// or https"),
    ("links to no host", {"PUBLIC_URL": "https://"}, "PUBLIC_URL must be an address such as"),
    ("signs of life by mail", {"HEARTBEAT_URL": "mailto:a@b.gov"}, "HEARTBEAT_URL must begin with http:// or"),
    *[
        (f"{where} in the list {name}", {name: parts}, f"{name} holds an empty value: remove the comma")
        for name, value in LISTS.items()
        for where, parts in {
            "nothing before a comma": f" ,{value}",
            "nothing behind a comma": f"{value},",
            "nothing between two commas": f"{value}, ,{value}",
            "only a comma": ",",
        }.items()
    ],
    ("a secret with a blank behind it", {"KEY_PEPPER": f"{PASSWORD} "}, "KEY_PEPPER begins or ends with a blank."),
    ("a secret with a line end", {"SECRET_KEY": f"{PASSWORD}\n"}, "SECRET_KEY begins or ends with a blank."),
]
UNSAFE: list[tuple[str, dict[str, str], str]] = [
    ("no secret", {"SECRET_KEY": ""}, "SECRET_KEY must be set, with 32 random characters at least"),
    ("a short secret", {"SECRET_KEY": "Wq8-kT3vZr5_xNb7YfLm2CdHs9JpGa4"}, "SECRET_KEY must be set"),
    ("a secret of one letter", {"SECRET_KEY": "s" * 60}, "SECRET_KEY must be set, with 32 random characters"),
    ("no pepper", {"KEY_PEPPER": ""}, "KEY_PEPPER must be set"),
    ("a pepper of two letters", {"KEY_PEPPER": "ab" * 30}, "KEY_PEPPER must be set"),
    ("one value for both", {"KEY_PEPPER": PRODUCTION["SECRET_KEY"]}, "SECRET_KEY and KEY_PEPPER must be different"),
    ("pages with source", {"DEBUG": "yes"}, "DEBUG must be off when ENVIRONMENT=production."),
    ("a database that forgets", {"UNSAFE_DATABASE": "yes"}, "UNSAFE_DATABASE must be off"),
    ("no host", {"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the hosts"),
    ("every host", {"ALLOWED_HOSTS": "kpi.example.gov, *"}, "ALLOWED_HOSTS must name the hosts"),
    ("no proxy that speaks https", {"BEHIND_PROXY": "no"}, "BEHIND_PROXY or TRUSTED_PROXIES must be set"),
    ("no mail server", {"EMAIL_URL": ""}, "EMAIL_URL must name the mail server when ENVIRONMENT=production"),
    ("no address for alerts", {"ALERT_EMAIL": ""}, "ALERT_EMAIL must be set when ENVIRONMENT=production"),
]
ROWS = [*WRONG, *((sentence, PRODUCTION | change, complaint) for sentence, change, complaint in UNSAFE)]


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    sentences = [sentence for sentence, _, _ in ROWS]
    assert len(set(sentences)) == len(sentences)
    return dict(zip(sentences, outcomes_of([SettingsStart(variables) for _, variables, _ in ROWS]), strict=True))


@pytest.mark.parametrize("sentence, complaint", [(row[0], row[2]) for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_start_is_refused_in_one_sentence(sentence: str, complaint: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[sentence]

    assert outcome.status == 1, outcome
    assert outcome.errors.startswith(complaint)
    assert len(outcome.errors.splitlines()) == 1
    assert len(outcome.errors) < 400 or sentence == "a number longer than any"
    assert PASSWORD not in outcome.errors


SECRETS = ("secret_key", "key_pepper")


def used_folder(folder: Path, *, of: str = "kpitracker.sqlite3", secrets: tuple[str, ...] = SECRETS) -> Path:
    """A data folder in which a service has run, as far as the settings see it."""
    (folder / "secrets").mkdir(parents=True)
    (folder / of).touch()
    for name in secrets:
        (folder / "secrets" / name).write_text(f"{name}-Wq8kT3vZr5xNb7YfLm2CdHs9JpGa4uXyZ0123456789")
    return folder


def start(folder: Path, **variables: str) -> Outcome:
    code = "print(settings.SECRET_KEY, settings.KEY_PEPPER)"
    (outcome,) = outcomes_of([SettingsStart({"DATA_DIR": str(folder), **variables}, code)])
    return outcome


def test_on_an_empty_folder_secrets_are_made_once_and_no_two_are_the_same(tmp_path: Path) -> None:
    first, second = start(tmp_path).output.split(), start(tmp_path).output.split()

    assert first == second
    assert len(set(first)) == 2
    assert all(len(secret) >= 40 for secret in first)


@pytest.mark.parametrize("kept", [(), ("secret_key",), ("key_pepper",)], ids=str)
@pytest.mark.parametrize("trace", ["kpitracker.sqlite3", "sweeps"])
def test_lost_secrets_of_a_used_folder_are_named_and_not_made_again(
    kept: tuple[str, ...], trace: str, tmp_path: Path
) -> None:
    folder = used_folder(tmp_path / "data", of=trace, secrets=kept)
    lost = next(name for name in SECRETS if name not in kept)

    outcome = start(folder)

    assert outcome.status == 1
    assert outcome.errors.startswith(f"{lost.upper()} is lost: {folder}/secrets/{lost} is missing")
    assert len(outcome.errors.splitlines()) == 1
    assert sorted(path.name for path in (folder / "secrets").iterdir()) == sorted(kept)
    # On purpose it goes on, and what was there stays.
    made = start(folder, NEW_SECRETS="yes")
    assert made.status == 0
    assert all(any(word.startswith(name) for word in made.output.split()) for name in kept)
    assert start(folder).output == made.output


@pytest.mark.parametrize("content", ["", "\n", "short", "\0" * 100], ids=["empty", "a line end", "cut off", "zeros"])
def test_a_damaged_secret_is_not_used(content: str, tmp_path: Path) -> None:
    folder = used_folder(tmp_path / "data")
    (folder / "secrets" / "key_pepper").write_text(content)

    outcome = start(folder)

    assert outcome.status == 1
    assert outcome.errors.startswith(f"{folder}/secrets/key_pepper is damaged: restore it from the backup.")
    assert len(outcome.errors.splitlines()) == 1


def test_secrets_that_are_given_are_not_looked_for_in_the_folder(tmp_path: Path) -> None:
    folder = used_folder(tmp_path / "data", secrets=())

    assert start(folder, SECRET_KEY="given", KEY_PEPPER="given too").output == "given given too\n"
