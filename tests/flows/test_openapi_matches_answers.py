"""What the OpenAPI document says is what happens, whatever is sent: good data and bad, for every operation."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from indicators.importing.readers import read_bytes
from indicators.models import Import, Measurement
from indicators.services.access import api_keys
from indicators.services.batches import imports
from indicators.services.catalogue import holidays
from kpitracker.env import ROOT
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from kpitracker.wsgi import application
from targets.models import Alert
from targets.services.assessment import assess
from targets.services.notifications import webhooks
from tests import factories
from tests.example_counts import amount
from tests.support import api_of

pytestmark = pytest.mark.django_db

DOCUMENT = json.loads((ROOT / "docs" / "openapi-v1.json").read_text())
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]
load_all_checks()
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "missing_required_header",
        "ignored_auth",
    ]
)
REPEATED = settings(
    # What is said is the same on both databases; what PostgreSQL alone cannot take shows in few.
    max_examples=amount(3, 1, full=10),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def schema() -> Iterator[Any]:
    """Read once: looking for good examples in all of the document takes a second."""
    result = schemathesis.openapi.from_dict(DOCUMENT)
    result.app = application
    # The end of a request would close the connection that the test's transaction lives on.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield result
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def known(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, str]]:
    """The world, in one transaction around those of all tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        result = made()
        with django_db_blocker.block():
            yield result
        transaction.set_rollback(True)


def made() -> dict[str, str]:
    """What there is in the world, by the name under which operations ask for it."""
    target = factories.world()
    for value in (1300, 900):
        factories.figure("sales", "2024", value)
        while assess.process_series_changes(now=clock.now()):
            pass
    return {
        "areas": "city",
        "departments": "statistics",
        "indicators": "sales",
        "plans": "plan",
        "targets": "plan:sales:city",
        "actions": str(factories.action(target, "2024-09-30").pk),
        "comments": str(factories.comment(target=target).pk),
        "alerts": str(Alert.objects.get().pk),
        "holidays": str(holidays.create_holiday(by=factories.BY, now=clock.now(), day=date(2024, 9, 2), name="x").day),
        "measurements": str(Measurement.objects.get().pk),
        "audit": str(AuditEntry.objects.earliest("pk").pk),
        "imports": str(batch.pk) if (batch := post_batch()) else "",
        "contacts": str(factories.contact(role="everything").pk),
        "webhooks": str((hook := factories.webhook()).pk),
        "deliveries": str(webhooks.ping_webhook(webhook=hook, by=factories.BY, now=clock.now()).pk),
        "keys": api_keys.issue_key(scopes=["read"], by=factories.BY, now=clock.now()).key.prefix,
    }


def post_batch() -> Import | None:
    """A good row and a bad one, by the service: a caller here would close the connection of the test."""
    rows = read_bytes(
        "json", b'[{"indicator":"sales","period":"2024-01","value":"5"},{}]', by=factories.BY, today=clock.today()
    )
    return imports.import_rows(
        rows=list(rows), file_format="json", by=factories.BY, now=clock.now(), atomic=False
    ).batch


def acquainted(case: Any, known: dict[str, str]) -> None:
    """Ask for what there is: nearly everything made up is unknown, and its answer always the same."""
    if there := known.get(case.path.split("/")[3]):
        for name in case.path_parameters or ():
            case.path_parameters[name] = known["deliveries"] if name == "delivery" else there
    if isinstance(case.body, dict):
        case.body |= {"period": "2024"} if "period" in case.body else {}
        case.body |= {
            name: known[f"{name}s"] for name in ("indicator", "area", "plan", "department") if name in case.body
        }
    if case.method != "GET":
        case.headers["If-Match"] = "*"


def checks_of(case: Any) -> Any:
    """Files are described in words, so that the JSON of the same status keeps an exact type."""
    is_file = (case.query or {}).get("format") in ("csv", "xlsx")
    return [check for check in CHECKED if not (is_file and check.__name__ in DESCRIBED_IN_WORDS)]


DESCRIBED_IN_WORDS = ("content_type_conformance", "response_schema_conformance")


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_in_the_document(schema: Any, known: dict[str, str], method: str, path: str) -> None:
    headers = api_of().headers
    sent: Counter[GenerationMode] = Counter()

    for mode in GenerationMode:

        @REPEATED
        @given(case=schema[path][method].as_strategy(generation_mode=mode), acquaint=st.booleans())
        def ask(case: Any, acquaint: bool) -> None:
            sent[case.meta.generation.mode] += 1
            if acquaint:
                acquainted(case, known)
            # What is written stays within the example: the next one finds the world as it was.
            with transaction.atomic():
                case.call_and_validate(checks=checks_of(case), headers=headers)
                transaction.set_rollback(True)

        ask()
    assert set(sent) == set(GenerationMode)
