"""What must never be false is a constraint in the database, and here somebody tries to break each of them."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from indicators.models import (
    AccountEmail,
    ApiKey,
    Approval,
    Area,
    CheckInput,
    Contact,
    Department,
    FormulaInput,
    Holiday,
    Import,
    ImportProblem,
    Indicator,
    Measurement,
    ReportingDuty,
    Revision,
    SeriesChange,
    User,
)
from kpitracker.lib import clock
from kpitracker.lib.audit import chain
from kpitracker.lib.models import AuditEntry, AuditSeal, CommitSequence, IdempotencyRecord, JobRun
from targets.models import (
    Action,
    Alert,
    AlertRule,
    Assessment,
    Closing,
    Comment,
    Delivery,
    Judgement,
    LockException,
    Plan,
    Silence,
    StatusChange,
    Target,
    TargetVersion,
    Webhook,
)
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = timezone.now()
DAY = date(2024, 1, 1)


def copy(row: Any, **values: Any) -> None:
    """A second row like the first one but for `values`."""
    row.pk = None if not isinstance(row.pk, uuid.UUID) else uuid.uuid4()
    row._state.adding = True
    for name, value in values.items():
        setattr(row, name, value)
    type(row).objects.bulk_create([row])


def update(model: Any, **values: Any) -> Callable[[], None]:
    return lambda: model.objects.update(**values)


def alert(**values: Any) -> Alert:
    defaults = {
        "rule": AlertRule.objects.get(code="status-worrying"),
        "target": Target.objects.get(),
        "status": "missed",
        "severity": "critical",
    }
    return Alert.objects.create(**{**defaults, "opened_at": NOW, **values})


def closing() -> Closing:
    return Closing.objects.create(
        plan=Plan.objects.get(), number=1, as_of=DAY, recorded_by=NOW, reason="books", content="{}", digest="0" * 64
    )


def delivery(**values: Any) -> Delivery:
    return Delivery.objects.create(
        alert=alert(), event="opened", status="missed", recipient="a@b.c", due_at=NOW, **values
    )


def reminder(**values: Any) -> Delivery:
    action = Action.objects.get()
    return Delivery.objects.create(
        action=action, event="overdue", due_day=action.due_day, recipient="a@b.c", due_at=NOW, **values
    )


def content(model: Any, name: str) -> dict[str, Callable[[], Any]]:
    def insert(**values: Any) -> Callable[[], None]:
        more = {"period_end": date(2024, 2, 29)} if model is Measurement else {"number": 2}
        return lambda: copy(model.objects.get(), **more, **values)

    return {
        f"indicators_{name}_has_a_value_or_a_reason": insert(value=None, missing_reason=""),
        f"indicators_{name}_stage_known": insert(stage="guess"),
        f"indicators_{name}_qualifier_known": insert(qualifier="surely"),
    }


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "targets_alert_acknowledged_has_its_time": lambda: alert(state="acknowledged"),
    "targets_rule_words_known": update(AlertRule, kind="whim"),
    "targets_rule_of_variance_has_an_amount": update(AlertRule, kind="variance_beyond", amount=None),
    "targets_rule_due_soon_has_days": update(AlertRule, kind="due_soon", days=0),
    "targets_alert_told_once": lambda: [
        alert(episode=episode, state="resolved", resolved_at=NOW, about="version 2") for episode in (1, 2)
    ],
    "targets_silence_begins_before_it_ends": lambda: Silence.objects.create(
        starts_at=NOW, ends_at=NOW, author="lan", reason="audit"
    ),
    **content(Measurement, "measurement"),
    **content(Revision, "revision"),
    "lib_jobslot_taken_once": lambda: [JobRun.objects.create(job="a", slot="b", started_at=NOW) for _ in range(2)],
    "lib_jobslot_ends_after_its_start": lambda: JobRun.objects.create(
        job="a", slot="b", started_at=NOW, finished_at=NOW - timedelta(1)
    ),
    "lib_auditentry_verb_known": lambda: AuditEntry.objects.create(actor="a", verb="ate", kind="b", object_id="1"),
    "lib_auditseal_counts_from_one": lambda: AuditSeal.objects.create(
        position=0, entry=uuid.uuid4(), digest="a", sealed_at=NOW
    ),
    "lib_idempotencyrecord_key_used_once": lambda: [
        IdempotencyRecord.objects.create(owner="a", key="b", fingerprint="c") for _ in range(2)
    ],
    "lib_counter_never_negative": lambda: CommitSequence.objects.create(name="a", value=-1),
    "indicators_area_begins_before_it_ends": update(Area, valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_area_is_not_its_own_parent": update(Area, parent=F("pk")),
    "indicators_area_kind_known": update(Area, kind="planet"),
    "indicators_department_begins_before_it_ends": update(Department, valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_department_is_not_its_own_parent": update(Department, parent=F("pk")),
    "indicators_indicator_accumulates_or_computes": update(Indicator, formula="a", accumulation="sum"),
    "indicators_indicator_kind_known": update(Indicator, kind="colour"),
    "indicators_indicator_frequency_known": update(Indicator, frequency="week"),
    "indicators_indicator_accumulation_known": update(Indicator, accumulation="max"),
    "indicators_indicator_decimals_at_most_six": update(Indicator, decimals=7),
    "indicators_formulainput_named_once": lambda: FormulaInput.objects.bulk_create(
        FormulaInput(indicator=Indicator.objects.get(), input=Indicator.objects.get()) for _ in range(2)
    ),
    "indicators_duty_begins_before_it_ends": lambda: duty(valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_duty_stated_once": lambda: [duty(valid_from=DAY) for _ in range(2)],
    "indicators_duty_stated_once_from_the_start": lambda: [duty() for _ in range(2)],
    "indicators_apikey_expires_after_it_is_issued": lambda: key(expires_at=NOW),
    "indicators_apikey_has_a_digest": lambda: key(digest=""),
    "indicators_approval_decided_has_its_time": lambda: Approval.objects.create(
        revision=Revision.objects.get(), state="approved"
    ),
    "indicators_user_role_known": lambda: User.objects.create(username="lan", role="king"),
    "indicators_user_email_of_one": lambda: [
        User.objects.create(username=email, email=email) for email in ("lan@example.org", "LAN@example.org")
    ],
    "indicators_accountemail_words_known": lambda: AccountEmail.objects.create(
        user=User.objects.create(username="lan"), kind="love", requested_at=NOW, requested_by="x", due_at=NOW
    ),
    "indicators_measurement_identity": lambda: copy(Measurement.objects.get()),
    "indicators_measurement_begins_before_it_ends": lambda: copy(
        Measurement.objects.get(), period_end=date(2023, 1, 1)
    ),
    "indicators_measurement_revision_counted": update(Measurement, revision=2),
    "indicators_revision_numbered_once": lambda: copy(Revision.objects.get()),
    "indicators_revision_counts_from_one": lambda: copy(Revision.objects.get(), number=0),
    "indicators_serieschange_says_what": lambda: SeriesChange.objects.create(
        indicator_id=0, area_id=1, recorded_at=NOW, retry_at=NOW
    ),
    "indicators_import_state_known": lambda: batch(state="lost"),
    "indicators_import_done_within_rows": lambda: batch(rows=1, rows_done=2),
    "indicators_import_every_row_counted": lambda: batch(state="done", rows=3, created=1, rejected=1),
    "indicators_importproblem_row_named_once": lambda: [problem() for _ in range(2)],
    "targets_plan_begins_before_it_ends": update(Plan, period_end=date(2023, 1, 1)),
    "targets_lockexception_has_a_reason": lambda: exception(reason=""),
    "targets_lockexception_ends_after_it_began": lambda: exception(until=NOW),
    "targets_closing_numbered_once": lambda: copy(closing()),
    "targets_closing_counts_from_one": lambda: copy(closing(), number=0),
    "targets_closing_has_a_reason": lambda: copy(closing(), number=2, reason=""),
    "targets_target_stated_once": lambda: copy(Target.objects.get(), identifier="other"),
    "targets_target_begins_before_it_ends": update(Target, period_end=date(2023, 1, 1)),
    "targets_target_has_a_goal": update(Target, goal=""),
    "targets_target_goal_known": update(Target, goal="best", qualitative=True),
    "targets_target_weight_not_negative": update(Target, weight=Decimal(-1)),
    "targets_target_is_not_its_own_heading": update(Target, heading=F("pk")),
    "targets_version_tolerance_not_negative": lambda: copy(
        TargetVersion.objects.get(), number=2, tolerance=Decimal("-0.1")
    ),
    "targets_version_tolerance_percent_not_negative": lambda: copy(
        TargetVersion.objects.get(), number=2, tolerance_percent=Decimal(-1)
    ),
    "targets_alert_words_known": lambda: alert(severity="terrible"),
    "targets_delivery_words_known": lambda: delivery(state="lost"),
    "indicators_indicator_due_within_1000_days": update(Indicator, due_days=1001),
    "indicators_indicator_checks_what_is_posted": update(
        Indicator, formula="2 * jobs", accumulation="", check_formula="jobs"
    ),
    "indicators_indicator_check_tolerance_not_negative": update(Indicator, check_tolerance=Decimal("-0.1")),
    "indicators_indicator_usual_low_not_above_high": update(Indicator, usual_low=Decimal(10), usual_high=Decimal(9)),
    "indicators_indicator_regional_adds_up": update(Indicator, regional="sum", kind="rate"),
    "indicators_indicator_due_unit_known": update(Indicator, due_unit="weeks"),
    "indicators_holiday_has_a_name": lambda: Holiday.objects.create(day=DAY),
    "indicators_checkinput_named_once": lambda: [
        CheckInput.objects.create(indicator=Indicator.objects.get(), input=Indicator.objects.get()) for _ in range(2)
    ],
    "targets_version_numbered_once": lambda: copy(TargetVersion.objects.get()),
    "targets_version_counts_from_one": lambda: copy(TargetVersion.objects.get(), number=0),
    "targets_version_lower_not_above_upper": lambda: copy(
        TargetVersion.objects.get(), number=2, lower=Decimal(10), upper=Decimal(9)
    ),
    "targets_version_state_known": lambda: copy(TargetVersion.objects.get(), number=2, state="lost"),
    "targets_version_profile_known": lambda: copy(TargetVersion.objects.get(), number=2, profile="steep"),
    "targets_assessment_status_known": update(Assessment, status="fine"),
    "targets_statuschange_statuses_known": lambda: change(before="", after="fine"),
    "targets_statuschange_changes_something": lambda: change(before="met", after="met"),
    "targets_alert_one_per_episode": lambda: [alert(state="resolved", resolved_at=NOW) for _ in range(2)],
    "targets_alert_one_open": lambda: [alert(episode=episode) for episode in (1, 2)],
    "targets_alert_resolved_has_its_time": lambda: alert(state="resolved"),
    "targets_action_state_known": update(Action, state="lost"),
    "targets_action_says_what": update(Action, text=""),
    "targets_action_closed_has_its_day": update(Action, state="done"),
    "targets_delivery_reminds_once": lambda: [reminder() for _ in range(2)],
    "targets_delivery_about_one_thing": lambda: reminder(alert=alert()),
    "targets_delivery_by_webhook_names_it": lambda: reminder(channel="webhook"),
    "indicators_contact_told_once": lambda: copy(factories.contact(department="statistics")),
    "indicators_contact_of_all_told_once": lambda: copy(factories.contact(role="everything")),
    "indicators_contact_words_known": lambda: (
        factories.contact(department="statistics"),
        update(Contact, role="friend")(),
    ),
    "indicators_contact_of_a_department_names_it": lambda: (
        factories.contact(department="statistics"),
        update(Contact, department=None)(),
    ),
    "indicators_contact_quiet_hours_begin_and_end": lambda: (
        factories.contact(department="statistics"),
        update(Contact, quiet_from="21:00")(),
    ),
    "indicators_contact_can_be_reached": lambda: (
        factories.contact(department="statistics"),
        update(Contact, address="")(),
    ),
    "targets_webhook_has_an_address": update(Webhook, url=""),
    "targets_webhook_counts_from_one": update(Webhook, generation=0),
    "targets_webhook_off_for_a_reason": update(Webhook, disabled_reason="gone"),
    "targets_webhook_had_a_former_secret": update(Webhook, previous_until=NOW),
    "targets_comment_about_one_thing": update(Comment, action=None),
    "targets_comment_says_something_or_is_withdrawn": update(Comment, withdrawn_at=NOW),
    "targets_judgement_status_known": lambda: judgement(status="no_data"),
    "targets_judgement_has_a_reason": lambda: judgement(reason=""),
    "targets_delivery_sent_once": lambda: copy(delivery()),
    "targets_delivery_sent_has_its_time": lambda: delivery(state="sent"),
    "targets_delivery_part_of_another": lambda: (delivery(), Delivery.objects.update(merged_into=F("pk"))),
}


def duty(**values: Any) -> ReportingDuty:
    return ReportingDuty.objects.create(
        indicator=Indicator.objects.get(), area=Area.objects.get(), department=Department.objects.get(), **values
    )


def batch(**values: Any) -> Import:
    return Import.objects.create(**{"created_at": NOW, "posted_by": "a", "format": "csv", **values})


def problem() -> ImportProblem:
    return ImportProblem.objects.create(batch=Import.objects.first() or batch(), row=1, slug="required")


def key(**values: Any) -> ApiKey:
    return ApiKey.objects.create(**{"prefix": "a", "digest": "b", "created_at": NOW, **values})


def exception(**values: Any) -> LockException:
    defaults = {"reason": "books reopened", "until": NOW + timedelta(1), "created_at": NOW}
    return LockException.objects.create(**{"plan": Plan.objects.get(), **defaults, **values})


def change(**values: Any) -> StatusChange:
    return StatusChange.objects.create(target=Target.objects.get(), version=1, day=DAY, recorded_at=NOW, **values)


def judgement(**values: Any) -> Judgement:
    defaults = {"status": "met", "reason": "seen", "day": DAY, "recorded_at": NOW, "recorded_by": "lan"}
    return Judgement.objects.create(target=Target.objects.get(), **{**defaults, **values})


@pytest.fixture
def rows() -> None:
    factories.comment(action=factories.action(factories.world(), "2024-09-30"))
    judgement()
    factories.figure("sales", "2024-01", 50)
    factories.webhook()


def names() -> list[str]:
    return sorted(
        constraint.name
        for label in ("lib", "indicators", "targets")
        for model in apps.get_app_config(label).get_models()
        for constraint in model._meta.constraints
    )


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("name", [name for name in names() if not name.endswith("_value_is_a_number")])
def test_the_database_refuses(name: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        ATTEMPTS[name]()
    # SQLite names the columns of a unique constraint, everything else the constraint itself.
    assert name in str(error.value) or "UNIQUE constraint failed" in str(error.value)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("model", [Measurement, Revision])
def test_nothing_can_be_stored_that_is_greater_than_all_numbers(model: Any) -> None:
    stray = "'NaN'" if connection.vendor == "postgresql" else "'9e99'"
    changed = {"id": f"'{uuid.uuid4()}'", "value": stray, "number": "2", "period_end": "'2024-02-29'"}
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(changed.get(column, column) for column in columns)
    table = model._meta.db_table
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}")  # noqa: S608
    assert "value_is_a_number" in str(error.value)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(
    ("statement", "table"),
    [
        pytest.param("UPDATE {} SET note = 'x'", "indicators_revision", id="a revision is not changed"),
        pytest.param("DELETE FROM {}", "indicators_revision", id="a revision is not removed"),
        pytest.param("UPDATE {} SET act = 'x'", "targets_targetversion", id="a version is not changed"),
        pytest.param("UPDATE {} SET reason = 'x'", "targets_judgement", id="a judgement is not changed"),
        pytest.param("DELETE FROM {}", "targets_judgement", id="a judgement is not removed"),
        pytest.param("UPDATE {} SET actor = 'x'", "lib_auditentry", id="an audit entry is not changed"),
        pytest.param("DELETE FROM {}", "lib_auditentry", id="an audit entry is not removed"),
        pytest.param("UPDATE {} SET quiet = NOT quiet", "targets_statuschange", id="a status change is not changed"),
    ],
)
def test_history_is_append_only(statement: str, table: str) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))
    assert "append-only" in str(error.value)


HISTORY = [
    pytest.param(AuditEntry, "id", id="an audit entry"),
    pytest.param(AuditSeal, "position", id="a seal"),
    pytest.param(AuditSeal, "entry", id="a seal at another place"),
    pytest.param(Revision, "id", id="a revision"),
    pytest.param(Revision, "measurement_id, number", id="a revision of another id"),
    pytest.param(TargetVersion, "id", id="a version"),
    pytest.param(TargetVersion, "target_id, number", id="a version of another id"),
    pytest.param(StatusChange, "id", id="a status change"),
    pytest.param(StatusChange, "uid", id="a status change of another id"),
    pytest.param(Judgement, "id", id="a judgement"),
]


@pytest.fixture
def without_recursion() -> Iterator[None]:
    """As for a program that opens the file by itself."""
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA recursive_triggers").fetchone() == (1,)
        cursor.execute("PRAGMA recursive_triggers = OFF")
        yield
        cursor.execute("PRAGMA recursive_triggers = ON")


# PostgreSQL has no such verb: its ON CONFLICT DO UPDATE runs the triggers of change.
@pytest.mark.only_on("sqlite")
@pytest.mark.usefixtures("rows", "without_recursion")
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
@pytest.mark.parametrize(("model", "kept"), HISTORY)
def test_history_is_not_replaced(model: Any, kept: str, verb: str) -> None:
    chain.seal_entries(now=clock.now())
    table, fresh = model._meta.db_table, "abs(random()) % 1000000000 + 1000"
    columns = [field.column for field in model._meta.concrete_fields]
    other = {"id": fresh, "uid": "hex(randomblob(16))", "position": fresh, "entry": "hex(randomblob(16))"}
    values = ", ".join(column if column in kept else other.get(column, column) for column in columns)
    with connection.cursor() as cursor:
        before = cursor.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(f"{verb} INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} LIMIT 1")  # noqa: S608
        assert before
        assert cursor.execute(f"SELECT * FROM {table}").fetchall() == before  # noqa: S608


# SQLite has no TRUNCATE; DELETE without WHERE is refused row by row.
@pytest.mark.only_on("postgresql")
def test_a_whole_table_of_revisions_is_not_emptied_at_once() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE indicators_revision")
