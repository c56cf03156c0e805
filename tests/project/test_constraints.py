"""What must never be false is a constraint in the database, and here somebody tries to break each of them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
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
    IndicatorPart,
    Measurement,
    ReportingDuty,
    Revision,
    SeriesChange,
    StagedSlice,
    User,
)
from kpitracker.lib import clock
from kpitracker.lib.audit import chain
from kpitracker.lib.models import AuditEntry, AuditSeal, CommitSequence, IdempotencyRecord, JobRun, VersionCounter
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


def board_message() -> Delivery:
    contact = Contact.objects.first() or factories.contact(role="everything")
    return Delivery.objects.create(event="board", due_day=DAY, contact=contact, recipient="a@b.c", due_at=NOW)


def content(model: Any, name: str) -> dict[str, Callable[[], Any]]:
    def insert(**values: Any) -> Callable[[], None]:
        more = {"period_end": date(2024, 2, 29)} if model is Measurement else {"number": 2}
        return lambda: copy(model.objects.get(), **more, **values)

    return {
        f"indicators_{name}_value_or_missing_reason": insert(value=None, missing_reason=""),
        f"indicators_{name}_valid_stage": insert(stage="guess"),
        f"indicators_{name}_valid_qualifier": insert(qualifier="surely"),
    }


ATTEMPTS: dict[str, Callable[[], Any]] = {
    "targets_alert_acknowledged_at_matches_state": lambda: alert(state="acknowledged"),
    "targets_alertrule_valid_choices": update(AlertRule, kind="whim"),
    "targets_alertrule_amount_required": update(AlertRule, kind="variance_beyond", amount=None),
    "targets_alertrule_offset_days_required": update(AlertRule, kind="due_soon", offset_days=0),
    "targets_alert_trigger_unique": lambda: [
        alert(episode=episode, state="resolved", resolved_at=NOW, trigger_key="version 2") for episode in (1, 2)
    ],
    "targets_silence_valid_time_range": lambda: Silence.objects.create(
        starts_at=NOW, ends_at=NOW, author="lan", reason="audit"
    ),
    **content(Measurement, "measurement"),
    **content(Revision, "revision"),
    "lib_jobrun_slot_unique": lambda: [JobRun.objects.create(job="a", slot="b", started_at=NOW) for _ in range(2)],
    "lib_jobrun_finish_after_start": lambda: JobRun.objects.create(
        job="a", slot="b", started_at=NOW, finished_at=NOW - timedelta(1)
    ),
    "lib_auditentry_valid_verb": lambda: AuditEntry.objects.create(actor="a", verb="ate", kind="b", object_id="1"),
    "lib_auditseal_position_positive": lambda: AuditSeal.objects.create(
        position=0, entry=uuid.uuid4(), digest="a", sealed_at=NOW
    ),
    "lib_idempotencyrecord_key_unique": lambda: [
        IdempotencyRecord.objects.create(owner="a", key="b", fingerprint="c") for _ in range(2)
    ],
    "lib_commitsequence_value_not_negative": lambda: CommitSequence.objects.create(name="a", value=-1),
    "lib_versioncounter_number_not_negative": lambda: VersionCounter.objects.create(
        topic="a", object_id=0, indicator_id=0, number=-1
    ),
    "indicators_area_valid_date_range": update(Area, valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_area_parent_not_self": update(Area, parent=F("pk")),
    "indicators_area_valid_kind": update(Area, kind="planet"),
    "indicators_department_valid_date_range": update(Department, valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_department_parent_not_self": update(Department, parent=F("pk")),
    "indicators_indicator_accumulation_or_formula": update(Indicator, formula="a", accumulation="sum"),
    "indicators_indicator_valid_kind": update(Indicator, kind="colour"),
    "indicators_indicator_valid_frequency": update(Indicator, frequency="week"),
    "indicators_indicator_valid_accumulation": update(Indicator, accumulation="max"),
    "indicators_indicator_decimals_max": update(Indicator, decimals=7),
    "indicators_formulainput_unique": lambda: FormulaInput.objects.bulk_create(
        FormulaInput(indicator=Indicator.objects.get(), input=Indicator.objects.get()) for _ in range(2)
    ),
    "indicators_indicatorpart_unique": lambda: [part(factories.indicator("jobs")), part(Indicator.objects.last())],
    "indicators_indicatorpart_not_itself": lambda: part(Indicator.objects.get()),
    "indicators_reportingduty_valid_date_range": lambda: duty(valid_from=DAY, valid_to=DAY - timedelta(1)),
    "indicators_reportingduty_unique": lambda: [duty(valid_from=DAY) for _ in range(2)],
    "indicators_reportingduty_open_start_unique": lambda: [duty() for _ in range(2)],
    "indicators_apikey_expires_after_creation": lambda: key(expires_at=NOW),
    "indicators_apikey_digest_not_empty": lambda: key(digest=""),
    "indicators_approval_decided_at_matches_state": lambda: Approval.objects.create(
        revision=Revision.objects.get(), state="approved"
    ),
    "indicators_user_valid_role": lambda: User.objects.create(username="lan", role="king"),
    "indicators_user_active_email_unique": lambda: [
        User.objects.create(username=email, email=email) for email in ("lan@example.org", "LAN@example.org")
    ],
    "indicators_accountemail_valid_choices": lambda: AccountEmail.objects.create(
        user=User.objects.create(username="lan"), kind="love", requested_at=NOW, requested_by="x", due_at=NOW
    ),
    "indicators_measurement_unique": lambda: copy(Measurement.objects.get()),
    "indicators_measurement_valid_period": lambda: copy(Measurement.objects.get(), period_end=date(2023, 1, 1)),
    "indicators_measurement_revision_within_revisions": update(Measurement, revision=2),
    "indicators_revision_number_unique": lambda: copy(Revision.objects.get()),
    "indicators_revision_number_positive": lambda: copy(Revision.objects.get(), number=0),
    "indicators_serieschange_ids_positive": lambda: SeriesChange.objects.create(
        indicator_id=0, area_id=1, recorded_at=NOW, retry_at=NOW
    ),
    "indicators_import_valid_state": lambda: batch(state="lost"),
    "indicators_import_rows_done_within_rows": lambda: batch(rows=1, rows_done=2),
    "indicators_import_counts_add_up": lambda: batch(state="done", rows=3, created=1, rejected=1),
    "indicators_stagedslice_start_unique": lambda: [staged_slice() for _ in range(2)],
    "indicators_importproblem_row_unique": lambda: [problem() for _ in range(2)],
    "targets_plan_valid_period": update(Plan, period_end=date(2023, 1, 1)),
    "targets_lockexception_reason_not_empty": lambda: exception(reason=""),
    "targets_lockexception_until_after_creation": lambda: exception(until=NOW),
    "targets_closing_number_unique": lambda: copy(closing()),
    "targets_closing_number_positive": lambda: copy(closing(), number=0),
    "targets_closing_reason_not_empty": lambda: copy(closing(), number=2, reason=""),
    "targets_target_unique": lambda: copy(Target.objects.get(), identifier="other"),
    "targets_target_valid_period": update(Target, period_end=date(2023, 1, 1)),
    "targets_target_goal_required": update(Target, goal=""),
    "targets_target_valid_goal": update(Target, goal="best", qualitative=True),
    "targets_target_weight_not_negative": update(Target, weight=Decimal(-1)),
    "targets_target_heading_not_self": update(Target, heading=F("pk")),
    "targets_target_section_required": update(Target, section="", section_en="Economy"),
    "targets_targetversion_tolerance_not_negative": lambda: copy(
        TargetVersion.objects.get(), number=2, tolerance=Decimal("-0.1")
    ),
    "targets_targetversion_tolerance_percent_not_negative": lambda: copy(
        TargetVersion.objects.get(), number=2, tolerance_percent=Decimal(-1)
    ),
    "targets_alert_valid_choices": lambda: alert(severity="terrible"),
    "targets_delivery_valid_state": lambda: delivery(state="lost"),
    "indicators_indicator_due_days_max": update(Indicator, due_days=1001),
    "indicators_indicator_check_only_if_stored": update(
        Indicator, formula="2 * jobs", accumulation="", check_formula="jobs"
    ),
    "indicators_indicator_check_tolerance_not_negative": update(Indicator, check_tolerance=Decimal("-0.1")),
    "indicators_indicator_usual_low_not_above_high": update(Indicator, usual_low=Decimal(10), usual_high=Decimal(9)),
    "indicators_indicator_regional_summable": update(Indicator, regional="sum", kind="rate"),
    "indicators_indicator_valid_due_unit": update(Indicator, due_unit="weeks"),
    "indicators_holiday_name_not_empty": lambda: Holiday.objects.create(day=DAY),
    "indicators_checkinput_unique": lambda: [
        CheckInput.objects.create(indicator=Indicator.objects.get(), input=Indicator.objects.get()) for _ in range(2)
    ],
    "targets_targetversion_number_unique": lambda: copy(TargetVersion.objects.get()),
    "targets_targetversion_number_positive": lambda: copy(TargetVersion.objects.get(), number=0),
    "targets_targetversion_lower_not_above_upper": lambda: copy(
        TargetVersion.objects.get(), number=2, lower=Decimal(10), upper=Decimal(9)
    ),
    "targets_targetversion_valid_state": lambda: copy(TargetVersion.objects.get(), number=2, state="lost"),
    "targets_targetversion_valid_profile": lambda: copy(TargetVersion.objects.get(), number=2, profile="steep"),
    "targets_assessment_valid_status": update(Assessment, status="fine"),
    "targets_assessment_valid_state": update(Assessment, state="fine"),
    "targets_statuschange_valid_statuses": lambda: change(before="", after="fine"),
    "targets_statuschange_statuses_differ": lambda: change(before="met", after="met"),
    "targets_alert_episode_unique": lambda: [alert(state="resolved", resolved_at=NOW) for _ in range(2)],
    "targets_alert_open_unique": lambda: [alert(episode=episode) for episode in (1, 2)],
    "targets_alert_resolved_at_matches_state": lambda: alert(state="resolved"),
    "targets_action_valid_state": update(Action, state="lost"),
    "targets_action_text_not_empty": update(Action, text=""),
    "targets_action_closed_day_matches_state": update(Action, state="done"),
    "targets_delivery_reminder_unique": lambda: [reminder() for _ in range(2)],
    "targets_delivery_exactly_one_subject": lambda: reminder(alert=alert()),
    "targets_delivery_board_unique": lambda: [board_message() for _ in range(2)],
    "targets_delivery_webhook_matches_channel": lambda: reminder(channel="webhook"),
    "indicators_contact_address_unique": lambda: copy(factories.contact(department="statistics")),
    "indicators_contact_global_address_unique": lambda: copy(factories.contact(role="everything")),
    "indicators_contact_valid_choices": lambda: (
        factories.contact(department="statistics"),
        update(Contact, role="friend")(),
    ),
    "indicators_contact_department_required": lambda: (
        factories.contact(department="statistics"),
        update(Contact, department=None)(),
    ),
    "indicators_contact_valid_quiet_hours": lambda: (
        factories.contact(department="statistics"),
        update(Contact, quiet_from="21:00")(),
    ),
    "indicators_contact_name_and_address_not_empty": lambda: (
        factories.contact(department="statistics"),
        update(Contact, address="")(),
    ),
    "targets_webhook_url_not_empty": update(Webhook, url=""),
    "targets_webhook_secret_version_positive": update(Webhook, secret_version=0),
    "targets_webhook_active_without_reason": update(Webhook, disabled_reason="gone"),
    "targets_webhook_previous_secret_exists": update(Webhook, previous_until=NOW),
    "targets_comment_exactly_one_subject": update(Comment, action=None),
    "targets_comment_text_or_withdrawn": update(Comment, withdrawn_at=NOW),
    "targets_judgement_valid_status": lambda: judgement(status="no_data"),
    "targets_judgement_reason_not_empty": lambda: judgement(reason=""),
    "targets_delivery_sequence_unique": lambda: copy(delivery()),
    "targets_delivery_sent_at_matches_state": lambda: delivery(state="sent"),
    "targets_delivery_valid_merged_into": lambda: (delivery(), Delivery.objects.update(merged_into=F("pk"))),
}


def part(row: Any) -> IndicatorPart:
    return IndicatorPart.objects.create(indicator=Indicator.objects.get(code="sales"), part=row)


def duty(**values: Any) -> ReportingDuty:
    return ReportingDuty.objects.create(
        indicator=Indicator.objects.get(), area=Area.objects.get(), department=Department.objects.get(), **values
    )


def batch(**values: Any) -> Import:
    return Import.objects.create(**{"created_at": NOW, "posted_by": "a", "format": "csv", **values})


def staged_slice() -> StagedSlice:
    return StagedSlice.objects.create(batch=Import.objects.first() or batch(), start=0, references="a")


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
    defaults = {"status": "met", "reason": "seen", "day": DAY, "recorded_at": NOW, "judged_by": "lan"}
    return Judgement.objects.create(target=Target.objects.get(), **{**defaults, **values})


@pytest.fixture(scope="module")
def rows(shared_rows: Callable[[], AbstractContextManager[None]]) -> None:
    with shared_rows():
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
@pytest.mark.parametrize("name", [name for name in names() if not name.endswith("_value_within_range")])
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
    # On SQLite the column itself refuses a text that is no plain number, before its constraint is asked.
    refusal = "value_within_range" if connection.vendor == "postgresql" else "CHECK constraint failed: value"
    assert refusal in str(error.value)


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


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("statement", ["UPDATE targets_closing SET reason = 'x'", "DELETE FROM targets_closing"])
def test_closings_are_append_only(statement: str) -> None:
    closing()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


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
    table, created = model._meta.db_table, "abs(random()) % 1000000000 + 1000"
    columns = [field.column for field in model._meta.concrete_fields]
    other = {"id": created, "uid": "hex(randomblob(16))", "position": created, "entry": "hex(randomblob(16))"}
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
