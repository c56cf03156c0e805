"""Periods as people write them, and as pages show them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.period_words import day_in_words, parse_written_period, period_in_words
from indicators.domain.periods import InvalidPeriod, Period

WRITTEN = {
    "2024": ["2024", "năm 2024", "nam 2024", " 2024 "],
    "2024-10": [
        "10/2024", "tháng 10/2024", "Tháng 10 năm 2024", "thang 10/2024", "T10/2024", "t10.2024", "10-2024", "2024-T10",
        "2024-10", "2024/10", "October 2024", "Oct 2024", "tha\u0301ng 10/2024",
    ],
    "2024-07": ["7/2024", "07/2024", "tháng 7/2024", "2024-7", "July 2024"],
    "2025-Q1": [
        "Q1/2025", "quý 1/2025", "Quý I/2025", "quý I năm 2025", "quy 1 2025", "2025-q1", "2025Q1", "Q1 2025",
        "the first quarter of 2025", "first quarter 2025",
    ],
    "2025-Q4": ["quý IV/2025", "Q4-2025"],
    "2025-H1": ["6 tháng 2025", "6 tháng đầu năm 2025", "6 thang/2025", "6T/2025", "H1/2025", "6 months 2025", "nửa đầu năm 2025"],
    "2025-H2": ["6 tháng cuối năm 2025", "H2 2025", "2025-H2"],
    "2025-01/2025-09": ["9 tháng 2025", "9 tháng đầu năm 2025", "1-9/2025", "tháng 1 đến tháng 9/2025", "2025-01/2025-09"],
    "2021/2025": ["2021-2025", "giai đoạn 2021–2025", "2021 to 2025", "2021/2025"],
    "2024-07-15": ["15/07/2024", "ngày 15/7/2024", "15 July 2024", "15 jul 2024", "2024-07-15"],
    "2024-07-01/2024-07-15": ["từ ngày 01/07/2024 đến ngày 15/07/2024", "1 July 2024 to 15 July 2024"],
}  # fmt: skip
REFUSED = [
    "", "abc", "13/2024", "0/2024", "13 tháng 2024", "0 tháng 2024", "quý 5/2024", "quý V/2024", "H3/2024", "31/02/2024",
    "2025-2021", "10/24", "٢/2024", "7-1/2024/1", "1-7/05/2024", "7 đến 1/2024", "10/1024", "15/13/2024", "2024 2025",
]  # fmt: skip


@pytest.mark.parametrize(("code", "written"), [(code, text) for code, texts in WRITTEN.items() for text in texts])
def test_people_write_a_period_in_many_ways(code: str, written: str) -> None:
    assert parse_written_period(written) == Period.parse(code)


@pytest.mark.parametrize("written", REFUSED)
def test_what_is_no_period_is_refused(written: str) -> None:
    with pytest.raises(InvalidPeriod):
        parse_written_period(written)


_DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
_MONTHS = st.tuples(st.integers(1900, 2190), st.integers(1, 12), st.integers(1, 30))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    if draw(st.booleans()):
        return Period(*sorted((draw(_DAYS), draw(_DAYS))))
    year, month, count = draw(_MONTHS)
    first = Period.parse(f"{year}-{month:02}")
    return Period(first.start, first.months_later(count - 1).end)


@given(periods(), st.booleans())
def test_words_and_codes_read_back_as_the_same_period(period: Period, vietnamese: bool) -> None:
    assert parse_written_period(period_in_words(period, vietnamese=vietnamese)) == period
    assert parse_written_period(str(period)) == period


def test_a_day_has_one_notation_in_a_language() -> None:
    assert day_in_words(date(2026, 11, 5), vietnamese=True) == "05/11/2026"
    assert day_in_words(date(2026, 11, 5), vietnamese=False) == "5 November 2026"
