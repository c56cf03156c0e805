"""What a new user sees on the day on which the demo is loaded first, whatever day that is."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import NamedTuple

from django.core.management import call_command
from django.test import override_settings

from indicators.models import Area, Revision
from kpitracker.lib import clock
from targets.demo.invented_figures import OFF_TRACK
from targets.demo.living_plan import AREA, SOURCE
from targets.models import Action, Alert, Delivery, Judgement, Plan, Target, TargetVersion
from targets.services.alerting import scheduled
from targets.services.alerting.engine import process_due_alerts
from targets.services.assessment import assess, daily
from targets.services.notifications import action_reminders
from tasks.delivery import send_due_deliveries
from tests.support import api_of

MAIL = override_settings(
    EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend", ALERT_EMAIL="leaders@example.org"
)


class FirstDay(NamedTuple):
    """The day, the plans that are loaded on it, and the year of the one that has figures."""

    day: date
    plans: list[str]
    year: int

    @property
    def prefix(self) -> str:
        return f"demo-{self.year}:"


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, tzinfo=UTC)


def load(*options: str) -> str:
    """Load the demo, then do all that the jobs of the service would do."""
    out = StringIO()
    call_command("load_demo", *options, stdout=out)
    while assess.process_series_changes(now=clock.now()):
        pass
    for step in (daily.assess_expired, action_reminders.write_reminders, scheduled.run_daily_scan, process_due_alerts):
        step(now=clock.now())
    # Not the sweep itself: it counts in a file, which a database that is rolled back contradicts.
    send_due_deliveries()
    return out.getvalue()


def figures_of_january_are_late(first: FirstDay) -> bool:
    """Until then no figure of the loaded plan is late: January is due on 10 February."""
    return first.day > date(first.year, 2, 10)


def there_are_open_statuses_of_every_kind(first: FirstDay) -> None:
    plans = Plan.objects.filter(code__startswith="demo").order_by("code")
    assert list(plans.values_list("code", flat=True)) == first.plans
    statuses = {
        row["target"].split(":")[1]: row["status"] for row in api_of().rows(f"statuses/?plan=demo-{first.year}")
    }
    assert len(statuses) == 13
    assert statuses[OFF_TRACK] == "off_track"
    assert statuses["tourism-revenue"] == "at_risk"
    assert statuses["foreign-visitors"] == statuses["service-satisfaction"] == "on_track"
    assert statuses["domestic-visitors"] == ("no_data" if figures_of_january_are_late(first) else "not_due")
    assert list(statuses.values()).count("not_due") >= 5
    assert not {"met", "missed", "exceeded"} & set(statuses.values())


def outlooks_have_ranges_that_were_tested_in_five_years(first: FirstDay) -> None:
    for name in (OFF_TRACK, "tourism-revenue", "foreign-visitors"):
        outlook = api_of().get(f"targets/{first.prefix}{name}:{AREA}/status/").ok()["outlook"]
        assert outlook["range_from"] == "errors", name
        assert float(outlook["low"]) < float(outlook["value"]) < float(outlook["high"]), name
        assert outlook["tested"]["periods"] == 5, name


def one_department_is_late_and_no_other(first: FirstDay) -> None:
    owed = api_of().rows(f"reporting/due/?area={AREA}&due_before={first.day}")
    late = figures_of_january_are_late(first)
    assert {row["department"] for row in owed} == ({"so-lao-dong"} if late else set())
    assert {row["indicator"] for row in owed} == ({"new-jobs"} if late else set())


def one_alert_is_open_and_one_message_was_sent(first: FirstDay) -> None:
    # Just before the day on which figures are due their departments are reminded.
    alert = Alert.objects.exclude(rule__code="figures-due-soon").get()
    assert (alert.target.identifier, alert.state) == (f"{first.prefix}{OFF_TRACK}:{AREA}", "firing")
    delivery = Delivery.objects.get(alert=alert)
    assert (delivery.event, delivery.state) == ("opened", "sent")


def an_action_is_open_and_due(first: FirstDay) -> None:
    action = Action.objects.get()
    assert (action.target.identifier, action.state) == (f"{first.prefix}{OFF_TRACK}:{AREA}", "open")
    assert action.due_day == first.day + timedelta(days=14)


def every_name_and_every_figure_says_that_it_is_invented(first: FirstDay) -> None:
    named = [Area.objects.get(code=AREA), *Plan.objects.filter(code__in=first.plans)]
    assert all("giả định" in row.name and "invented" in row.name_en for row in named)
    invented = Revision.objects.filter(measurement__area__code=AREA)
    assert set(invented.values_list("source", flat=True)) == {SOURCE}
    assert invented.count() > 400
    versions = TargetVersion.objects.filter(target__plan__code__in=first.plans, state="adopted")
    assert versions.count() == 13 * len(first.plans)
    assert all("giả định" in note for notes in versions.values_list("note", "target__note") for note in notes)
    judged = Judgement.objects.get()
    assert "giả định" in judged.reason


def loading_again_adds_nothing(first: FirstDay) -> None:
    before = [model.objects.count() for model in (Revision, Target, Alert, Delivery, Action, Judgement)]
    assert "no new plan, 0 figures" in load()
    after = [model.objects.count() for model in (Revision, Target, Alert, Delivery, Action, Judgement)]
    assert after == before


CHECKS: dict[str, Callable[[FirstDay], None]] = {
    "there are open statuses of every kind": there_are_open_statuses_of_every_kind,
    "outlooks have ranges that were tested in five years": outlooks_have_ranges_that_were_tested_in_five_years,
    "one department is late and no other": one_department_is_late_and_no_other,
    "one alert is open and one message was sent": one_alert_is_open_and_one_message_was_sent,
    "an action is open and due": an_action_is_open_and_due,
    "every name and every figure says that it is invented": every_name_and_every_figure_says_that_it_is_invented,
    "loading again adds nothing": loading_again_adds_nothing,
}
