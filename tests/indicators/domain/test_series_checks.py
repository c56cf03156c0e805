"""What speaks against a figure by itself, and beside the other figures of its series."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from indicators.domain.choices import Accumulation, Frequency, IndicatorKind
from indicators.domain.figures import Figure
from indicators.domain.periods import Period
from indicators.domain.series_checks import (
    SeriesFigures,
    average_per_period,
    differs_beyond_rounding,
    is_impossible,
)


def series(figures: Mapping[str, str], **values: Any) -> SeriesFigures:
    terms = {"kind": IndicatorKind.LEVEL, "accumulation": Accumulation.SUM, "frequency": Frequency.MONTH, "decimals": 1}
    rows = [
        Figure("", 1, *Period.parse(code), Decimal(value), "", "", date(2025, 1, 1), number)
        for number, (code, value) in enumerate(figures.items())
    ]
    return SeriesFigures(**{**terms, **values}, figures=rows)


MONTHS = {"2024-01": "100", "2024-02": "104", "2024-03": "97"}
APRIL = "2024-04"


@pytest.mark.parametrize(
    ("stored", "posted", "kind", "jump"),
    [
        pytest.param(MONTHS, (APRIL, "100000"), "level", ("2024-01", "1000", True), id="a thousand times"),
        pytest.param(MONTHS, (APRIL, "98000000"), "level", ("2024-01", "1E+6", True), id="a million times"),
        pytest.param(MONTHS, (APRIL, "10000"), "count", ("2024-01", "100", True), id="a hundred times"),
        pytest.param(MONTHS, (APRIL, "1"), "level", ("2024-01", "100", False), id="a hundredth"),
        pytest.param(MONTHS, (APRIL, "0.1"), "level", ("2024-01", "1000", False), id="a thousandth"),
        pytest.param(MONTHS, (APRIL, "-9700"), "level", ("2024-01", "100", True), id="a hundred times, below zero"),
        pytest.param(MONTHS, (APRIL, "6900"), "level", None, id="69 times: it may be"),
        pytest.param(MONTHS, (APRIL, "1.5"), "level", None, id="a sixty-sixth"),
        pytest.param(MONTHS, (APRIL, "0"), "level", None, id="nothing"),
        pytest.param(MONTHS, (APRIL, "10000"), "rate", None, id="a rate comes near zero"),
        pytest.param(MONTHS, (APRIL, "1"), "rank", None, id="a rank"),
        pytest.param({"2024-01": "100"}, (APRIL, "100000"), "level", None, id="one figure says nothing"),
        pytest.param({**MONTHS, "2024-03": "0"}, (APRIL, "100000"), "level", ("2024-01", "1000", True), id="zeros are left out"),
        pytest.param(MONTHS, ("2024-Q2", "100000"), "level", None, id="a quarter is not compared with months"),
        pytest.param(MONTHS, ("2023-12", "100000"), "level", ("2024-01", "1000", True), id="history that is loaded backwards"),
        pytest.param({**MONTHS, APRIL: "99"}, (APRIL, "100000"), "level", ("2024-01", "1000", True), id="its own figure is what it replaces"),
        pytest.param(
            {"2021-01/2021-05": "30", "2022-01/2022-05": "28", "2023-12": "95"}, ("2024-01/2024-05", "0.3"), "share",
            ("2022-01/2022-05", "90", False), id="a share as a fraction, cumulative with cumulative",
        ),
    ],
)  # fmt: skip
def test_scale(stored: dict[str, str], posted: tuple[str, str], kind: str, jump: tuple[str, str, bool] | None) -> None:
    period, value = Period.parse(posted[0]), Decimal(posted[1])
    checked = series({**stored, posted[0]: posted[1]}, kind=IndicatorKind(kind)).scale_jump(period, value)
    assert checked == (
        jump and (Period.parse(jump[0]), Decimal({**stored}[jump[0]]), Decimal(jump[1]), jump[2])
    )  # fmt: skip


QUARTER = "2024-Q1"


@pytest.mark.parametrize(
    ("figures", "checked", "accumulation", "totals"),
    [
        pytest.param({**MONTHS, QUARTER: "301"}, QUARTER, "sum", [], id="months that add up to their quarter"),
        pytest.param({**MONTHS, QUARTER: "303"}, QUARTER, "sum", [], id="but for rounding"),
        pytest.param({**MONTHS, QUARTER: "304"}, QUARTER, "sum", [("2024-Q1", "301")], id="beyond rounding"),
        pytest.param({**MONTHS, QUARTER: "310"}, "2024-02", "sum", [("2024-Q1", "301")], id="seen from a month"),
        pytest.param({"2024-01": "100", QUARTER: "50"}, QUARTER, "sum", [], id="one month is no total"),
        pytest.param({**MONTHS, "2024-04": "9", QUARTER: "301"}, "2024-04", "sum", [], id="a month of another quarter"),
        pytest.param(
            {"2024-H1": "470", "2024-H2": "700", "2024": "1190"}, "2024", "sum", [("2024", "1170")], id="halves and year",
        ),
        pytest.param(
            {**MONTHS, QUARTER: "301", "2024-01/2024-02": "210"}, "2024-01", "sum", [("2024-01/2024-02", "204")],
            id="a month that was revised inside a cumulative figure",
        ),
        pytest.param({**MONTHS, QUARTER: "100.33"}, QUARTER, "mean", [], id="an average of its months"),
        pytest.param({**MONTHS, QUARTER: "110"}, QUARTER, "mean", [("2024-Q1", "100.3333333333")], id="another average"),
        pytest.param({**MONTHS, QUARTER: "9"}, QUARTER, "none", [], id="growth does not add up"),
        pytest.param({**MONTHS, QUARTER: "9"}, QUARTER, "last", [], id="nor does a stock"),
    ],
)  # fmt: skip
def test_wholes_and_parts(
    figures: dict[str, str], checked: str, accumulation: str, totals: list[tuple[str, str]]
) -> None:
    different = series(figures, accumulation=Accumulation(accumulation)).different_totals(Period.parse(checked))
    assert [(str(row.whole), str(row.total)[:14]) for row in different] == totals


@pytest.mark.parametrize(
    ("value", "total", "parts", "decimals", "differs"),
    [
        pytest.param("10", "10", ["4", "6"], 2, False, id="the same"),
        pytest.param("11", "10", ["4", "6"], 2, False, id="published without decimals: each half off"),
        pytest.param("12", "10", ["4", "6"], 2, True, id="two are more than three halves"),
        pytest.param("10.02", "10", ["4.01", "5.99"], 2, True, id="published with two decimals"),
        pytest.param("10.01", "10", ["4.01", "5.99"], 2, False, id="one in the last place"),
        pytest.param("10.4", "10", ["4.01", "5.99"], 0, False, id="shown without decimals"),
        pytest.param("300", "240", ["100", "140"], 1, True, id="zeros at the end are digits"),
    ],
)
def test_rounding(value: str, total: str, parts: list[str], decimals: int, differs: bool) -> None:
    numbers = [Decimal(part) for part in parts]
    assert differs_beyond_rounding(Decimal(value), Decimal(total), numbers, decimals) is differs


@pytest.mark.parametrize(
    ("value", "kind", "impossible"),
    [
        pytest.param("100", "share", False, id="all"),
        pytest.param("100.01", "share", True, id="more than all"),
        pytest.param("0", "share", False, id="none"),
        pytest.param("-0.5", "share", True, id="less than none"),
        pytest.param("1", "rank", False, id="first"),
        pytest.param("0", "rank", True, id="before the first"),
        pytest.param("-3", "rank", True, id="far before the first"),
        pytest.param("250", "rate", False, id="a rate may be anything"),
        pytest.param("-3", "level", False, id="so may a level"),
        pytest.param("0", "count", False, id="nothing to count"),
        pytest.param("-10", "count", True, id="fewer than nothing"),
    ],
)
def test_what_cannot_be(value: str, kind: str, impossible: bool) -> None:
    assert is_impossible(Decimal(value), IndicatorKind(kind)) is impossible


@pytest.mark.parametrize(
    ("period", "accumulation", "frequency", "average"),
    [
        pytest.param("2024-01/2024-06", "sum", "month", ("100", 6), id="six months together"),
        pytest.param("2024-01", "sum", "month", ("600", 1), id="one month"),
        pytest.param("2024-01/2024-06", "sum", "quarter", ("300", 2), id="two quarters"),
        pytest.param("2024-01/2024-05", "sum", "quarter", ("600", 1), id="no whole quarters"),
        pytest.param("2024-01/2024-06", "mean", "month", ("600", 1), id="an average is one already"),
        pytest.param("2024-01/2024-06", "last", "month", ("600", 1), id="a stock"),
    ],
)
def test_average_per_period(period: str, accumulation: str, frequency: str, average: tuple[str, int]) -> None:
    checked = average_per_period(Decimal(600), Period.parse(period), Accumulation(accumulation), Frequency(frequency))
    assert checked == (Decimal(average[0]), average[1])
