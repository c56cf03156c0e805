"""Figures that are read as texts are those that the models say, on both databases."""

from datetime import UTC, date, datetime

import pytest

from indicators.domain.figures import Figure
from indicators.models import Measurement, Revision
from kpitracker.lib import clock
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_both_ways_of_reading_say_what_the_models_say() -> None:
    factories.area()
    factories.indicator("sales")
    # The day in Viet Nam is the next one after 17:00 UTC, with and without a fraction of the second.
    for number, moment in enumerate(
        [datetime(2024, 3, 5, 16, 59, 59, tzinfo=UTC), datetime(2024, 3, 5, 17, 0, 0, 120_000, tzinfo=UTC)], 1
    ):
        factories.figure("sales", f"2024-0{number}", f"{number}.50", published=None, now=moment)
    factories.figure("sales", "2023", None, published=date(2024, 2, 1), now=datetime(2024, 2, 2, tzinfo=UTC))
    expected = [
        Figure(
            str(measurement.pk),
            measurement.revision,
            measurement.period_start,
            measurement.period_end,
            measurement.value,
            measurement.qualifier,
            measurement.stage,
            measurement.published,
            measurement.current_revision.int,
            clock.local_day(measurement.recorded_at),
            (),
            measurement.missing_reason,
        )
        for measurement in Measurement.objects.order_by("period_start", "period_end")
    ]
    assert [figure.recorded_on for figure in expected] == [date(2024, 2, 2), date(2024, 3, 5), date(2024, 3, 6)]
    series = {(Measurement.objects.values_list("indicator", "area")[0])}
    for figures in (Measurement.objects.current_figures(series), Revision.objects.figures_as_of(series, clock.today())):
        assert sorted(figures.pop(*series), key=lambda figure: figure.period) == expected
        assert figures == {}
