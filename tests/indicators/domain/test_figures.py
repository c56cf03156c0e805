"""Which revision of a figure was in force on a day."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.domain.figures import Figure, figure_precedence, figures_in_force
from indicators.domain.periods import Period

from .builders import day, figure


def values(revisions: Sequence[Figure], as_of: str) -> list[str]:
    return [str(row.value) for row in figures_in_force(revisions, day(as_of))]


@pytest.mark.parametrize(
    ("published", "as_of", "in_force_then"),
    [
        pytest.param(["2024-02-01"], "2024-01-31", [], id="not known before its day"),
        pytest.param(["2024-02-01"], "2024-02-01", ["0"], id="known on its day"),
        pytest.param(["2024-02-01", "2024-03-01"], "2024-02-29", ["0"], id="a later one is not known earlier"),
        pytest.param(["2024-02-01", "2024-03-01"], "2024-03-01", ["1"], id="the latest published counts"),
        pytest.param(["2024-03-01", "2024-02-01"], "2024-03-01", ["0"], id="one recorded late does not replace"),
        pytest.param(["2024-02-01", "2024-02-01"], "2024-02-01", ["1"], id="of one day the last recorded"),
        pytest.param([None], "2024-02-01", ["0"], id="an undated one counts alone"),
        pytest.param(["2024-02-01", None], "2024-12-31", ["0"], id="an undated one never replaces a dated one"),
        pytest.param([None, "2024-02-01"], "2024-01-31", ["0"], id="an undated one counts until the dated one"),
        pytest.param([None, None], "2024-01-31", ["1"], id="of undated ones the last recorded"),
    ],
)
def test_in_force(published: list[str | None], as_of: str, in_force_then: list[str]) -> None:
    revisions = [
        figure("2024-01", str(number), published=value, order=number) for number, value in enumerate(published)
    ]
    assert values(revisions, as_of) == in_force_then


def test_an_undated_one_is_known_from_the_day_it_was_recorded() -> None:
    undated = [figure("2024-01", "7", published=None, recorded_on="2025-06-01")]
    assert values(undated, "2025-05-31") == []
    assert values(undated, "2025-06-01") == ["7"]


def test_a_withdrawn_figure_is_in_force_without_a_value() -> None:
    posted = figure("2024-01", "7", published="2024-02-01")
    withdrawn = figure("2024-01", None, published="2024-03-01")
    assert figures_in_force([posted, withdrawn], day("2024-03-01")) == [withdrawn]


def test_each_span_has_its_own_and_they_come_in_order() -> None:
    quarter, january, march = figure("2024-Q1", "3"), figure("2024-01", "1"), figure("2024-03", "2")
    assert figures_in_force([march, quarter, january], day("2024-12-31")) == [january, quarter, march]


def test_a_figure_knows_its_span() -> None:
    assert figure("2024-Q1", "3").period == Period.parse("2024-Q1")
    assert figure("2024-Q1", "3").days == 91


def test_the_amount_of_a_figure_without_value_is_an_error() -> None:
    assert figure("2024", "3").numeric_value == Decimal(3)
    with pytest.raises(ValueError, match="has no value"):
        _ = figure("2024", None).numeric_value


NEW_YEAR = date(2024, 1, 1)
known_days = st.integers(0, 60).map(lambda offset: NEW_YEAR + timedelta(days=offset))
some_revisions = st.lists(
    st.tuples(st.sampled_from(["2023-11", "2023-12", "2023"]), st.none() | known_days), max_size=12
).map(
    lambda rows: [
        figure(span, str(order), published=None, order=order)._replace(published=published, recorded_on=NEW_YEAR)
        for order, (span, published) in enumerate(rows)
    ]
)


@given(some_revisions, known_days)
def test_there_is_one_of_each_span_known_by_then(revisions: list[Figure], as_of: date) -> None:
    existing = [revision for revision in revisions if (revision.published or NEW_YEAR) <= as_of]
    result = figures_in_force(revisions, as_of)
    assert [row.period for row in result] == sorted({row.period for row in existing})
    for row in result:
        assert figure_precedence(row) == max(
            figure_precedence(other) for other in existing if other.period == row.period
        )


@given(some_revisions, known_days)
def test_the_order_of_the_rows_makes_no_difference(revisions: list[Figure], as_of: date) -> None:
    assert figures_in_force(revisions[::-1], as_of) == figures_in_force(revisions, as_of)


@given(some_revisions, known_days)
def test_what_is_published_later_changes_nothing(revisions: list[Figure], as_of: date) -> None:
    later = [figure("2023", "9", order=99)._replace(published=as_of + timedelta(days=1))]
    assert figures_in_force([*later, *revisions], as_of) == figures_in_force(revisions, as_of)
