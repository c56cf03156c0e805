"""Ids, counters, slots and the field of exact decimals."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from indicators.models import Measurement
from kpitracker.lib.db.uuid7 import uuid7
from kpitracker.lib.job_slots import claim_slot
from kpitracker.lib.models import CommitSequence, JobRun
from targets.models import Assessment
from tests import factories

pytestmark = pytest.mark.database

NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)


def test_ids_sort_in_the_order_in_which_they_were_made() -> None:
    made = [uuid7() for _ in range(5000)]
    steps = {(two.int - one.int) >> 56 for one, two in itertools.pairwise(made)}
    assert len(steps) > 50, "equal steps would tell how many were made in between"
    assert made == sorted(made)
    assert len(set(made)) == 5000
    assert {(row.version, row.variant) for row in made} == {(7, "specified in RFC 4122")}


@pytest.mark.django_db
def test_counters_never_give_a_number_twice() -> None:
    assert list(CommitSequence.next_values("a", 3)) == [1, 2, 3]
    assert list(CommitSequence.next_values("a", 2)) == [4, 5]
    assert list(CommitSequence.next_values("b", 1)) == [1]


@pytest.mark.django_db
class TestSlots:
    def test_the_second_scheduler_finds_the_slot_taken(self) -> None:
        with claim_slot("job", "2024-07-01", NOW) as first, claim_slot("job", "2024-07-01", NOW) as second:
            assert (first, second) == (True, False)
        with claim_slot("job", "2024-07-01", NOW) as repeated:
            assert not repeated

    def test_what_was_abandoned_is_run_again(self) -> None:
        JobRun.objects.create(job="job", slot="a", started_at=NOW)
        with claim_slot("job", "a", NOW + timedelta(minutes=9)) as too_early:
            assert not too_early
        with claim_slot("job", "a", NOW + timedelta(minutes=11)) as taken_over:
            assert taken_over

    def test_a_job_that_fails_leaves_its_slot_free(self) -> None:
        with pytest.raises(RuntimeError), claim_slot("job", "a", NOW):
            raise RuntimeError
        with claim_slot("job", "a", NOW + timedelta(seconds=10)) as repeated:
            assert repeated

    def test_a_job_that_fails_beside_the_slots_owner_leaves_it_taken(self) -> None:
        with claim_slot("job", "a", NOW), pytest.raises(RuntimeError), claim_slot("job", "a", NOW):
            raise RuntimeError
        assert JobRun.objects.get().finished_at == NOW


@pytest.mark.django_db
class TestExactDecimals:
    @pytest.mark.parametrize(
        "written", ["0.000001", "999999999999999999.999999", "-123456789012345678.123456", "1000000", "0", "7.5"]
    )
    def test_every_digit_comes_back(self, written: str) -> None:
        factories.area()
        factories.indicator()
        figure = factories.figure("sales", "2024-01", written).measurement
        stored = Measurement.objects.get(pk=figure.pk).value
        assert stored is not None
        assert format(stored, "f") == written

    @pytest.mark.parametrize("bad", ["NaN", "1.1234567", "1000000000000000000", "x"])
    def test_nothing_is_rounded_in_silence(self, bad: str) -> None:
        field = Measurement._meta.get_field("value")
        with pytest.raises((ValueError, ValidationError)):
            field.get_db_prep_save(bad, connection)

    def test_assessments_have_twelve_places(self) -> None:
        field = Assessment._meta.get_field("actual")
        third = Decimal("123456789012345678.123456789012")
        assert Decimal(str(field.get_db_prep_save(third, connection))) == third


@pytest.mark.django_db
def test_numbers_like_times_grow_and_do_not_count() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    drawn = [number for _ in range(20) for number in CommitSequence.next_timestamps("changes", 5, now)]
    steps = {two - one for one, two in itertools.pairwise(drawn)}
    assert drawn == sorted(set(drawn))
    assert drawn[0] >= now.timestamp() * 1_000_000
    assert len(steps) > 30
