"""A database of the release before, with rows in it, goes through the migrations and keeps its guards."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from indicators.models import ReportingDuty
from indicators.services.catalogue import reporting_duties
from targets.models import StatusChange
from tests import factories

pytestmark = pytest.mark.database


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_release_before_get_ids_and_stay_append_only() -> None:
    factories.world()
    factories.figure("sales", "2024", 900)
    from kpitracker.lib import clock
    from targets.services.assessment import assess

    assess.process_series_changes(now=clock.now())
    reporting_duties.create_duty(by=factories.BY, indicator="sales", area="city", department="statistics")
    changes = StatusChange.objects.count()
    assert changes == 2

    call_command("migrate", "targets", "0002", verbosity=0)
    call_command("migrate", "indicators", "0002", verbosity=0)
    call_command("migrate", verbosity=0)

    assert StatusChange.objects.values("uid").distinct().count() == changes
    assert ReportingDuty.objects.get().uid
    for table in ("targets_statuschange", "lib_auditentry"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}" if table.startswith("lib") else f"UPDATE {table} SET quiet = quiet")  # noqa: S608
