"""The chain over the audit: whatever is done to it behind our back is found, and named."""

import random
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.audit import chain, head_exports, log
from kpitracker.lib.models import AuditEntry, AuditSeal, JobRun
from tests import factories
from tests.example_counts import amount

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# More than one slice of the chain on both.
ENTRIES = amount(2_500, 1_500, full=10_000)
BY = Actor("key abc", department=7, address="10.1.2.3")


def write(count: int) -> None:
    slot = JobRun(pk=1, job="a", slot="b")
    for n in range(count):
        log.write_entry(by=BY, verb="changed", row=slot, before={"n": n}, after={"n": n + 1, "tên": "Việc làm"})


def findings(**values: Any) -> list[chain.ChainFault]:
    return list(chain.verify_chain(now=clock.now(), **values))


@pytest.fixture
def defenceless() -> None:
    """As for somebody who may do everything to the database: the triggers are gone."""
    with connection.cursor() as cursor:
        for table in ("lib_auditentry", "lib_auditseal"):
            for verb in ("update", "delete"):
                of_table = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER {table}_no_{verb}{of_table}")


def entry_of(position: int) -> AuditEntry:
    return AuditEntry.objects.get(pk=AuditSeal.objects.get(position=position).entry)


def change_actor(position: int) -> None:
    AuditEntry.objects.filter(pk=entry_of(position).pk).update(actor="somebody else")


def change_content(position: int) -> None:
    entry = entry_of(position)
    AuditEntry.objects.filter(pk=entry.pk).update(after={**entry.after, "n": -1})


def change_time(position: int) -> None:
    entry = entry_of(position)
    AuditEntry.objects.filter(pk=entry.pk).update(at=entry.at - timedelta(seconds=1))


def change_address(position: int) -> None:
    AuditEntry.objects.filter(pk=entry_of(position).pk).update(address="10.1.2.4")


def remove_entry(position: int) -> None:
    AuditEntry.objects.filter(pk=entry_of(position).pk)._raw_delete("default")


def remove_both(position: int) -> None:
    remove_entry(position)
    AuditSeal.objects.filter(position=position)._raw_delete("default")


def change_digest(position: int) -> None:
    AuditSeal.objects.filter(position=position).update(digest="f" * 64)


def swap_contents(position: int) -> None:
    one, two = entry_of(position), entry_of(position + 1)
    AuditEntry.objects.filter(pk=one.pk).update(after=two.after, before=two.before)
    AuditEntry.objects.filter(pk=two.pk).update(after=one.after, before=one.before)


TAMPERINGS = [
    change_actor, change_content, change_time, change_address, remove_entry, remove_both, change_digest, swap_contents
]  # fmt: skip


@pytest.mark.usefixtures("defenceless")
def test_a_hundred_tamperings_in_thousands_of_entries_are_found_and_named() -> None:
    write(ENTRIES)
    assert chain.seal_entries(now=clock.now()) == ENTRIES
    assert findings() == []
    seed = 20261122
    places = random.Random(seed).sample(range(2, ENTRIES - 2, 4), 100)  # noqa: S311 (nothing is kept secret by it)
    for turn, place in enumerate(places):
        TAMPERINGS[turn % len(TAMPERINGS)](place)

    named = {finding.position for finding in findings()}

    assert set(places) <= named
    # Nobody is accused who stands apart: only the entry itself and, where its digest went, the one after it.
    assert named <= {near for place in places for near in (place, place + 1)}


@pytest.mark.usefixtures("defenceless")
@pytest.mark.parametrize("tamper", TAMPERINGS)
def test_each_kind_of_tampering_is_found_alone(tamper: Callable[[int], None]) -> None:
    write(20)
    chain.seal_entries(now=clock.now())
    tamper(7)
    assert 7 in {finding.position for finding in findings()}


@pytest.mark.usefixtures("defenceless")
def test_a_cut_tail_shows_against_an_exported_head_only() -> None:
    write(50)
    chain.seal_entries(now=clock.now())
    head = chain.current_head()
    for position in range(41, 51):
        remove_both(position)
    assert findings() == []
    assert findings(heads=[head]) == [chain.ChainFault(50, "", "cut off: was exported")]


@pytest.mark.usefixtures("defenceless")
def test_a_chain_written_anew_shows_against_an_exported_head() -> None:
    write(20)
    chain.seal_entries(now=clock.now())
    head = chain.current_head()
    change_actor(5)
    AuditSeal.objects.all()._raw_delete("default")
    chain.seal_entries(now=clock.now())
    assert findings() == []
    assert [finding.position for finding in findings(heads=[head])] == [20]
    # Nor does it help to have the new one exported, too.
    assert [finding.position for finding in findings(heads=[head, chain.current_head()])] == [20]


