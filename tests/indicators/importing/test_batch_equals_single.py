"""No check of a batch is weaker or stronger than the single post: every generated text gets the same verdict both ways."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from indicators.importing.readers import FORMATS
from indicators.importing.written_periods import PeriodReader
from indicators.models import Measurement
from kpitracker.lib import numbers
from tests import factories
from tests.kpitracker.lib.spreadsheets.files import workbook
from tests.support import Answer, Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MEDIA = {form: media for media, form in FORMATS.items()}
TABLES = ("csv", "xlsx")
COLUMNS = (
    "indicator",
    "area",
    "period",
    "value",
    "missing_reason",
    "qualifier",
    "stage",
    "published",
    "source",
    "note",
)
ROWS = 10  # at most so many values in one batch, between two ordinary rows
CONTROLS = "".join(map(chr, (*range(32), 0x7F, 0x85, 0x9F)))
SPACES = "\u00a0\u1680\u2003\u2007\u2009\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
SIGNS = "+-−‐–—－﹣()％%'’_·٫,;."
DIGITS = "0123456789" + "٠١٥٩" + "०५" + "５９" + "𝟓" + "²½Ⅳ"
ODD = st.sampled_from(CONTROLS + SPACES + SIGNS + DIGITS + "eE" + '"\\')
NUMBERS = st.from_regex(r"-?[0-9]{1,19}(\.[0-9]{1,7})?", fullmatch=True)
TEXTS = st.one_of(
    NUMBERS,
    st.builds("{}{}{}".format, NUMBERS, ODD, NUMBERS),
    st.builds("{}{}".format, NUMBERS, ODD),
    st.builds("{}{}".format, ODD, NUMBERS),
    st.builds("{}{}{}".format, NUMBERS, st.sampled_from(["\r\n", "\n\n", " \n", "\n-", "e", "E+"]), NUMBERS),
    st.text(ODD, min_size=1, max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
)
OTHER_FIELDS = {
    "note": st.one_of(TEXTS, st.sampled_from(["'=1", "=1", "e\u0301" * 3, "a" + "\u0301" * 40])),
    "indicator": st.builds("{}{}".format, st.sampled_from(["i0", "I0", ""]), ODD),
    "area": st.builds("{}{}".format, st.sampled_from(["city", "City"]), ODD),
    "period": st.builds("{}{}{}".format, st.sampled_from(["2024", "2024-0"]), ODD, st.sampled_from(["", "1", "Q1"])),
    "published": st.builds("{}{}".format, st.sampled_from(["2024-02-01", "2024-0", "unknown"]), ODD),
    "stage": st.builds("{}{}".format, st.sampled_from(["estimate", "official"]), ODD),
    "qualifier": st.builds("{}{}".format, st.sampled_from(["about", ""]), ODD),
    "missing_reason": st.builds("{}{}".format, st.sampled_from(["suppressed", ""]), ODD),
}
FIELDS = st.one_of(
    *[st.tuples(st.just("value"), TEXTS)] * 3,
    st.sampled_from(sorted(OTHER_FIELDS)).flatmap(lambda name: st.tuples(st.just(name), OTHER_FIELDS[name])),
)
Row = dict[str, str]
Verdict = tuple[str, str, Any]  # slug or outcome, pointer, and the stored value


def row_with(number: int, name: str, value: str) -> Row:
    return {"indicator": f"i{number}", "area": "city", "period": "2024-01", "value": "7"} | {name: value}


def as_json(row: Row) -> str:
    """A value that reads like a number of JSON is sent as one, so that both notations are tried."""
    members = [f'"{name}":{json.dumps(value)}' for name, value in row.items() if name != "value"]
    value = row["value"]
    is_token = len(value) % 2 and numbers.matches_number(value) and str(int(value.split(".")[0])) == value.split(".")[0]
    return "{" + ",".join([*members, f'"value":{value if is_token else json.dumps(value)}']) + "}"


def encode(form: str, rows: Sequence[Row]) -> bytes:
    if form in ("json", "ndjson"):
        lines = [as_json(row) for row in rows]
        return ("[" + ",".join(lines) + "]" if form == "json" else "\n".join(lines)).encode()
    cells = [list(COLUMNS), *([row.get(name, "") for name in COLUMNS] for row in rows)]
    if form == "xlsx":
        return workbook(cells, texts_only=True).getvalue()
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows(cells)
    return made.getvalue().encode()


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stored() -> Mapping[str, Any]:
    return dict(Measurement.objects.values_list("indicator__code", "value"))


def verdict_of(answer: Answer) -> Verdict:
    if answer.status < 300:
        return str(answer.json["outcome"]), "", answer.json["value"]
    pointer, slug = (answer.pointers or [("", answer.slug)])[0]
    return slug, pointer, None


def single_verdicts(api: Api, rows: Sequence[Row]) -> list[Verdict]:
    with undone():
        return [verdict_of(api.call("POST", "measurements/", raw=as_json(row).encode())) for row in rows]


def batch_verdicts(api: Api, form: str, rows: Sequence[Row]) -> list[Verdict]:
    """The verdict of each row; a fault of the whole file is that of every row."""
    ordinary = [row_with(ROWS, "value", "1"), row_with(ROWS + 1, "value", "2.5")]
    body = encode(form, [ordinary[0], *rows, ordinary[1]])
    query = "?atomic=false&verbose=true" + ("&locale=en" if form in TABLES else "")
    with undone():
        answer = api.call("POST", f"measurements/batch/{query}", raw=body, **{"Content-Type": MEDIA[form]})
        if answer.status != 200:
            return [verdict_of(answer)] * len(rows)
        values = stored()
        results = answer.json["results"][1:-1]
        return [
            (result["slug"], result["pointer"], None)
            if result["outcome"] == "rejected"
            else (result["outcome"], "", plain(values[row["indicator"]]))
            for result, row in zip(results, rows, strict=True)
        ]


def plain(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def is_written_period(text: str) -> bool:
    """Whether tables, unlike a single post, read this as a period: they take what people write beside the codes."""
    return PeriodReader().read(text)[0] != text


def assert_same(form: str, rows: Sequence[Row], alone: Sequence[Verdict], together: Sequence[Verdict]) -> None:
    for row, single, batch in zip(rows, alone, together, strict=True):
        if form in TABLES and is_written_period(row["period"]):
            continue  # tests/indicators/importing/test_written_periods.py
        if form in TABLES:
            # A table has neither empty texts nor every character: another fault may come first, never a figure.
            assert (single[0] == "created") >= (batch[0] == "created"), (form, row, single, batch)
            assert batch[2] in (None, single[2]), (form, row, single, batch)
            assert single[0] != "created" or batch == single, (form, row, single, batch)
        else:
            assert batch == single, (form, row, single, batch)


@pytest.fixture
def api() -> Api:
    factories.area()
    for number in range(ROWS + 2):
        factories.indicator(f"i{number}", decimals=6)
    return api_of()


def compare_both_ways(api: Api, values: int, *, rows_each: int, alone_in: Sequence[str], fixed: bool) -> None:
    """`alone_in`: the formats in which the first wrong value of each batch is sent again, alone among ordinary rows."""

    @settings(
        max_examples=values // rows_each,
        derandomize=fixed,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(fields=st.lists(FIELDS, min_size=rows_each, max_size=rows_each))
    def verdicts_agree(fields: list[tuple[str, str]]) -> None:
        rows = [row_with(number, *field) for number, field in enumerate(fields)]
        alone = single_verdicts(api, rows)
        has_nul = any("\x00" in value for _, value in fields)
        for form in MEDIA:
            together = batch_verdicts(api, form, rows)
            if form == "csv" and has_nul:  # no CSV file: nothing of it is read
                assert {verdict[0] for verdict in together} == {"invalid-csv"}
                continue
            assert_same(form, rows, alone, together)
            # Rows that are right are read together by a faster way: a wrong one must not hide among them.
            wrong = [number for number, verdict in enumerate(alone) if verdict[0] != "created"]
            for number in wrong[:1] if form in alone_in else ():
                assert_same(form, [rows[number]], [alone[number]], batch_verdicts(api, form, [rows[number]]))

    verdicts_agree()


def test_200_texts_get_the_same_verdict_alone_and_in_a_batch_of_each_format(api: Api) -> None:
    compare_both_ways(api, 200, rows_each=4, alone_in=["json", "csv"], fixed=True)


@pytest.mark.long
def test_10_000_texts_get_the_same_verdict_alone_and_in_a_batch_of_each_format(api: Api) -> None:
    compare_both_ways(api, 10_000, rows_each=ROWS, alone_in=list(MEDIA), fixed=False)


LINE_ENDS = {"LF": "\n", "CR": "\r", "CR LF": "\r\n", "two": "\n\n", "U+2028": "\u2028", "U+0085": "\x85", "VT": "\x0b"}


@pytest.mark.parametrize("form", MEDIA)
@pytest.mark.parametrize("end", LINE_ENDS.values(), ids=[f"between two numbers: {name}" for name in LINE_ENDS])
@pytest.mark.parametrize("numbers", ["1200 1350", "138000 8200", "5 7", "7.5 8", "10 -5", "1 2 3"])
def test_two_numbers_in_one_cell_are_no_number(api: Api, form: str, end: str, numbers: str) -> None:
    value = numbers.replace(" ", end)
    assert [verdict[:2] for verdict in batch_verdicts(api, form, [row_with(0, "value", value)])] == [
        ("invalid-number", "/value")
    ]


ROWS_OF_JSON = {
    "a name twice and a name with a space behind it": '{"indicator" :"i0","period":"2024-01","value":5,"value":6}',
    "a name twice and a name with a tab behind it": '{"indicator"\t:"i0","period":"2024-01","value":5,"value":6}',
    "a name twice, once with escapes": '{"indicator":"i0","period":"2024-01","value":5,"valu\\u0065":6}',
    "a name with a space behind it": '{"indicator" :"i0","period":"2024-01","value":5}',
    "a text that looks like a name": '{"indicator":"i0","period":"2024-01","value":5,"note":"a\\":b"}',
    "a number of 5,000 digits": '{"indicator":"i0","period":"2024-01","value":' + "9" * 5000 + "}",
    "an exponent": '{"indicator":"i0","period":"2024-01","value":1e2}',
    "a whole number with decimals": '{"indicator":"i0","period":"2024-01","value":5.0000000}',
    "minus nothing": '{"indicator":"i0","period":"2024-01","value":-0.0}',
    "a vertical tab behind it": '{"indicator":"i0","period":"2024-01","value":5}\x0b',
    "half a pair of surrogates": '{"indicator":"i0","period":"2024-01","value":5,"note":"\\ud800"}',
}
ROWS_OF_JSON |= {
    f"{name} in the code of {field}": json.dumps(
        {"indicator": "i0", "period": "2024-01", "value": "5", field: f"i0{sign}"}
    )
    for field in ("indicator", "area", "period")
    for name, sign in (("NUL", "\x00"), ("a line end", "\n"), ("DEL", "\x7f"), ("half a pair of surrogates", "\ud800"))
}
SPACED = '{"indicator" :"i5","period" :"2024-01","value" :5}'


@pytest.mark.parametrize("form", ["json", "ndjson"])
@pytest.mark.parametrize("line", ROWS_OF_JSON.values(), ids=ROWS_OF_JSON)
def test_an_unusual_object_is_answered_in_a_batch_as_it_is_alone(api: Api, line: str, form: str) -> None:
    with undone():
        alone = verdict_of(api.call("POST", "measurements/", raw=line.encode()))
    # Its neighbour has spaces that a count of names over both rows would set off against a repeated name.
    lines = [SPACED, line]
    body = "[" + ",".join(lines) + "]" if form == "json" else "\n".join(lines)
    query = "measurements/batch/?atomic=false&verbose=true"
    answer = api.call("POST", query, raw=body.encode(), **{"Content-Type": MEDIA[form]})
    if answer.status != 200:  # the whole list cannot be read
        assert verdict_of(answer)[0] == alone[0]
        return
    result = answer.json["results"][1]
    assert result.get("slug", result["outcome"]) == alone[0]
