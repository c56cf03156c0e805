"""A file is looked at, then confirmed: the same bytes, once, in the name of the person who looked."""

import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from indicators.importing import dry_runs, jobs
from indicators.models import Department, Import, Revision
from kpitracker.lib import clock
from kpitracker.lib.actor import Actor
from kpitracker.lib.errors import Conflict, Forbidden
from tests import factories
from tests.admin_support import person
from tests.flows.test_concurrent_requests import at_once

pytestmark = pytest.mark.database

HEADER = "indicator,area,period,value\n"
GOOD = HEADER + "sales,city,2024-01,5\nsales,city,2024-02,6\n"
BAD = GOOD + "sales,city,2024-13,7\n"


@pytest.fixture
def lan(settings: Any, tmp_path: Path) -> Actor:
    settings.UPLOADS_DIR = str(tmp_path)
    factories.world()
    return person("lan", "officer", "statistics").as_actor()


def look(by: Actor, body: str = GOOD, **values: Any) -> Import:
    """Looked at to the end."""
    batch = dry_runs.start_dry_run(
        read_chunk=io.BytesIO(body.encode()).read, form="csv", by=by, now=clock.now(), **values
    )
    dry_runs.run_if_small(batch)
    batch.refresh_from_db()
    return batch


def confirm(batch: Import, by: Actor) -> Import:
    made = dry_runs.confirm(dry_run=batch, by=by, now=clock.now())
    dry_runs.run_if_small(made)
    made.refresh_from_db()
    return made


def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.django_db
class TestOne:
    def test_what_was_looked_at_is_imported_and_the_file_goes(self, lan: Actor, tmp_path: Path) -> None:
        seen = look(lan, file_name="figures.csv", locale="vi", atomic=False)
        assert (seen.state, seen.created, seen.is_confirmable) == ("done", 2, True)
        assert not Revision.objects.exists()
        assert files(tmp_path) == [seen.pk.hex]
        made = confirm(seen, lan)
        assert (made.state, made.created, made.dry_run, made.file_kept) == ("done", 2, False, False)
        assert (made.file_name, made.locale, made.atomic, made.size) == ("figures.csv", "vi", False, len(GOOD))
        assert (made.posted_by, made.person, made.confirms_id) == ("admin lan", lan.person, seen.pk)
        assert {revision.department_id for revision in Revision.objects.all()} == {Department.objects.get().pk}
        assert files(tmp_path) == []

    def test_confirmed_again_it_is_the_same_import(self, lan: Actor) -> None:
        seen = look(lan)
        assert confirm(seen, lan).pk == confirm(seen, lan).pk
        assert Revision.objects.count() == 2

    @pytest.mark.parametrize(
        ("body", "values"),
        [
            pytest.param(BAD, {"atomic": True}, id="a row is wrong and all were asked for"),
            pytest.param("indicator,price\n", {}, id="it cannot be read"),
            pytest.param(HEADER, {}, id="it holds no row"),
        ],
    )
    def test_a_file_that_would_write_nothing_is_not_kept(
        self, lan: Actor, body: str, values: dict[str, Any], tmp_path: Path
    ) -> None:
        seen = look(lan, body, **values)
        assert files(tmp_path) == []
        with pytest.raises(Conflict, match="not-confirmable"):
            confirm(seen, lan)

    def test_the_right_rows_of_a_file_are_confirmed_where_they_were_asked_for(self, lan: Actor) -> None:
        seen = look(lan, BAD, atomic=False)
        assert (seen.created, seen.rejected) == (2, 1)
        made = confirm(seen, lan)
        assert (made.created, made.rejected, Revision.objects.count()) == (2, 1, 2)

    def test_nobody_confirms_what_another_has_looked_at(self, lan: Actor) -> None:
        seen = look(lan)
        for other in (person("hoa", "officer", "statistics").as_actor(), factories.BY):
            with pytest.raises(Forbidden):
                confirm(seen, other)
        assert Import.objects.count() == 1

    def test_who_may_no_longer_post_figures_confirms_nothing(self, lan: Actor) -> None:
        seen = look(lan)
        with pytest.raises(Forbidden):
            confirm(seen, lan._replace(scopes=frozenset({"read"})))
        with pytest.raises(Forbidden):
            look(lan._replace(scopes=frozenset({"read"})))

    def test_after_a_day_the_file_is_gone_and_he_is_told(self, lan: Actor, tmp_path: Path) -> None:
        seen = look(lan)
        old = clock.now() - timedelta(days=2)
        os.utime(tmp_path / seen.pk.hex, (old.timestamp(), old.timestamp()))
        assert jobs.delete_abandoned_files(now=clock.now()) == 1
        with pytest.raises(Conflict, match="upload-lost"):
            confirm(seen, lan)
        assert Import.objects.get() == seen

    def test_a_file_confirmed_late_is_not_taken_for_abandoned(self, lan: Actor, tmp_path: Path) -> None:
        seen = look(lan)
        old = clock.now() - timedelta(days=2)
        os.utime(tmp_path / seen.pk.hex, (old.timestamp(), old.timestamp()))
        made = dry_runs.confirm(dry_run=seen, by=lan, now=clock.now())
        Import.objects.filter(pk=made.pk).update(state="done", rows=0)  # as housekeeping sees it that looked before
        assert jobs.delete_abandoned_files(now=clock.now()) == 0

    def test_an_import_that_cannot_be_noted_leaves_the_file_to_be_confirmed(self, lan: Actor, tmp_path: Path) -> None:
        seen = look(lan)
        with pytest.raises(Department.DoesNotExist):
            dry_runs.confirm(dry_run=seen, by=lan._replace(department=10**9), now=clock.now())
        assert files(tmp_path) == [seen.pk.hex]
        assert confirm(seen, lan).created == 2

    def test_of_many_files_that_wait_for_a_person_the_oldest_go(self, lan: Actor, tmp_path: Path) -> None:
        seen = [look(lan, GOOD + f"sales,city,2023-0{n},5\n") for n in range(1, 8)]
        assert files(tmp_path) == sorted(row.pk.hex for row in seen[-dry_runs.MAX_WAITING_FILES :])

    def test_many_files_that_wait_for_the_worker_are_too_many(self, lan: Actor, tmp_path: Path) -> None:
        for _ in range(dry_runs.MAX_WAITING_FILES):
            dry_runs.start_dry_run(read_chunk=io.BytesIO(GOOD.encode()).read, form="csv", by=lan, now=clock.now())
        with pytest.raises(Conflict, match="too-many-waiting"):
            look(lan)
        assert len(files(tmp_path)) == dry_runs.MAX_WAITING_FILES


@pytest.mark.django_db(transaction=True)
def test_confirmed_by_eight_at_once_it_is_imported_once(lan: Actor, tmp_path: Path) -> None:
    seen = look(lan)
    result = at_once(8, lambda _: confirm(seen, lan).pk)
    assert len(set(result)) == 1, result
    assert Import.objects.filter(dry_run=False).count() == 1
    assert jobs.run_due_imports(now=clock.now, seconds=60) == 0
    assert Revision.objects.count() == 2
    assert files(tmp_path) == []
