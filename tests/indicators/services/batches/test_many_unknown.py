"""Batches that name as many things as they have rows: no faster way to occupy the service than others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Revision
from tests import factories
from tests.support import api_of

pytestmark = pytest.mark.django_db


def body(kind: str, rows: int) -> bytes:
    names = [("sales", f"a{n}") if kind == "areas" else (f"i{n}", "city") for n in range(rows)]
    lines = [f"{indicator},{area},2024-01,5" for indicator, area in names]
    return "\n".join(["indicator,area,period,value", *lines]).encode()


@pytest.mark.parametrize("kind", ["areas", "indicators"])
def test_a_thousand_unknown_names_take_no_query_each(kind: str) -> None:
    factories.world()
    with CaptureQueriesContext(connection) as few:
        api = api_of()
        answer = api.call(
            "POST", "measurements/batch/?atomic=false", raw=body(kind, 1000), **{"Content-Type": "text/csv"}
        )
    assert answer.ok()["rejected"] == 1000
    assert len(few) < 60
    assert not Revision.objects.exists()
