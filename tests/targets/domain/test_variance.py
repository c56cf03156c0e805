"""Variance, shortfall, position and tolerance."""

from decimal import Decimal

import pytest

from indicators.domain.rounding import round_half_up, to_plain_string
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import figure, indicator

from .builders import assessed, target


def shown(value: Decimal | None) -> str | None:
    return None if value is None else to_plain_string(round_half_up(value, 6))


WITHIN = target("90", "110", goal="within")


@pytest.mark.parametrize(
    ("terms", "actual", "variance", "percent", "shortfall"),
    [
        pytest.param(target("80"), "60", "-20", "-25", "20", id="at least: behind"),
        pytest.param(target("80"), "100", "20", "25", "0", id="at least: ahead"),
        pytest.param(target(None, "80", goal="at_most"), "100", "20", "25", "20", id="at most: over"),
        pytest.param(target(None, "80", goal="at_most"), "60", "-20", "-25", "0", id="at most: under"),
        pytest.param(WITHIN, "81", "-9", "-10", "9", id="within: below"),
        pytest.param(WITHIN, "121", "11", "10", "11", id="within: above"),
        pytest.param(WITHIN, "100", "0", "0", "0", id="within: inside"),
        pytest.param(WITHIN, "110", "0", "0", "0", id="within: on the edge"),
        pytest.param(target("-80"), "-100", "-20", "-25", "20", id="of a negative edge by its size"),
        pytest.param(target("0"), "-1", "-1", None, "1", id="no percent of zero"),
        pytest.param(target("90", "110"), "121", "31", "34.444444", "0", id="from the required edge, not the ambition"),
    ],
)
def test_the_variance(terms: TargetTerms, actual: str, variance: str, percent: str | None, shortfall: str) -> None:
    result = assessed(terms, [figure("2024-01", actual)], of="mean")
    assert [shown(result.variance), shown(result.variance_percent), shown(result.shortfall)] == [
        variance,
        percent,
        shortfall,
    ]


@pytest.mark.parametrize(
    ("kind", "percent"),
    [
        pytest.param("level", "-10", id="a level has a percentage"),
        pytest.param("count", "-10", id="a count has one"),
        pytest.param("rate", None, id="a rate has points"),
        pytest.param("share", None, id="a share has points"),
        pytest.param("index", None, id="an index has points"),
        pytest.param("rank", None, id="a rank has places"),
        pytest.param("yes_no", None, id="yes and no have neither"),
    ],
)
def test_which_kinds_have_a_percentage(kind: str, percent: str | None) -> None:
    result = assessed(target("10"), [figure("2024-01", "9")], of=indicator("last", kind=kind))
    assert shown(result.variance_percent) == percent
    inside = assessed(target("8", "9", goal="within"), [figure("2024-01", "9")], of=indicator("last", kind=kind))
    assert shown(inside.variance_percent) == (None if percent is None else "0")


@pytest.mark.parametrize(
    ("lower", "upper", "actual", "position"),
    [
        pytest.param("7.5", "8", "6.85", "-1.3", id="below the band"),
        pytest.param("7.5", "8", "7.5", "0", id="on its lower edge"),
        pytest.param("7.5", "8", "7.75", "0.5", id="half way"),
        pytest.param("7.5", "8", "9", "3", id="above"),
        pytest.param("7.5", None, "9", None, id="no band without an edge"),
        pytest.param("7.5", "7.5", "9", None, id="no place in a band of no width"),
    ],
)
def test_the_position_in_the_band(lower: str, upper: str | None, actual: str, position: str | None) -> None:
    result = assessed(target(lower, upper), [figure("2024-01/2024-02", actual)], of="none")
    assert shown(result.position) == position


HALF = "2024-01-01/2024-07-01"


@pytest.mark.parametrize(
    ("terms", "accumulation", "tolerance"),
    [
        pytest.param(target("80"), "mean", "4", id="five percent of the expected edge"),
        pytest.param(target("-80"), "mean", "4", id="of its size"),
        pytest.param(target("80"), "sum", "2", id="of what is expected by now"),
        pytest.param(target("80", tolerance_percent="10"), "mean", "8", id="the percentage that was given"),
        pytest.param(target("80", tolerance_percent="0"), "mean", "0", id="zero is given, too"),
        pytest.param(target("80", tolerance="7", tolerance_percent="10"), "mean", "7", id="the absolute one first"),
        pytest.param(target("80", baseline="60"), "last", "2", id="on a path ten percent of its length"),
        pytest.param(target("80", baseline="60", tolerance_percent="5"), "last", "1", id="or as many as given"),
        pytest.param(target("80", baseline="60", profile="flat"), "last", "4", id="not on a path"),
        pytest.param(WITHIN, "mean", "5.5", id="within: of the edge that is crossed"),
        pytest.param(target("500", "600", goal="within"), "mean", None, id="within, inside: of no edge"),
        pytest.param(target("500", "600", goal="within", tolerance="3"), "mean", "3", id="but the absolute one stays"),
    ],
)
def test_the_tolerance(terms: TargetTerms, accumulation: str, tolerance: str | None) -> None:
    result = assessed(terms, [figure(HALF, "555")], of=accumulation)
    assert shown(result.tolerance) == tolerance
