"""Each write has its audit entry, in the same transaction: none without, none too many."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from indicators.domain.periods import Period
from indicators.importing import dry_runs
from indicators.models import Area, Department, Holiday, Import, Indicator, Measurement, Revision
from indicators.services.access import api_keys, contacts
from indicators.services.batches import import_undo, imports
from indicators.services.batches.rows import FigureRow
from indicators.services.catalogue import area_shapes, areas, departments, holidays, indicators, reporting_duties
from indicators.services.figures import revision_store
from kpitracker.lib import clock
from kpitracker.lib.audit import chain
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.spreadsheets.reading import Workbook
from targets.catalogue import export, import_
from targets.models import Alert, Delivery, Plan, Silence, Target, TargetVersion
from targets.services.alerting import silences
from targets.services.assessment import assess
from targets.services.notifications import outbox, webhooks
from targets.services.planning import actions, comments, judgements, period_locks, plan_copies, plans, targets
from targets.services.reports import closings
from tests import factories
from tests.factories import BY

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def tomorrow() -> Any:
    return clock.now() + timedelta(days=1)


def holiday() -> Holiday:
    return holidays.create_holiday(by=BY, now=clock.now(), day=date(2024, 9, 2), name="Quốc khánh")


def target() -> Target:
    return Target.objects.get()


def qualitative() -> Target:
    factories.indicator("order")
    return factories.target("order", qualitative=True, goal="", lower=None)


def import_what_differs() -> None:
    """A workbook of all that is there, one name of which is another by now."""
    made = io.BytesIO()
    export.write_catalogue(made, by=BY, now=clock.now())
    Area.objects.update(name="Another")
    import_.import_workbook(workbook=Workbook(made), by=BY, now=clock.now(), dry_run=False)


def post_many() -> Import:
    """Three figures, one of which is wrong."""
    day, good = clock.today(), ("5", "", "", "", "", "")
    rows = [FigureRow(n, "sales", "city", Period.parse(f"2024-0{n}"), day, *good) for n in (1, 2)]
    batch = imports.import_rows(
        rows=[*rows, rows[0]._replace(number=3)], file_format="json", by=BY, now=clock.now(), atomic=False
    ).batch
    assert batch is not None
    return batch


def file_of_figures() -> None:
    """Looked at, confirmed, and taken back."""
    lan, body = BY._replace(person=1), io.BytesIO(b"indicator,area,period,value\nsales,city,2024-01,5\n")
    seen = dry_runs.start_dry_run(read_chunk=body.read, form="csv", by=lan, now=clock.now())
    dry_runs.run_if_small(seen)
    made = dry_runs.confirm(dry_run=seen, by=lan, now=clock.now())
    dry_runs.run_if_small(made)
    import_undo.undo_batch(batch=made, by=lan, now=clock.now())


def replayed_ping() -> None:
    ping = webhooks.ping_webhook(webhook=factories.webhook(), by=BY, now=clock.now())
    Delivery.objects.update(state="failed")
    outbox.replay(delivery=ping, by=BY, now=clock.now())


WRITES: dict[str, tuple[Callable[[], Any], list[tuple[str, str]]]] = {
    "an area is created": (lambda: factories.area("new"), [("created", "indicators.area")]),
    "an area is changed": (
        lambda: areas.update_area(area=Area.objects.get(), by=BY, now=clock.now(), name="x"), [("changed", "indicators.area")]
    ),
    "an area is deleted": (
        lambda: areas.delete_area(area=factories.area("new"), by=BY),
        [("created", "indicators.area"), ("deleted", "indicators.area")],
    ),
    "an area gets a geometry and loses it": (
        lambda: area_shapes.remove_shape(shape=factories.shape(), by=BY),
        [("changed", "indicators.area"), ("changed", "indicators.area")],
    ),
    "a department is changed": (
        lambda: departments.update_department(department=Department.objects.get(), by=BY, email="a@example.org"),
        [("changed", "indicators.department")],
    ),
    "an indicator is changed": (
        lambda: indicators.update_indicator(indicator=Indicator.objects.get(), by=BY, now=clock.now(), restricted=True),
        [("changed", "indicators.indicator")],
    ),
    "a duty is stated": (
        lambda: reporting_duties.create_duty(by=BY, indicator="sales", area="city", department="statistics"),
        [("created", "indicators.reportingduty")],
    ),
    "a holiday is entered, changed and taken away": (
        lambda: holidays.delete_holiday(holiday=holidays.update_holiday(holiday=holiday(), by=BY, now=clock.now(), name="x"), by=BY, now=clock.now()),
        [("changed", "indicators.holiday"), ("created", "indicators.holiday"), ("deleted", "indicators.holiday")],
    ),
    "a key is issued": (
        lambda: api_keys.issue_key(scopes=["read"], by=BY, now=clock.now()), [("issued", "indicators.apikey")]
    ),
    "a contact is added, changed and taken away": (
        lambda: contacts.delete_contact(
            contact=contacts.update_contact(contact=factories.contact(role="everything"), by=BY, name="x"), by=BY
        ),
        [(verb, "indicators.contact") for verb in ("changed", "created", "deleted")],
    ),
    "a webhook is added, changed, rotated and taken away": (
        lambda: webhooks.delete_webhook(
            webhook=webhooks.rotate_secret(
                webhook=webhooks.change_webhook(webhook=factories.webhook(), by=BY, name="x"), by=BY, now=clock.now()
            ),
            by=BY,
        ),
        [(verb, "targets.webhook") for verb in ("changed", "created", "deleted", "rotated")],
    ),
    "a webhook is tried, and the try is repeated": (
        replayed_ping,
        [("changed", "targets.delivery"), ("created", "targets.delivery"), ("created", "targets.webhook")],
    ),
    "a webhook is given up": (
        lambda: webhooks.disable_webhook(webhook=factories.webhook(), reason="410"),
        [("changed", "targets.webhook"), ("created", "targets.webhook")],
    ),
    "a figure is posted": (lambda: factories.figure("sales", "2024-01", 1), [("recorded", "indicators.measurement")]),
    "a figure is posted again": (
        lambda: [factories.figure("sales", "2024-01", 1) for _ in range(2)], [("recorded", "indicators.measurement")]
    ),
    "many figures are posted": (post_many, [("recorded", "indicators.import")]),
    "many figures are posted and withdrawn": (
        lambda: import_undo.undo_batch(batch=post_many(), by=BY, now=clock.now()),
        [("recorded", "indicators.import"), ("recorded", "indicators.import")],
    ),
    "a file of figures is looked at, confirmed and taken back": (
        file_of_figures,
        [
            ("created", "indicators.import"), ("created", "indicators.import"),
            ("recorded", "indicators.import"), ("recorded", "indicators.import"),
        ],
    ),
    "a catalogue is imported": (import_what_differs, [("changed", "indicators.area")]),
    "a plan is copied": (
        lambda: plan_copies.copy_plan(plan=Plan.objects.get(), code="next", by=BY, now=clock.now()),
        [("amended", "targets.target"), ("created", "targets.plan"), ("created", "targets.target")],
    ),
    "a plan is changed": (
        lambda: plans.update_plan(plan=Plan.objects.get(), by=BY, name="x"), [("changed", "targets.plan")]
    ),
    "a plan is closed": (
        lambda: closings.close_plan(plan=Plan.objects.get(), by=BY, now=clock.now(), reason="a"),
        [("changed", "targets.plan"), ("created", "targets.closing")],
    ),
    "leave is given": (
        lambda: period_locks.grant_exception(plan=Plan.objects.get(), by=BY, now=clock.now(), reason="a", until=tomorrow()),
        [("created", "targets.lockexception")],
    ),
    "a target is amended": (
        lambda: targets.amend_target(target=target(), by=BY, now=clock.now(), announced=date(2024, 5, 1), note="x"),
        [("amended", "targets.target")],
    ),
    "an action is asked for and done": (
        lambda: actions.update_action(action=factories.action(target(), "2024-09-30"), by=BY, now=clock.now(), state="done"),
        [("changed", "targets.action"), ("created", "targets.action")],
    ),
    "a comment is written and withdrawn": (
        lambda: comments.withdraw_comment(comment=factories.comment(target=target()), by=BY, now=clock.now()),
        [("created", "targets.comment"), ("revoked", "targets.comment")],
    ),
    "a target without a number is judged": (
        lambda: judgements.record_judgement(target=qualitative(), by=BY, now=clock.now(), status="met", reason="seen"),
        [
            ("amended", "targets.target"), ("created", "indicators.indicator"), ("created", "targets.judgement"),
            ("created", "targets.target"),
        ],
    ),
    "a target gets another department to cooperate": (
        lambda: targets.update_target(target=target(), by=BY, now=clock.now(), cooperating=["statistics"]),
        [("changed", "targets.target"), ("changed", "targets.target")],
    ),
    "a target is created with a department to cooperate": (
        lambda: [factories.plan("other", "2025"), factories.target("sales", plan="other", cooperating=["statistics"])],
        [("amended", "targets.target"), ("changed", "targets.target"), ("created", "targets.plan"), ("created", "targets.target")],
    ),
    "what is in force is projected anew": (
        lambda: [
            factories.figure("sales", "2024-01", 1), Measurement.objects.update(note="wrong"),
            revision_store.rebuild_current(by=BY),
        ],
        [("changed", "indicators.measurement"), ("recorded", "indicators.measurement")],
    ),
    "a silence is begun and ended": (
        lambda: [
            silences.create_silence(by=BY, now=clock.now(), target=target(), ends_at=tomorrow(), reason="books"),
            silences.end_silence(silence=Silence.objects.get(), by=BY, now=clock.now()),
        ],
        [("changed", "targets.silence"), ("created", "targets.silence")],
    ),
    "a silence is taken back": (
        lambda: [
            silences.create_silence(
                by=BY, now=clock.now(), target=target(), starts_at=tomorrow(), ends_at=tomorrow() + timedelta(1), reason="x"
            ),
            silences.end_silence(silence=Silence.objects.get(), by=BY, now=clock.now()),
        ],
        [("created", "targets.silence"), ("deleted", "targets.silence")],
    ),
    "an alert is opened": (
        lambda: [factories.figure("sales", "2024", 900), assess.process_series_changes(now=clock.now())],
        [("opened", "targets.alert"), ("recorded", "indicators.measurement")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_every_write_is_on_record(name: str) -> None:
    factories.world()
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    write, expected = WRITES[name]
    write()
    entries = AuditEntry.objects.exclude(pk__in=before)
    assert sorted(entries.values_list("verb", "kind")) == sorted(expected)


@pytest.mark.parametrize("name", WRITES)
def test_what_is_rolled_back_leaves_no_entry(name: str) -> None:
    factories.world()
    before = AuditEntry.objects.count()
    with transaction.atomic():
        WRITES[name][0]()
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == before


def test_the_demo_has_as_many_entries_as_writes() -> None:
    """One entry records the revisions of one import."""
    call_command("load_demo", stdout=StringIO())
    recorded = AuditEntry.objects.filter(verb="recorded")
    imported = [entry.after["revisions"] for entry in recorded.filter(kind="indicators.import")]
    counted = {
        "recorded": sum(imported) + recorded.filter(kind="indicators.measurement").count(),
        **{verb: AuditEntry.objects.filter(verb=verb).count() for verb in ("amended", "opened")},
    }
    assert counted == {
        "recorded": Revision.objects.count(),
        "amended": TargetVersion.objects.count(),
        "opened": Alert.objects.count(),
    }
    assert counted["recorded"] > 300
    assert {entry.actor for entry in AuditEntry.objects.all()} == {"manage.py load_demo"}
    chain.seal_entries(now=clock.now())
    assert list(chain.verify_chain(now=clock.now())) == []
