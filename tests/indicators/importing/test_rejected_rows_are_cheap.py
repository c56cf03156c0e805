"""A batch of wrong rows makes errors and sentences for those that it explains; the rest it counts."""

import json
from typing import NamedTuple

import pytest

from indicators.api.v1 import import_reports
from indicators.importing.readers import FORMATS
from indicators.services.batches import imports
from kpitracker.lib import errors
from kpitracker.lib.i18n import text
from tests import factories
from tests.kpitracker.lib.spreadsheets.files import workbook
from tests.support import api_of

pytestmark = pytest.mark.django_db
MEDIA = {form: media for media, form in FORMATS.items()}
ROWS, EXPLAINED = 150, 10

Fields = dict[str, object]
GOOD: Fields = {"indicator": "sales", "area": "city", "period": "2024", "value": "1", "published": "2024-12-31"}
WRONG_ROWS: dict[str, tuple[Fields, str]] = {
    "no period": ({"period": ""}, "required"),
    "a period that is none": ({"period": "2024-13"}, "invalid-period"),
    "no code of an indicator": ({"indicator": ""}, "required"),
    "a code with capitals": ({"indicator": "Sales"}, "invalid-code"),
    "an indicator that does not exist": ({"indicator": "nothing"}, "unknown-indicator"),
    "an area that does not exist": ({"area": "nowhere"}, "unknown-area"),
    "neither value nor reason": ({"value": ""}, "required"),
    "a value that is no number": ({"value": "many"}, "invalid-number"),
    "a value of too many digits": ({"value": "1" * 30}, "invalid-number"),
    "a stage that is none": ({"stage": "guess"}, "invalid-choice"),
    "a reason beside a value": ({"missing_reason": "withdrawn"}, "invalid-choice"),
    "a day that is none": ({"published": "31/31/2024"}, "invalid-date"),
    "a day after today": ({"published": "2999-01-01"}, "invalid-date"),
    "everything wrong": ({"indicator": "A", "area": "B", "period": "C", "value": "D", "stage": "E"}, "invalid-code"),
}
WRONG_OBJECTS: dict[str, tuple[str, str]] = {
    "an unknown field and none that is needed": ('{"a": 1}', "unknown-field"),
    "many unknown fields": (json.dumps({f"a{number}": 1 for number in range(30)}), "unknown-field"),
    "an empty object": ("{}", "required"),
    "numbers for texts": ('{"indicator": 1, "period": 2, "value": "3"}', "invalid-type"),
    "an object for a number": ('{"indicator": "sales", "period": "2024", "value": {}}', "invalid-number"),
    "a field that is given twice": ('{"indicator": "sales", "indicator": "sales"}', "malformed-json"),
}


def body_of(form: str, row: Fields, count: int) -> bytes:
    cells = GOOD | row
    if form in ("json", "ndjson"):
        return join_objects(form, json.dumps({name: value for name, value in cells.items() if value != ""}), count)
    header = dict.fromkeys([*GOOD, "stage", "missing_reason"], "") | cells
    lines = [list(header), *[[str(cell) for cell in header.values()]] * count]
    if form == "csv":
        return "\n".join(",".join(line) for line in lines).encode()
    return workbook(lines).getvalue()


def join_objects(form: str, item: str, count: int) -> bytes:
    return ("[" + ",".join([item] * count) + "]" if form == "json" else "\n".join([item] * count)).encode()


class Made(NamedTuple):
    """How many errors and texts in a language were made."""

    errors: list[str]
    texts: list[str]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    counted = Made([], [])
    make_error, choose_language = errors.DomainError.__init__, text.is_vietnamese

    def count_error(error: errors.DomainError, *args: object, **kwargs: object) -> None:
        counted.errors.append(type(error).__name__)
        make_error(error, *args, **kwargs)  # type: ignore[arg-type]

    def count_text() -> bool:
        counted.texts.append("")
        return choose_language()

    monkeypatch.setattr(errors.DomainError, "__init__", count_error)
    monkeypatch.setattr(text, "is_vietnamese", count_text)
    for module in (imports, import_reports):
        monkeypatch.setattr(module, "MAX_NAMED_ERRORS", EXPLAINED)
    return counted


def check_answer(form: str, body: bytes, slug: str, made: Made) -> None:
    made.errors.clear()
    made.texts.clear()
    report = api_of().call("POST", "measurements/batch/?atomic=false", raw=body, **{"Content-Type": MEDIA[form]}).ok()
    assert (report["rejected"], len(report["errors"])) == (ROWS, EXPLAINED), form
    assert {error["slug"] for error in report["errors"]} == {slug}, form
    # Of a row: the error of its field, and that of the row around it. Periods and codes are tried first on a fast path.
    assert len(made.errors) <= 5 * ROWS, form
    # Where sentences were made for all rows there would be two or more of each: they are stored in both languages.
    assert len(made.texts) < ROWS, form


@pytest.mark.parametrize("case", WRONG_ROWS)
def test_sentences_are_made_for_the_rows_that_are_explained(case: str, made: Made) -> None:
    factories.world()
    row, slug = WRONG_ROWS[case]
    for form in MEDIA:
        check_answer(form, body_of(form, row, ROWS), slug, made)


@pytest.mark.parametrize("case", WRONG_OBJECTS)
def test_sentences_are_made_for_the_objects_that_are_explained(case: str, made: Made) -> None:
    factories.world()
    item, slug = WRONG_OBJECTS[case]
    for form in ("json", "ndjson"):
        check_answer(form, join_objects(form, item, ROWS), slug, made)


@pytest.mark.usefixtures("made")
def test_every_row_says_which_error_it_has() -> None:
    factories.world()
    body = body_of("json", {"value": "many"}, ROWS)
    path = "measurements/batch/?atomic=false&verbose=true"
    results = api_of().call("POST", path, raw=body, **{"Content-Type": MEDIA["json"]}).ok()["results"]
    assert {(row["pointer"], row["slug"]) for row in results} == {("/value", "invalid-number")}
    assert all(row["detail"] for row in results)


@pytest.mark.parametrize("form", MEDIA)
def test_too_many_rows_are_refused_before_one_is_checked(
    form: str, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.world()
    monkeypatch.setattr(imports, "MAX_ROWS", ROWS - 1)
    for case in ("no period", "an indicator that does not exist", "everything wrong"):
        body = body_of(form, WRONG_ROWS[case][0], ROWS)
        made.errors.clear()
        api_of().call("POST", "measurements/batch/", raw=body, **{"Content-Type": MEDIA[form]}).problem(
            413, "too-large"
        )
        assert made.errors == ["TooLarge"], case


@pytest.mark.parametrize("form", MEDIA)
def test_empty_rows_do_not_count(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    factories.world()
    monkeypatch.setattr(imports, "MAX_ROWS", 1)
    body = body_of(form, {}, 1) + (b"" if form in ("json", "xlsx") else b"\n\n \n")
    report = api_of().call("POST", "measurements/batch/", raw=body, **{"Content-Type": MEDIA[form]}).ok()
    assert report["created"] == 1
