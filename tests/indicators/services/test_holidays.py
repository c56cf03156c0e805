"""Holidays that are loaded, and what a day more or less changes."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from indicators.models import Holiday, Indicator, SeriesChange
from indicators.services.catalogue import holidays, indicators
from kpitracker.lib import clock
from targets.models import Assessment, StatusChange
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import administrator, submit
from tests.factories import BY

pytestmark = pytest.mark.django_db


def load(*words: str) -> str:
    out = StringIO()
    call_command("load_holidays", *words, stdout=out)
    return out.getvalue()


def test_loading_writes_what_is_not_there_and_leaves_the_rest() -> None:
    holidays.create_holiday(by=BY, now=clock.now(), day=date(2025, 1, 1), name="Ours")
    assert load("2025").startswith(f"{Holiday.objects.count() - 1} days entered, 1 left")
    assert Holiday.objects.get(day=date(2025, 1, 1)).name == "Ours"
    national = Holiday.objects.get(day=date(2025, 9, 2))
    assert (national.name, national.name_en, national.working) == ("Quốc khánh", "National Day", False)
    assert Holiday.objects.get(day=date(2025, 4, 26)).working
    assert load("2025").startswith(f"0 days entered, {Holiday.objects.count()} left")


def test_other_countries_have_other_holidays() -> None:
    load("2025", "--country", "de")
    assert Holiday.objects.get(day=date(2025, 10, 3)).name == "Tag der Deutschen Einheit"


@pytest.mark.parametrize("words", [["2025", "--country", "XX"], ["1789"], ["99999"]])
def test_what_cannot_be_loaded(words: list[str]) -> None:
    with pytest.raises(CommandError):
        load(*words)
    assert not Holiday.objects.exists()


def test_years_without_a_day_are_known() -> None:
    load("2025")
    assert holidays.years_without_holidays([2024, 2025]) == [2024]


def test_the_admin_loads_and_says_what_is_missing() -> None:
    client, year = administrator(), clock.today().year
    page = reverse("admin:indicators_holiday_changelist")
    assert "No holiday of" in client.get(page).content.decode()
    loaded = client.post(reverse("admin:indicators_holiday_load"), {"year": str(year)}, follow=True)
    assert "Compare them with the decree" in loaded.content.decode()
    assert Holiday.objects.filter(day__year=year).count() > 5
    assert "No holiday of" not in client.get(page).content.decode()
    assert client.get(reverse("admin:indicators_holiday_load")).status_code == 405
    client.post(reverse("admin:indicators_holiday_load"), {"year": "1999"})
    assert not Holiday.objects.filter(day__year=1999).exists()


def test_the_admin_enters_a_day() -> None:
    fields = {"day": "2031-09-02", "name": "Quốc khánh", "name_en": ""}
    assert submit(administrator(), reverse("admin:indicators_holiday_add"), fields).status_code == 302
    assert Holiday.objects.get().name == "Quốc khánh"


@pytest.fixture
def due() -> Indicator:
    """Jobs of a year that is due by the working day after it, which today is."""
    today = clock.today()
    factories.world()
    factories.plan("now", f"{today - timedelta(days=400)}/{today}")
    jobs = factories.indicator("jobs", due_unit="working_days", due_days=1, frequency="year")
    factories.target("jobs", plan="now")
    return jobs


def next_due() -> str:
    return str(Assessment.objects.get(target__indicator__code="jobs").payload["freshness"]["next_due"])


def test_a_holiday_moves_what_is_due(due: Indicator) -> None:
    before = next_due()
    SeriesChange.objects.all().delete()
    changes = StatusChange.objects.count()
    holiday = holidays.create_holiday(by=BY, now=clock.now(), day=date.fromisoformat(before), name="x")
    assert [(mark.indicator, mark.quiet) for mark in SeriesChange.objects.all()] == [(due, True)]
    assess.process_series_changes(now=clock.now())
    assert next_due() > before
    holidays.delete_holiday(holiday=holiday, by=BY, now=clock.now())
    assess.process_series_changes(now=clock.now())
    assert next_due() == before
    assert StatusChange.objects.count() == changes


def test_another_name_moves_nothing(due: Indicator) -> None:
    holiday = holidays.create_holiday(by=BY, now=clock.now(), day=clock.today(), name="x")
    SeriesChange.objects.all().delete()
    holidays.update_holiday(holiday=holiday, by=BY, now=clock.now(), name="y")
    assert not SeriesChange.objects.exists()


def test_days_that_nothing_depends_on_mark_nothing(due: Indicator) -> None:
    holidays.create_holiday(by=BY, now=clock.now(), day=date(2001, 1, 1), name="x")
    assert not SeriesChange.objects.exists()


def test_counting_otherwise_moves_what_is_due(due: Indicator) -> None:
    holidays.create_holiday(by=BY, now=clock.now(), day=date.fromisoformat(next_due()), name="x")
    assess.process_series_changes(now=clock.now())
    later = next_due()
    indicators.update_indicator(indicator=due, by=BY, now=clock.now(), due_unit="days")
    assert next_due() < later
