"""`python -m tests.flows.breaches COUNT URL`: a plan whose every target will be missed, and who is told of it.

Run with the variables of a start, it prints a key that may do everything. The department has no address: webhooks
alone are heard.
"""

import os
import sys

PERIOD = "2024"


def make(count: int, url: str) -> None:
    """Indicators i0, i1, …, each with a target of at least 1200."""
    from django.db import transaction

    from tests import factories

    with transaction.atomic():
        factories.area()
        factories.department()
        factories.plan(period=PERIOD)
        for number in range(count):
            factories.indicator(f"i{number}", department="statistics")
            factories.target(f"i{number}")
        factories.webhook(url)


def breach(number: int) -> dict[str, object]:
    """The figure by which a target is missed."""
    return {"indicator": f"i{number}", "area": "city", "period": PERIOD, "value": 900}


def main() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "kpitracker.settings"
    django.setup()
    from indicators.services import keys
    from kpitracker.lib import clock
    from kpitracker.lib.actor import ALL_SCOPES
    from tests.factories import BY

    make(int(sys.argv[1]), sys.argv[2])
    print(keys.issue(scopes=sorted(ALL_SCOPES), by=BY, now=clock.now(), rate=0).secret)


if __name__ == "__main__":
    main()
