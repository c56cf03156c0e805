"""`python -m tests.flows.breach_data COUNT URL`: a plan whose every target will be missed, and who is told of it.

Run with the variables of a start, it prints a key that may do everything. The department has no address: webhooks
alone are heard.
"""

import os
import sys
from typing import Any

PERIOD = "2024"
AREAS = 10


def make(count: int, url: str) -> None:
    """Targets of at least 1200, each of an indicator (i0, i1, …) in one of ten areas (a0 to a9)."""
    from django.db import transaction

    from tests import factories

    with transaction.atomic():
        for number in range(AREAS):
            factories.area(f"a{number}")
        factories.department()
        factories.plan(period=PERIOD, area="a0")
        factories.webhook(url)
    for first in range(0, count, AREAS):
        # Not all in one: PostgreSQL is slow where a transaction has thousands of savepoints.
        with transaction.atomic():
            factories.indicator(f"i{first // AREAS}", department="statistics")
            for number in range(min(AREAS, count - first)):
                factories.target(f"i{first // AREAS}", area=f"a{number}")


def breach(number: int) -> dict[str, Any]:
    """The figure by which a target is missed."""
    return {"indicator": f"i{number // AREAS}", "area": f"a{number % AREAS}", "period": PERIOD, "value": 900}


def happen(number: int) -> None:
    """The same figure, posted by the service."""
    from tests import factories

    factories.figure(f"i{number // AREAS}", PERIOD, 900, area=f"a{number % AREAS}")


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kpitracker.settings"
    django.setup()
    from indicators.services.access import api_keys
    from kpitracker.lib import clock
    from kpitracker.lib.actor import ALL_SCOPES
    from tests.factories import BY

    make(int(sys.argv[1]), sys.argv[2])
    print(api_keys.issue_key(scopes=sorted(ALL_SCOPES), by=BY, now=clock.now(), rate=0).secret)


if __name__ == "__main__":
    main()
