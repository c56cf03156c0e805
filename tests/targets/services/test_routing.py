"""Who is told: contacts, departments, cooperating ones, owners of plans, leaders, in this order of search."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from indicators.models import Contact, Department, Indicator
from kpitracker.lib import clock
from targets.domain.alerting import AlertEvent
from targets.models import Alert, AlertRule, Delivery, Plan, Target
from targets.services.assessment import assess
from targets.services.notifications import notify
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def city() -> None:
    """City hall above the office that answers; a bureau that works for it; the planners, whose plan it is."""
    factories.area()
    factories.department("hall", email="hall@x.vn")
    factories.department("office", email="office@x.vn", parent="hall")
    factories.department("bureau", email="bureau@x.vn")
    factories.department("planners", email="planners@x.vn")
    factories.indicator(department="office")
    factories.plan(department="planners")
    factories.target(department="office", cooperating=["bureau"])


def breach() -> Alert:
    factories.figure("sales", "2024", 1300)
    assess.process_series_changes(now=clock.now())
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    return Alert.objects.get()


def told() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("recipient", flat=True))


def rule(**values: Any) -> None:
    AlertRule.objects.filter(code="status-worrying").update(**values)


def desk(department: str | None = "office", address: str = "desk@x.vn", **values: Any) -> Contact:
    return factories.contact(address, department=department, **values)


def leaders(**values: Any) -> Contact:
    return desk(None, "leaders@x.vn", role="leaders", **values)


def everything(**values: Any) -> Contact:
    return desk(None, "press@x.vn", role="everything", **values)


ROUTES: dict[str, tuple[list[Any], dict[str, Any], list[str]]] = {
    "who answers, and who works for it": ([], {}, ["office@x.vn", "bureau@x.vn"]),
    "a contact stands for the address of its department": ([desk], {}, ["desk@x.vn", "bureau@x.vn"]),
    "every contact of a department": (
        [desk, lambda: desk(address="an@x.vn")], {"audience": ["lead"]}, ["desk@x.vn", "an@x.vn"]
    ),
    "one that is switched off is none": ([lambda: desk(active=False)], {"audience": ["lead"]}, ["office@x.vn"]),
    "whose plan it is, where the rule says so": ([], {"audience": ["owner"]}, ["planners@x.vn"]),
    "leaders, where the rule says so": ([leaders], {"audience": ["lead", "leaders"]}, ["office@x.vn", "leaders@x.vn"]),
    "no leaders where it does not": ([leaders], {"audience": ["lead"]}, ["office@x.vn"]),
    "who asked for everything, by every rule": ([everything], {"audience": []}, ["press@x.vn"]),
    "one place once, whatever its spelling": (
        [lambda: desk("bureau", "Office@x.vn")], {"audience": ["lead", "cooperating"]}, ["office@x.vn"]
    ),
    "not who wants graver things only, but the next above": (
        [everything, lambda: desk(min_severity="critical")], {"severity": "warning"}, ["hall@x.vn", "bureau@x.vn", "press@x.vn"]
    ),
    "who wants grave things is told of them": (
        [lambda: desk(min_severity="critical")], {"severity": "critical", "audience": ["lead"]}, ["desk@x.vn"]
    ),
    "a contact of another department who asked for everything": (
        [lambda: desk("bureau", role="everything")], {"audience": ["lead"]}, ["office@x.vn", "desk@x.vn"]
    ),
}  # fmt: skip


ANSWERS, OWES = ["planners@x.vn"], ["office@x.vn", "planners@x.vn"]
KINDS = [
    pytest.param("status_is", ANSWERS, id="a status: who answers, not who measures"),
    pytest.param("variance_beyond", ANSWERS, id="a variance: who answers"),
    pytest.param("pace_out_of_reach", ANSWERS, id="a pace out of reach: who answers"),
    pytest.param("met_early", ANSWERS, id="met early: who answers"),
    pytest.param("recovered", ANSWERS, id="recovered: who answers"),
    pytest.param("overdue", OWES, id="overdue figures: who owes them, and a copy for who answers"),
    pytest.param("due_soon", OWES, id="figures due soon: who owes them, and a copy for who answers"),
    pytest.param("revised_beyond", OWES, id="a large revision: who owes the figure, and a copy for who answers"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "expected"), KINDS)
@pytest.mark.parametrize("has_owner", [True, False], ids=["the plan has an owner", "nobody answers"])
def test_whom_a_kind_of_rule_is_about(kind: str, expected: list[str], has_owner: bool, settings: Any) -> None:
    settings.ALERT_EMAIL = "last@x.vn"
    Target.objects.update(department=None)
    if not has_owner:
        Plan.objects.update(department=None)
        expected = ["last@x.vn"] if expected == ANSWERS else ["office@x.vn"]
    target = Target.objects.for_list().get()
    context = notify.NotificationContext(clock.now(), [target])
    named_rule = AlertRule(kind=kind, audience=["lead"])
    recipients = context.resolver.for_event(AlertEvent.OPENED, target, named_rule, 0, "warning")
    assert [recipient.address for recipient in recipients] == expected
    escalated = context.resolver.at_level(target, 1, "warning", named_rule)
    assert [recipient.address for recipient in escalated] == (
        ["hall@x.vn"] if expected[0] == "office@x.vn" else ["last@x.vn"]
    )


def test_leaders_come_before_the_last_address_where_nobody_answers(settings: Any) -> None:
    settings.ALERT_EMAIL = "last@x.vn"
    leaders()
    Target.objects.update(department=None)
    Plan.objects.update(department=None)
    rule(audience=["lead"])
    breach()
    assert told() == ["leaders@x.vn"]


@pytest.mark.parametrize(("contacts", "of_rule", "expected"), ROUTES.values(), ids=ROUTES)
def test_who_is_told_first(contacts: list[Any], of_rule: dict[str, Any], expected: list[str]) -> None:
    for add in contacts:
        add()
    rule(**of_rule)
    breach()
    assert told() == expected


def test_of_a_restricted_indicator_nobody_is_told_who_may_not_see_it() -> None:
    Indicator.objects.update(restricted=True)
    desk("bureau", role="everything")
    everything()
    breach()
    assert told() == ["office@x.vn", "press@x.vn"]


def test_up_the_house_then_to_the_leaders_and_the_last_stands_for_all_above(settings: Any) -> None:
    settings.ALERT_EMAIL = "house@x.vn"
    leaders()
    alert = breach()
    result = notify.NotificationContext(clock.now()).resolver
    levels = [result.at_level(alert.target, level, "warning", alert.rule) for level in range(6)]
    assert [[row.address for row in level] for level in levels] == [
        ["office@x.vn"], ["hall@x.vn"], ["leaders@x.vn"], ["house@x.vn"], ["house@x.vn"], ["house@x.vn"]
    ]  # fmt: skip


def test_where_nobody_wants_to_know_the_row_says_so() -> None:
    rule(audience=[])
    breach()
    row = Delivery.objects.get()
    assert (row.state, row.recipient, row.response) == ("failed", "", notify.NO_RECIPIENT)


def test_its_end_is_told_to_those_who_were_told_and_may_still_see_it() -> None:
    everything()
    alert = breach()
    Department.objects.filter(code="bureau").update(email="new@x.vn")
    Contact.objects.update(active=False)
    round_ = notify.NotificationContext(clock.now(), [alert.target], [alert.pk])
    second = notify.build_deliveries(alert, AlertEvent.RESOLVED, alert.snapshot, round_)
    assert [row.recipient for row in second] == ["office@x.vn"]


def test_each_message_names_who_else_is_told() -> None:
    desk(name="Chị Hoa")
    breach()
    assert {tuple(row.snapshot["recipients"]) for row in Delivery.objects.all()} == {("Chị Hoa", "Bureau")}


def test_in_quiet_hours_a_message_waits_for_the_morning() -> None:
    desk(quiet_from="21:00", quiet_until="07:00")
    zone = timezone.get_default_timezone()
    contact = Contact.objects.get()
    night = datetime(2026, 11, 16, 22, 15, tzinfo=zone)
    assert notify.NotificationContext(night).due_at(contact) == datetime(2026, 11, 17, 7, tzinfo=zone)
    day = datetime(2026, 11, 16, 12, tzinfo=zone)
    assert notify.NotificationContext(day).due_at(contact) == day


def test_a_digest_waits_and_the_others_do_not() -> None:
    desk(digest="daily")
    rule(audience=["lead", "cooperating"])
    breach()
    waits = {row.recipient: row.due_at > clock.now() for row in Delivery.objects.all()}
    assert waits == {"desk@x.vn": True, "bureau@x.vn": False}


def test_a_reminder_goes_to_those_who_were_told(settings: Any) -> None:
    leaders()
    rule(audience=["leaders"])
    alert = breach()
    round_ = notify.NotificationContext(clock.now(), [alert.target])
    second = notify.build_deliveries(alert, AlertEvent.REMINDER, alert.snapshot, round_)
    assert [row.recipient for row in second] == ["leaders@x.vn"]


def test_its_end_is_not_told_to_who_never_heard_of_it() -> None:
    rule(audience=["owner"])
    Department.objects.filter(code="planners").update(email="")
    alert = breach()
    round_ = notify.NotificationContext(clock.now(), [alert.target], [alert.pk])
    assert not list(notify.build_deliveries(alert, AlertEvent.RESOLVED, alert.snapshot, round_))


def test_a_storm_is_routed_by_a_fixed_number_of_queries(django_assert_max_num_queries: Any) -> None:
    alert = breach()
    others = [factories.target("sales", period=f"2024-{month:02}") for month in (1, 2, 3)]
    judged = Target.objects.filter(pk__in=[other.pk for other in others]).for_assessment()
    round_ = notify.NotificationContext(clock.now(), [alert.target, *judged])
    list(notify.build_deliveries(alert, AlertEvent.OPENED, alert.snapshot, round_))
    with django_assert_max_num_queries(0):
        for target in judged:
            alert.target = target
            assert list(notify.build_deliveries(alert, AlertEvent.OPENED, alert.snapshot, round_))
