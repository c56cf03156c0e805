"""Published figures go in as files, come out as files, and change nothing when they go in again."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from indicators.models import Revision
from kpitracker.env import ROOT
from kpitracker.lib.spreadsheets.flatten import Column
from kpitracker.lib.spreadsheets.writing import write_csv, write_xlsx
from tests import factories
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DATA = Path(__file__).parents[1] / "data"
NAMES = ["indicator", "area", "period", "value", "missing_reason", "qualifier", "stage", "published", "source", "note"]
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
FORMS = pytest.mark.parametrize("form", MEDIA)


def of_2024() -> list[dict[str, Any]]:
    """The demo plan's catalogue is loaded, with all its figures; the same figures again, as published."""
    call_command("load_demo", "--history-only", stdout=io.StringIO())
    kept = json.loads((ROOT / "targets" / "demo" / "hcmc-2024.json").read_text())
    return [*kept["figures"], *kept["undated"]]


def of_october_2020() -> list[dict[str, Any]]:
    factories.area("hcmc")
    factories.department("statistics")
    with (DATA / "hcmc-2020-october-indicators.csv").open() as file:
        for row in csv.DictReader(file):
            values = {name: row[name] for name in ("unit", "kind", "frequency", "accumulation")}
            factories.indicator(row["code"], name=row["name_vi"], name_en=row["name_en"], **values)
    with (DATA / "hcmc-2020-october-figures.csv").open() as file:
        return list(csv.DictReader(file))


SETS = {"2024": (of_2024, 328), "October 2020": (of_october_2020, 8)}


def file_of(form: str, rows: list[dict[str, Any]]) -> bytes:
    made = io.BytesIO()
    cells = [[row.get(name) or "" for name in NAMES] for row in rows]
    WRITERS[form](made, [Column(name, (name,)) for name in NAMES], cells, "figures")
    return made.getvalue()


def send(api: Api, form: str, body: bytes, query: str = "") -> Answer:
    return api.call("POST", f"measurements/batch/{query}", raw=body, **{"Content-Type": MEDIA[form]})


def counts(answer: Answer) -> list[int]:
    notified = answer.ok()
    return [notified[name] for name in ("rows", "created", "revised", "unchanged", "rejected")]


@FORMS
@pytest.mark.parametrize("name", SETS)
def test_figures_sent_twice_and_files_sent_back_change_nothing(name: str, form: str) -> None:
    make, count = SETS[name]
    rows, api = make(), api_of()
    assert len(rows) == count
    existing = Revision.objects.count()
    first = counts(send(api, form, file_of(form, rows)))
    assert first == ([count, 0, 0, count, 0] if existing else [count, count, 0, 0, 0])
    assert Revision.objects.count() == existing + first[1]
    assert counts(send(api, form, file_of(form, rows))) == [count, 0, 0, count, 0]
    for query in ("", "&include_history=true"):
        for out in MEDIA:
            exported = api.get(f"measurements/?format={out}{query}")
            assert exported.status == 200
            rows_out, *changes = counts(send(api, out, exported.raw))
            assert changes == [0, 0, rows_out, 0]
    assert Revision.objects.count() == existing + first[1]
