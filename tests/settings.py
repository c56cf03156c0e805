"""kpitracker's own settings, on a test database and in a folder that is removed afterwards.

`make test` says by TEST_LANE which database this run is for and where the servers are; pytest called directly runs
on SQLite without servers.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

LANE = os.environ.get("TEST_LANE") or "sqlite"
WORKER = os.environ.get("PYTEST_XDIST_WORKER") or "main"

if "TESTS_FOLDER" not in os.environ:
    # Workers of pytest-xdist inherit it: each takes a folder of its own within.
    os.environ["TESTS_FOLDER"] = tempfile.mkdtemp(prefix="kpitracker-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_FOLDER"], ignore_errors=True)
FOLDER = Path(os.environ["TESTS_FOLDER"]) / WORKER
FOLDER.mkdir(exist_ok=True)

# What the person at the terminal has set is for their service, not for its tests.
for name in ("ENVIRONMENT", "SECRET_KEY", "KEY_PEPPER", "EMAIL_URL", "REDIS_URL", "ALERT_EMAIL", "HOME_AREA", "PORT"):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = str(FOLDER)
if LANE == "postgresql":
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
    # The server of `make test` never waits for the disk.
    os.environ["UNSAFE_DATABASE"] = "yes"
else:
    os.environ.pop("UNSAFE_DATABASE", None)
    os.environ.pop("DATABASE_URL", None)
if redis := os.environ.get("TEST_REDIS_URL"):
    from tests.launcher.redis import database_of

    os.environ["REDIS_URL"] = database_of(redis, LANE, WORKER)

from kpitracker.settings import *  # noqa: E402, F403 (the environment decides, so it comes first)
from kpitracker.settings import DATABASES, STORAGES  # noqa: E402

# A file, not memory: processes of their own must see it, and its locks are part of what is tested.
if LANE == "sqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
    # Tests call the service with more threads than a web server has: all of them may wait for a slow writer.
    DATABASES["default"]["OPTIONS"] = {"waiting_writers": None}
else:
    # A connection that outlives its test would keep the test database from being dropped.
    DATABASES["default"] |= {"CONN_MAX_AGE": 0}

# All tests come from one address.
PUBLIC_RATE = 100_000
# The real hash takes a fifth of a second for every user of every test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
(FOLDER / "static").mkdir(exist_ok=True)
# Every caller of a test makes the middleware anew; looking through all static files each time takes a tenth of a second.
WHITENOISE_AUTOREFRESH = True
