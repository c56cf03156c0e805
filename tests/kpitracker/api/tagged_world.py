"""A service with two plans and restricted rows, every kind of write to it, and the addresses that have tags."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F

from indicators.models import Area, Contact, Department, Holiday, Indicator, Measurement, ReportingDuty
from indicators.services.access import contacts
from indicators.services.catalogue import areas, departments, holidays, indicators, reporting_duties
from indicators.services.figures import recording
from kpitracker.lib import clock
from targets.models import Action, Alert, AlertRule, Assessment, Comment, Plan, Silence, Target, TargetVersion
from targets.services.alerting import rules, silences, user_responses
from targets.services.assessment import assess
from targets.services.planning import actions, comments, judgements, period_locks, plans, targets
from targets.services.reports import closings
from tests import factories

BY = factories.BY
CODES, HIDDEN = ("sales", "jobs", "ratio"), ("secret", "computed")
PLANS = ("first", "second")
IN_YEAR = date(2024, 6, 30)  # a closing of the whole year would lock it

# Of each view that has a rule, and of each kind of parameter that a rule reads.
ADDRESSES = [
    "me/", "areas/", "areas/city/", "departments/", "departments/a/", "holidays/", "holidays/2024-05-01/", "reporting/duties/{duty}/", "indicators/", "indicators/sales/",
    "indicators/ratio/series/?area=city", "reporting/duties/", "reporting/due/", "reporting/completeness/",
    "measurements/", "measurements/?plan=first&include_history=true", "measurements/{figure}/",
    "measurements/{figure}/history/",
    "plans/", "plans/first/", "plans/second/targets/", "plans/first/exceptions/", "plans/first/closings/",
    "plans/first/closings/1/", "plans/first/closings/1/comparison/", "plans/first/scorecard/",
    "plans/second/scorecard/", "plans/first/scorecard/?as_of=2024-06-30", "plans/first/backtest/?from=2024",
    "targets/", "targets/?plan=second", "targets/first:sales:city/", "targets/first:sales:city/status/",
    "targets/first:sales:city/history/", "targets/first:sales:city/amendments/", "targets/first:mood:city/judgements/",
    "targets/first:sales:city/actions/", "targets/first:sales:city/contributions/",
    "targets/first:sales:city/backtest/?from=2024",
    "statuses/", "statuses/?plan=first&updated_after=0", "statuses/?plan=second", "actions/", "actions/?plan=first",
    "actions/{action}/", "alerts/", "alert-rules/", "alert-rules/status-worrying/", "comments/", "comments/{comment}/",
]  # fmt: skip
OF_SECOND_PLAN = [address for address in ADDRESSES if "second" in address]


def build() -> None:
    for code in ("city", "north"):
        factories.area(code, **({"parent": "city"} if code == "north" else {}))
    for code in ("a", "b"):
        factories.department(code, email=f"{code}@example.org")
    factories.contact("a@example.org", department="a")
    for code in ("sales", "jobs", "mood"):
        factories.indicator(code, department="b")
    factories.indicator("ratio", formula="100 * sales / jobs", department="b")
    factories.indicator("secret", department="a", restricted=True)
    factories.indicator("computed", formula="2 * secret", department="a")
    holidays.create_holiday(by=BY, now=clock.now(), day=date(2024, 5, 1), name="x")
    for plan in PLANS:
        factories.plan(plan, department="a")
        for code in (*CODES, *HIDDEN):
            factories.target(code, plan=plan)
    factories.target("mood", plan="first", goal="", qualitative=True, lower=None)
    for code in ("sales", "jobs", "secret"):
        for month in (1, 2, 3):
            factories.figure(code, f"2024-{month:02}", 10 * month, published=f"2024-{month + 1:02}-10")
    reporting_duties.create_duty(by=BY, indicator="sales", area="north", department="b")
    assess_all()
    for plan, code in (("first", "sales"), ("first", "secret")):
        about_target(Target.objects.get(identifier=f"{plan}:{code}:city"))
    closings.close_plan(plan=Plan.objects.get(code="first"), by=BY, now=clock.now(), reason="books", as_of=IN_YEAR)


def assess_all() -> None:
    while assess.process_series_changes(now=clock.now()):
        pass


def about_target(target: Target) -> None:
    action = factories.action(target, "2030-01-01", department="b")
    factories.comment(action=action)
    factories.comment(target=target.identifier)
    until = clock.now() + timedelta(days=9)
    silences.create_silence(by=BY, now=clock.now(), target=target.identifier, ends_at=until, reason="x")


def fill(address: str) -> str:
    """The address with ids of rows about `sales`."""
    target = Target.objects.get(identifier="first:sales:city")
    return address.format(
        duty=ReportingDuty.objects.get(indicator__code="sales").uid,
        figure=Measurement.objects.filter(indicator__code="sales").earliest("period_start").pk,
        action=Action.objects.filter(target=target).earliest("pk").pk,
        comment=Comment.objects.filter(target=target).earliest("pk").pk,
    )


Write = Callable[[random.Random, str, str], object]  # with an indicator and a plan


def _target(code: str, plan: str) -> Target:
    return Target.objects.get(identifier=f"{plan}:{code}:city")


def _record(chance: random.Random, code: str, plan: str) -> None:
    of = "secret" if code in HIDDEN else "sales"
    factories.figure(of, f"2024-{chance.randint(1, 9):02}", chance.randint(1, 99))


def _withdraw(chance: random.Random, code: str, plan: str) -> None:
    of = "secret" if code in HIDDEN else "jobs"
    row = chance.choice(list(Measurement.objects.filter(indicator__code=of).order_by("pk")))
    recording.withdraw_figure(figure_id=row.pk, by=BY, now=clock.now(), reason="wrong")
    factories.figure(of, f"{row.period_start:%Y-%m}", chance.randint(1, 99))


def _amend(chance: random.Random, code: str, plan: str) -> None:
    lower, announced = Decimal(chance.randint(500, 2000)), clock.today()
    targets.amend_target(target=_target(code, plan), by=BY, now=clock.now(), announced=announced, lower=lower)


def _update_target(chance: random.Random, code: str, plan: str) -> None:
    values: dict[str, Any] = chance.choice(
        [
            {"section": f"s{chance.randint(1, 9)}"},
            {"cooperating": [chance.choice("ab")]},
            {"note": str(chance.random())},
        ]
    )
    targets.update_target(target=_target(code, plan), by=BY, now=clock.now(), **values)


def _delete_target(chance: random.Random, code: str, plan: str) -> None:
    target = factories.target(code, plan=plan, period="2024-Q1", state="draft")
    targets.delete_target(target=target, by=BY, now=clock.now())


def _act(chance: random.Random, code: str, plan: str) -> None:
    factories.action(_target(code, plan), f"2030-01-{chance.randint(1, 28):02}")


def _progress(chance: random.Random, code: str, plan: str) -> None:
    action = Action.objects.filter(target__indicator__code=code).order_by("pk").last()
    if action is not None:
        actions.update_action(action=action, by=BY, now=clock.now(), outcome=f"done {chance.random()}")


def _comment(chance: random.Random, code: str, plan: str) -> None:
    row = factories.comment(target=f"{plan}:{code}:city")
    if chance.random() < 0.5:
        comments.withdraw_comment(comment=row, by=BY, now=clock.now())


def _acknowledge(chance: random.Random, code: str, plan: str) -> None:
    for alert in Alert.objects.filter(target__indicator__code=code, state="firing")[:1]:
        user_responses.acknowledge_alert(alert=alert, by=BY, now=clock.now(), note=str(chance.random()))


def _rename(chance: random.Random, code: str, plan: str) -> None:
    row = Indicator.objects.get(code=code)
    indicators.update_indicator(indicator=row, by=BY, now=clock.now(), name=f"{code} {chance.random()}")


def _give_duty(chance: random.Random, code: str, plan: str) -> None:
    of = "secret" if code in HIDDEN else "jobs"
    duty = ReportingDuty.objects.filter(indicator__code=of)
    if duty.exists():
        reporting_duties.delete_duty(duty=duty.get(), by=BY)
    else:
        reporting_duties.create_duty(by=BY, indicator=of, area="north", department="a")


def _silence(chance: random.Random, code: str, plan: str) -> None:
    until = clock.now() + timedelta(days=chance.randint(1, 9))
    silences.create_silence(by=BY, now=clock.now(), indicator=code, ends_at=until, reason="x")


def _except(chance: random.Random, code: str, plan: str) -> None:
    until = clock.now() + timedelta(days=1)
    period_locks.grant_exception(
        plan=Plan.objects.get(code=plan), by=BY, now=clock.now(), reason="x", until=until, indicator=code
    )


# What is about one indicator: hidden from B where the indicator is.
ABOUT_INDICATOR: dict[str, Write] = {
    "record a figure": _record,
    "withdraw a figure": _withdraw,
    "assess": lambda chance, code, plan: assess_all(),
    "amend": _amend,
    "update a target": _update_target,
    "delete a target": _delete_target,
    "create an action": _act,
    "report progress": _progress,
    "comment": _comment,
    "acknowledge": _acknowledge,
    "silence": _silence,
    "rename an indicator": _rename,
    "give a duty": _give_duty,
    "grant an exception": _except,
    "bulk SQL on assessments": lambda chance, code, plan: Assessment.objects.filter(
        target__indicator__code=code
    ).update(change=F("change") + 10_000),
}


def _judge(chance: random.Random, code: str, plan: str) -> None:
    judgements.record_judgement(
        target=Target.objects.get(identifier="first:mood:city"), by=BY, now=clock.now(), status="met", reason="x"
    )


def _holiday(chance: random.Random, code: str, plan: str) -> None:
    day = clock.today().replace(month=1, day=chance.randint(1, 28))
    if row := Holiday.objects.filter(day=day).first():
        holidays.delete_holiday(holiday=row, by=BY, now=clock.now())
    else:
        holidays.create_holiday(by=BY, now=clock.now(), day=day, name="x")


def _update_plan(chance: random.Random, code: str, plan: str) -> None:
    plans.update_plan(plan=Plan.objects.get(code=plan), by=BY, name=f"{plan} {chance.random()}")


def _rename_department(chance: random.Random, code: str, plan: str) -> None:
    row = Department.objects.get(code=chance.choice("ab"))
    departments.update_department(department=row, by=BY, name=f"x {chance.random()}")


def _rename_area(chance: random.Random, code: str, plan: str) -> None:
    row = Area.objects.get(code="north")
    areas.update_area(area=row, by=BY, now=clock.now(), name=f"x {chance.random()}")


def _change_rule(chance: random.Random, code: str, plan: str) -> None:
    rules.change_rule(rule=AlertRule.objects.get(code="status-worrying"), by=BY, remind_days=chance.randint(1, 9))


def _restrict(chance: random.Random, code: str, plan: str) -> None:
    row = Indicator.objects.get(code="jobs")
    indicators.update_indicator(indicator=row, by=BY, now=clock.now(), restricted=not row.restricted)


FOR_ALL: dict[str, Write] = {
    "judge": _judge,
    "change the calendar": _holiday,
    "update a plan": _update_plan,
    "rename a department": _rename_department,
    "rename an area": _rename_area,
    "change a rule": _change_rule,
    "close a plan": lambda chance, code, plan: closings.close_plan(
        plan=Plan.objects.get(code=plan), by=BY, now=clock.now(), reason="books", as_of=IN_YEAR
    ),
    "restrict an indicator": _restrict,
    "change a contact": lambda chance, code, plan: contacts.update_contact(
        contact=Contact.objects.earliest("pk"), by=BY, name=str(chance.random())
    ),
    "bulk SQL on names": lambda chance, code, plan: Area.objects.update(note=str(chance.random())),
    "cascade": lambda chance, code, plan: Silence.objects.all().delete(),
    "versions in one statement": lambda chance, code, plan: TargetVersion.objects.filter(number=99).delete(),
}
WRITES = ABOUT_INDICATOR | FOR_ALL
# Beside the rows of one plan they change nothing that the other one shows.
ABOUT_ONE_PLAN = (
    "amend", "update a target", "delete a target", "create an action", "comment", "silence", "grant an exception",
    "update a plan", "judge", "close a plan",
)  # fmt: skip
