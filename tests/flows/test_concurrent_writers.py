"""Four writers with overlapping batches, and single posts between them, against the real server."""

from urllib.parse import urlsplit

import pytest

from bench.writers import write
from indicators.domain.periods import Period
from indicators.models import Measurement, Revision
from indicators.services.access import api_keys
from indicators.services.figures import revision_store
from kpitracker.lib import clock
from kpitracker.lib.actor import Scope
from tests import factories
from tests.processes import Running

pytestmark = [pytest.mark.process, pytest.mark.database]

SECONDS = 5


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_comes_twice(live_web: Running) -> None:
    factories.world()
    factories.indicator("jobs")
    issued = api_keys.issue_key(scopes=[Scope.FIGURES_WRITE], by=factories.BY, now=clock.now(), rate=0)
    places = [(code, "city", f"{year}-{month:02}") for code in ("sales", "jobs") for year in range(2010, 2020)
              for month in range(1, 13)]  # fmt: skip

    tally = write(urlsplit(live_web.url).port or 0, issued.secret, places, SECONDS)

    assert tally.odd == [], live_web.text()[-3000:]
    assert tally.batches > 8
    stored = {
        (row.indicator.code, row.area.code, str(Period(row.period_start, row.period_end))): row
        for row in Measurement.objects.select_related("indicator", "area")
    }
    assert {place: row.revisions for place, row in stored.items()} == dict(tally.written)
    assert Revision.objects.count() == tally.written.total()
    assert [place for place, row in stored.items() if revision_store.project_current(row)] == []
