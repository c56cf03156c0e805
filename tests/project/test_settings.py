"""The environment decides, the documentation says so, and production starts only when it is safe."""

import re

import pytest

from kpitracker.env import ROOT
from tests.settings_starts import Outcome, SettingsStart, outcomes_of

READ = re.compile(r"""(?:\.read_\w+|environ\.get|_secret)\(\s*"([A-Z][A-Z_]+)\"""")
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "Wq8-kT3vZr5_xNb7YfLm2CdHs9JpGa4u",
    "KEY_PEPPER": "uA4_GpJ9sHdC2mLfY7bNx5rZv3Tk8qWe",
    "ALLOWED_HOSTS": "kpi.example.gov",
    "BEHIND_PROXY": "yes",
    "EMAIL_URL": "smtp+tls://user:password@host:587",
    "ALERT_EMAIL": "stats@example.gov",
}
FOR_TESTS = {"DB", "TEST_DATABASE_URL", "TEST_REDIS_URL"}


def documented() -> dict[str, list[str]]:
    """The examples of each variable in docs/settings.md."""
    rows = re.findall(r"^\| `([A-Z_]+)` \|(.+)\|$", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    return {name: re.findall("`([^`]+)`", cells.split(" | ")[1]) for name, cells in rows if name not in FOR_TESTS}


EXAMPLES = [(name, example) for name, examples in documented().items() for example in examples]


def test_every_variable_that_is_read_is_described_and_no_other() -> None:
    sources = [
        ROOT / "kpitracker" / "settings.py",
        ROOT / "kpitracker" / "env.py",
        *(ROOT / "kpitracker/run").glob("*.py"),
    ]
    read = {name for path in sources for name in READ.findall(path.read_text())}
    text = (ROOT / "docs" / "settings.md").read_text()
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))

    assert len(read) > 20
    assert described == read | FOR_TESTS
    assert [name for name, examples in documented().items() if not examples] == []


@pytest.fixture(scope="module")
def alone() -> dict[tuple[str, str], Outcome]:
    """A start with each example and nothing else, but production, which needs more."""
    starts = [SettingsStart(PRODUCTION if value == "production" else {name: value}) for name, value in EXAMPLES]
    return dict(zip(EXAMPLES, outcomes_of(starts), strict=True))


@pytest.mark.parametrize("name, value", EXAMPLES)
def test_each_documented_example_starts_the_settings(
    name: str, value: str, alone: dict[tuple[str, str], Outcome]
) -> None:
    outcome = alone[name, value]

    assert (outcome.status, outcome.errors) == (0, "")


def test_in_production_only_the_unsafe_examples_are_refused() -> None:
    names = {"DEBUG", "UNSAFE_DATABASE", "EMAIL_URL", "SECURE_HSTS_SECONDS", "ALLOWED_HOSTS", "KEY_PEPPER"}
    rows = [example for example in EXAMPLES if example[0] in names]

    outcomes = outcomes_of([SettingsStart(PRODUCTION | {name: value}) for name, value in rows])

    refused = {row for row, outcome in zip(rows, outcomes, strict=True) if outcome.status}
    assert refused == {("DEBUG", "yes"), ("UNSAFE_DATABASE", "yes")}


def test_values_reach_their_settings() -> None:
    shown = {
        ("CONN_MAX_AGE", "0"): ("settings.DATABASES['default']['CONN_MAX_AGE']", "0"),
        ("DATABASE_URL", "postgres://user@/name?host=/run/postgresql"): (
            "settings.DATABASES['default']['OPTIONS']",
            "{'host': '/run/postgresql'}",
        ),
        ("DATABASE_URL", "postgres://user:p%40ss%23@host:5433/name"): (
            "settings.DATABASES['default']['PASSWORD'], settings.DATABASES['default']['PORT']",
            "p@ss# 5433",
        ),
        ("REDIS_URL", "redis://broker:6379/2"): ("settings.CELERY_BROKER_URL", "redis://broker:6379/2"),
        ("REDIS_URL", "unix:///run/redis.sock"): ("settings.CELERY_BROKER_URL", "redis+socket:///run/redis.sock"),
        ("REDIS_URL", "unix:///run/redis.sock?db=2"): (
            "settings.CELERY_BROKER_URL",
            "redis+socket:///run/redis.sock?virtual_host=2",
        ),
        ("ALLOWED_HOSTS", " kpi.example.gov, b.example.gov "): (
            "*settings.ALLOWED_HOSTS",
            "kpi.example.gov b.example.gov",
        ),
        ("OLD_KEY_PEPPERS", "first, second"): ("*settings.OLD_KEY_PEPPERS", "first second"),
        ("SECRET_KEY", "$not-the-name-of-another-variable"): (
            "settings.SECRET_KEY",
            "$not-the-name-of-another-variable",
        ),
        ("DEBUG", "True"): ("settings.DEBUG", "True"),
        ("DEMO", "0"): ("settings.DEMO", "False"),
        ("PUBLIC_URL", "https://kpi.example.gov/"): ("settings.PUBLIC_URL", "https://kpi.example.gov"),
        ("SWEEP_SECONDS", "0.5"): ("settings.CELERY_BEAT_SCHEDULE['sweep']['schedule']", "0.5"),
        ("LOG_LEVEL", "DEBUG"): ("settings.LOGGING['root']['level']", "DEBUG"),
    }
    starts = [SettingsStart(dict([example]), f"print({code})") for example, (code, _) in shown.items()]

    outputs = [outcome.output.strip() for outcome in outcomes_of(starts)]

    assert outputs == [expected for _, expected in shown.values()]


def test_production_starts_with_what_it_needs_and_writes_no_secret() -> None:
    code = "import pathlib; print((pathlib.Path(settings.DATA_DIR) / 'secrets').exists())"

    (outcome,) = outcomes_of([SettingsStart(PRODUCTION, code)])

    assert outcome == Outcome(0, "False\n", "")