@pytest.mark.usefixtures("defenceless")
def test_an_entry_put_in_behind_is_found() -> None:
    write(3)
    chain.seal_entries(now=clock.now())
    write(1)
    AuditEntry.objects.exclude(pk__in=AuditSeal.objects.values("entry")).update(at=clock.now() - timedelta(days=30))
    assert [finding.problem for finding in findings()] == ["not sealed"]


@pytest.mark.usefixtures("defenceless")
def test_an_entry_put_in_behind_is_found_also_once_it_was_sealed() -> None:
    write(3)
    now = clock.now()
    chain.seal_entries(now=now)
    write(1)
    behind = AuditEntry.objects.latest("pk")
    AuditEntry.objects.filter(pk=behind.pk).update(at=now - timedelta(days=30))
    chain.seal_entries(now=now + timedelta(days=1))
    assert [finding.problem for finding in findings()] == ["not sealed"]
    last = AuditSeal.objects.latest("position")
    digest = chain.entry_digest(last.digest, 4, now + timedelta(days=2), AuditEntry.objects.get(pk=behind.pk))
    AuditSeal.objects.create(position=4, entry=behind.pk, digest=digest, sealed_at=now + timedelta(days=2))
    assert [finding.position for finding in findings()] == [4]


@pytest.mark.usefixtures("defenceless")
def test_entries_of_hours_without_a_sweep_are_sealed_by_the_next_one() -> None:
    now = clock.now()
    write(2)
    chain.seal_entries(now=now - timedelta(hours=9))
    write(8)
    for number, entry in enumerate(AuditEntry.objects.order_by("pk")[2:]):
        AuditEntry.objects.filter(pk=entry.pk).update(at=now - timedelta(hours=8 - number))
    assert chain.seal_entries(now=now) == 8
    assert findings() == []


def test_a_clock_that_ran_ahead_holds_nothing_up() -> None:
    write(2)
    chain.seal_entries(now=clock.now() + timedelta(days=3))
    write(2)
    assert chain.seal_entries(now=clock.now()) == 2
    assert findings() == []


def test_a_torn_line_of_the_heads_is_told_and_passed_over() -> None:
    write(2)
    chain.seal_entries(now=clock.now())
    head_exports.heads_file().unlink(missing_ok=True)
    head = head_exports.export_head(now=clock.now())
    with head_exports.heads_file().open("a") as file:
        file.write("2026-11-22T00:00:00+00:00 12:ab\n\n")
    assert head_exports.read_heads() == ([head], ["2026-11-22T00:00:00+00:00 12:ab", ""])
    call_command("verify_audit", stdout=StringIO(), stderr=StringIO())
    head_exports.heads_file().unlink()


def test_entries_are_sealed_once_in_the_order_of_their_ids() -> None:
    write(5)
    assert (chain.seal_entries(now=clock.now()), chain.seal_entries(now=clock.now())) == (5, 0)
    write(1)
    assert chain.seal_entries(now=clock.now()) == 1
    ids = list(AuditSeal.objects.order_by("position").values_list("entry", flat=True))
    assert ids == sorted(ids)
    assert chain.current_head().position == 6


def test_the_command_says_what_it_found() -> None:
    factories.world()
    chain.seal_entries(now=clock.now())
    head_exports.heads_file().unlink(missing_ok=True)
    head = head_exports.export_head(now=clock.now())
    out = StringIO()
    call_command("verify_audit", "--head", str(head), stdout=out)
    assert f"head {head}, 2 exported heads, 0 findings" in out.getvalue()
    with pytest.raises(CommandError, match="tampered"):
        call_command("verify_audit", "--head", f"{head.position + 1}:{'0' * 64}", stdout=StringIO())
    with pytest.raises(CommandError, match="Not a head"):
        call_command("verify_audit", "--head", "7", stdout=StringIO())
    head_exports.heads_file().unlink()


def test_an_entry_says_who_from_where_and_what_changed() -> None:
    from indicators.services.catalogue import areas

    area = factories.area(note="before")
    areas.update_area(area=area, by=BY, now=clock.now(), note="after", name="City")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor, entry.department, entry.address, entry.verb) == ("key abc", 7, "10.1.2.3", "changed")
    assert (entry.kind, entry.label) == ("indicators.area", "city")
    assert (entry.before, entry.after) == ({"note": "before"}, {"note": "after"})
