"""Version counters are raised by every way of writing, in the transaction of the change, and folding shows nowhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction

import indicators.counted_tables
import targets.counted_tables
from indicators.models import Area, Department, Indicator, Measurement
from kpitracker.lib import clock
from kpitracker.lib.db import counter_triggers
from kpitracker.lib.db.counter_triggers import MODULUS
from kpitracker.lib.db.version_counters import Counter, fold_counters, read_counters
from kpitracker.lib.models import VersionCounter
from targets.models import Plan, Target
from targets.services.assessment import assess
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]

OF_LIB = {"lib_auditentry", "lib_auditseal", "lib_idempotencyrecord", "lib_commitsequence", "lib_versioncounter"}
PLAN_ID = "SELECT id FROM targets_plan WHERE code = %s"


def totals() -> dict[tuple[str, int, int], int]:
    """The sum of each counter."""
    sums: dict[tuple[str, int, int], int] = {}
    for row in VersionCounter.objects.all():
        key = (row.topic, row.object_id, row.indicator_id)
        sums[key] = (sums.get(key, 0) + row.number) % MODULUS
    return sums


@contextmanager
def raised() -> Iterator[set[str]]:
    """The topics of which a counter differs after the block, with `:0` for the one of all objects."""
    before, topics = totals(), set[str]()
    yield topics
    after = totals()
    for topic, object_id, indicator_id in before.keys() | after.keys():
        if before.get((topic, object_id, indicator_id)) != after.get((topic, object_id, indicator_id)):
            topics.add(f"{topic}:{object_id}" if object_id == 0 else topic)


def test_every_table_is_counted_or_named_with_a_reason() -> None:
    rules = (indicators.counted_tables, targets.counted_tables)
    counted = {table for rule in rules for table in rule.COUNTED_TABLES}
    named = {table for rule in rules for table in rule.NOT_COUNTED}
    tables = {
        model._meta.db_table
        for label in ("lib", "indicators", "targets")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
    }

    assert counted | named == tables - OF_LIB
    assert not counted & named


def test_the_database_has_the_triggers_of_the_code() -> None:
    assert counter_triggers.missing_triggers("default") == []


def _post() -> None:
    factories.figure("sales", "2024-03", 5)


def _insert_by_sql() -> None:
    _execute("INSERT INTO indicators_holiday (row_version, day, name, name_en, working) "
             "VALUES (1, '2024-05-01', 'x', '', false)")  # fmt: skip


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


WRITES: dict[str, tuple[Callable[[], object], set[str]]] = {
    "a figure by the service": (_post, {"figures", "figures:0"}),
    "a figure by bulk SQL": (
        lambda: Measurement.objects.update(note="x"),
        {"figures", "figures:0"},
    ),
    "a holiday by SQL": (_insert_by_sql, {"catalogue:0"}),
    "a name by save": (lambda: Area.objects.get(code="city").save(), {"catalogue:0"}),
    "a name by update": (lambda: Department.objects.update(note="x"), {"catalogue:0"}),
    "an update of no row": (lambda: Department.objects.filter(code="?").update(note="x"), set()),
    "an action": (
        lambda: factories.action(Target.objects.get(), "2030-01-01"),
        {"plan", "plan:0"},
    ),
    "all assessments": (
        lambda: assess.process_series_changes(now=clock.now()),
        {"plan", "plan:0"},
    ),
    "a comment": (lambda: factories.comment(target=Target.objects.get().identifier), {"comments:0"}),
    "a plan by SQL": (lambda: _execute("UPDATE targets_plan SET note = 'x'"), {"plan", "plan:0"}),
    "a key": (lambda: call_command("issue_key", "--scopes", "read", stdout=None), set()),
}


@pytest.fixture
def world() -> Target:
    target = factories.world()
    factories.figure("sales", "2024-01", 5)
    return target


@pytest.mark.parametrize(("write", "topics"), WRITES.values(), ids=WRITES)
def test_each_way_of_writing_raises_its_counters(
    world: Target, write: Callable[[], object], topics: set[str], capsys: Any
) -> None:
    with raised() as counted:
        write()

    assert counted >= topics
    assert bool(counted) == bool(topics)


def test_a_target_that_is_deleted_raises_its_plan(world: Target) -> None:
    with raised() as counted:
        Target.objects.all().delete()

    assert counted == {"plan", "plan:0"}


def test_a_change_that_is_rolled_back_raises_nothing(world: Target) -> None:
    with raised() as counted, transaction.atomic():
        factories.area("north")
        transaction.set_rollback(True)

    assert counted == set()


def test_a_write_to_one_plan_raises_no_counter_of_another(world: Target) -> None:
    other = factories.plan("other")
    before = read_counters([Counter("plan", PLAN_ID, "other")])

    factories.action(world, "2030-01-01")

    assert read_counters([Counter("plan", PLAN_ID, "other")]) == before
    assert {row.object_id for row in before} == {0, other.pk}


def test_a_plan_that_does_not_exist_counts_all_plans(world: Target) -> None:
    before = read_counters([Counter("plan", PLAN_ID, "nowhere")])

    factories.action(world, "2030-01-01")

    assert read_counters([Counter("plan", PLAN_ID, "nowhere")]) != before


def test_what_is_about_a_restricted_indicator_is_counted_apart(world: Target) -> None:
    secret = factories.indicator("secret", restricted=True, department="statistics")
    computed = factories.indicator("computed", formula="2 * secret", department="statistics")
    VersionCounter.objects.all().delete()

    factories.target("secret")
    factories.target("computed")
    factories.figure("secret", "2024-01", 3)

    about = {row.indicator_id for row in VersionCounter.objects.all()}
    assert about == {secret.pk, computed.pk}


def test_folding_changes_no_sum(world: Target) -> None:
    secret = factories.indicator("secret", restricted=True, department="statistics")
    for month in range(1, 13):
        for code in ("sales", "secret"):
            factories.figure(code, f"2023-{month:02}", month)
    for number in range(30):
        factories.indicator(f"i{number}")
    hidden = Indicator.objects.computed_from({secret.pk})

    def visible_sums() -> dict[tuple[str, int, bool], int]:
        sums: dict[tuple[str, int, bool], int] = {}
        for (topic, object_id, indicator_id), total in totals().items():
            key = (topic, object_id, indicator_id in hidden)
            sums[key] = (sums.get(key, 0) + total) % MODULUS
        return sums

    before, count = visible_sums(), VersionCounter.objects.count()
    removed = fold_counters(hidden)

    assert visible_sums() == before
    assert removed > 0
    assert VersionCounter.objects.count() == count - removed
    with raised() as counted:
        _post()
    assert "figures:0" in counted


@pytest.mark.django_db(transaction=True)
@pytest.mark.only_on("postgresql")
def test_no_writer_waits_for_another_and_a_late_commit_is_counted() -> None:
    factories.area()
    before = read_counters([Counter("catalogue")])
    written, go_on = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            Area.objects.filter(code="city").update(note="slow")
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert written.wait(10)
    factories.department("quick")
    between = read_counters([Counter("catalogue")])
    fold_counters(())
    go_on.set()
    thread.join()
    after = read_counters([Counter("catalogue")])

    assert len({str(before), str(between), str(after)}) == 3


@pytest.mark.only_on("sqlite")
@pytest.mark.django_db(transaction=True)
def test_a_migration_can_rebuild_a_table_and_keeps_its_triggers() -> None:
    from django.db.models.signals import post_migrate, pre_migrate

    config = apps.get_app_config("lib")
    step = {"app_config": config, "using": "default", "plan": [("a migration", False)], "verbosity": 0}
    pre_migrate.send(config, **step)
    with connection.schema_editor() as editor:
        rebuilder: Any = editor
        rebuilder._remake_table(Plan)
    assert len(counter_triggers.missing_triggers("default")) > 50
    post_migrate.send(config, **step)

    assert counter_triggers.missing_triggers("default") == []
    assert VersionCounter.objects.filter(topic="everything").exists()
