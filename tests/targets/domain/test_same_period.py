"""The same span a year before, and the actual in percent of the required edge."""

from datetime import date
from decimal import Decimal

import pytest

from indicators.domain.figures import Figure
from indicators.domain.rounding import round_half_up, to_plain_string
from indicators.domain.terms import IndicatorTerms
from indicators.domain.territory import Predecessor, Territory
from indicators.domain.value_resolver import ValueResolver
from targets.domain.assessment import AssessmentResult, assess
from targets.domain.terms import TargetTerms
from tests.indicators.domain.builders import computed, day, figure, indicator, months

from .builders import assessed, target


def shown(number: Decimal | None) -> str | None:
    return None if number is None else to_plain_string(round_half_up(number, 4))


def beside(result: AssessmentResult) -> tuple[str | None, str | None, str | None]:
    """The value a year before, the change since, and why there is none."""
    same_period = result.same_period
    assert same_period is not None
    reason = same_period.reason
    return shown(same_period.value), shown(same_period.change), reason and f"{reason.slug} {reason.period}"


RATE, SHARE = indicator("none", kind="rate"), indicator("mean", kind="share")
HALF_YEAR = [*months(2024, [10] * 6)]
BASE = months(2023, [8] * 6)


@pytest.mark.parametrize(
    ("of", "posted", "expected"),
    [
        pytest.param(indicator(), [*HALF_YEAR, *BASE], ("48", "25", None), id="a flow: in percent"),
        pytest.param(
            indicator(), [*HALF_YEAR, figure("2023-H1", "75")], ("75", "-20", None), id="a flow that fell"
        ),
        pytest.param(
            indicator(),
            [*HALF_YEAR, figure("2023", "100"), figure("2023-07/2023-12", "60")],
            (None, None, "nothing-reported 2023-H1"),
            id="a year less its end is not subtracted",
        ),
        pytest.param(
            indicator(), [*HALF_YEAR, *BASE[:4]], (None, None, "gap 2023-05/2023-06"), id="the last months are missing"
        ),
        pytest.param(
            indicator(), [*HALF_YEAR, *BASE[1:]], (None, None, "gap 2023-01"), id="the first month is missing"
        ),
        pytest.param(indicator(), HALF_YEAR, (None, None, "nothing-reported 2023-H1"), id="nothing was reported"),
        pytest.param(
            indicator(),
            [*HALF_YEAR, figure("2023-H1", "-4")],
            ("-4", None, "base-not-above-zero 2023-H1"),
            id="a loss: no change in percent",
        ),
        pytest.param(
            indicator(), [*HALF_YEAR, figure("2023-H1", "0")], ("0", None, "base-not-above-zero 2023-H1"), id="zero"
        ),
        pytest.param(
            RATE,
            [figure("2024-01/2024-06", "6.85"), figure("2023-H1", "4.57")],
            ("4.57", "2.28", None),
            id="a rate: in points",
        ),
        pytest.param(
            RATE, [figure("2024-05", "6"), figure("2023-05", "-1"), figure("2023-H1", "9")], ("-1", "7", None),
            id="one month: that month",
        ),
        pytest.param(SHARE, [*months(2024, [40]), *months(2023, [50])], ("50", "-10", None), id="a share: in points"),
        pytest.param(
            indicator("last", kind="rank"), [figure("2024-06", "5"), figure("2023-06", "8")], ("8", "-3", None),
            id="a rank: in places",
        ),
        pytest.param(
            indicator("last", kind="yes_no"), [figure("2024-06", "0"), figure("2023-06", "0")], ("0", None, None),
            id="done or not: nothing to compute",
        ),
        pytest.param(
            indicator("last"), [figure("2024-06", "60"), figure("2023-06", "50"), figure("2023-12", "90")],
            ("50", "20", None), id="a stock: on the same day",
        ),
        pytest.param(
            indicator("last"), [figure("2024-06", "60"), figure("2023-05", "50")],
            (None, None, "gap 2023-06-30"), id="a stock: nothing on that day",
        ),
        pytest.param(
            computed("f", "2 * x", kind="level"), [*HALF_YEAR, *BASE], ("96", "25", None), id="a formula"
        ),
        pytest.param(
            computed("f", "yoy(x)"), [*HALF_YEAR, *BASE, *months(2022, [4] * 6)], ("100", "-75", None),
            id="growth: in points",
        ),
        pytest.param(
            computed("f", "yoy(x)"), [*HALF_YEAR, *BASE], (None, None, "base-missing 2022-H1"), id="growth without a base"
        ),
    ],
)  # fmt: skip
def test_beside_a_year_before(
    of: IndicatorTerms, posted: list[Figure], expected: tuple[str | None, str | None, str | None]
) -> None:
    others = [indicator()] if of.formula else []
    assert beside(assessed(target("1"), posted, of=of, others=others)) == expected


@pytest.mark.parametrize("accumulation", ["sum", "mean", "last", "none"])
@pytest.mark.parametrize(
    ("on", "is_compared"),
    [
        pytest.param("2022-06-01", True, id="a break before both"),
        pytest.param("2024-01-01", False, id="a break between them"),
        pytest.param("2024-06-30", False, id="a break on the covered day"),
        pytest.param("2024-07-01", True, id="a break ahead"),
    ],
)
def test_nothing_is_compared_across_a_break(accumulation: str, on: str, is_compared: bool) -> None:
    of = indicator(accumulation)._replace(breaks=(date.fromisoformat(on),))
    result = assessed(target("1"), [figure("2024-H1", "60"), figure("2023-H1", "48")], of=of)
    expected = ("48", "25", None) if is_compared else (None, None, "series-break 2024-H1")
    assert beside(result) == expected


def in_merged_area(of: IndicatorTerms, own: list[Figure], theirs: list[Figure]) -> AssessmentResult:
    """Judged in a city into which a province merged on 1 July 2024."""
    merged_on = day("2024-07-01")
    province = Predecessor(2, "province", "city", None, merged_on, merged_on)
    resolver = ValueResolver([of], {"x": own}, territory=Territory("city", None, [province], {2: {"x": theirs}}))
    return assess(terms=target("1"), indicator="x", resolver=resolver, as_of=day("2024-09-20"))


OLD_CITY = [*months(2023, [10] * 8), *months(2024, [11] * 6)]
NEW_CITY = [figure("2024-01/2024-08", "200")]
PROVINCE = [*months(2023, [5] * 8), *months(2024, [6] * 6)]


@pytest.mark.parametrize(
    ("of", "theirs", "expected"),
    [
        pytest.param(indicator(), PROVINCE, ("120", "66.6667", None), id="like with like: the sum of both"),
        pytest.param(indicator(), PROVINCE[1:], (None, None, "territory-changed 2023-01"), id="one of them is missing"),
        pytest.param(
            indicator("none", kind="rate"),
            PROVINCE,
            (None, None, "territory-changed 2023-01/2023-08"),
            id="rates are not added",
        ),
    ],
)
def test_beside_a_merger(
    of: IndicatorTerms, theirs: list[Figure], expected: tuple[str | None, str | None, str | None]
) -> None:
    cumulative = [figure("2023-01/2023-08", "80")] if of.accumulation == "none" else []
    result = in_merged_area(of, [*OLD_CITY, *NEW_CITY, *cumulative], theirs)
    assert beside(result) == expected
    reason = result.same_period and result.same_period.reason
    if reason and of.accumulation == "sum":
        assert reason.areas == ("province",)


def test_a_new_area_names_the_merged_area_whose_figures_are_missing() -> None:
    merged_on = day("2024-07-01")
    merged = [Predecessor(number, code, "new", None, merged_on, merged_on) for number, code in ((2, "na"), (3, "nb"))]
    territory = Territory("new", merged_on, merged, {2: {"x": months(2023, [5] * 8)}, 3: {}})
    resolver = ValueResolver([indicator()], {"x": [figure("2024-01/2024-08", "200")]}, territory=territory)
    result = assess(terms=target("1"), indicator="x", resolver=resolver, as_of=day("2024-09-20"))
    assert beside(result) == (None, None, "territory-changed 2023-01/2023-08")
    assert result.same_period is not None
    assert result.same_period.reason is not None
    assert result.same_period.reason.areas == ("nb",)


def test_the_best_seen_is_of_the_merged_territory() -> None:
    july = [figure("2024-07", "18"), figure("2024-08", "17")]
    result = in_merged_area(indicator(), [*OLD_CITY, *july], [*PROVINCE, *months(2022, [500])])
    # 11 and 6 in each month of 2024; what one of both had in 2022 is not the new city's.
    assert result.best_seen is not None
    assert (shown(result.best_seen.value), str(result.best_seen.span), result.periods_seen) == ("18", "2024-07", 16)


@pytest.mark.parametrize(
    ("terms", "kind", "percent"),
    [
        pytest.param(target("80"), "level", "75", id="of the lower edge"),
        pytest.param(target("50", "80"), "level", "120", id="not of the ambition"),
        pytest.param(target(None, "48", goal="at_most"), "count", "125", id="at most: of the upper edge"),
        pytest.param(target("80", "80", goal="within"), "level", "75", id="within one number"),
        pytest.param(target("50", "80", goal="within"), "level", None, id="within a range: of neither edge"),
        pytest.param(target("0"), "level", None, id="an edge of 0"),
        pytest.param(target("-5"), "level", None, id="an edge below 0"),
        pytest.param(target("80"), "rate", None, id="a rate"),
        pytest.param(target("80"), "share", None, id="a share"),
        pytest.param(target("80"), "index", None, id="an index"),
        pytest.param(target(None, "80", goal="at_most"), "rank", None, id="a rank"),
    ],
)
def test_percent_of_the_target(terms: TargetTerms, kind: str, percent: str | None) -> None:
    result = assessed(terms, [figure("2024-06", "60")], of=indicator("last", kind=kind))
    assert shown(result.percent_of_target) == percent


def test_nothing_is_beside_what_is_not_known() -> None:
    result = assessed(target("80"), BASE)
    assert (result.same_period, result.percent_of_target) == (None, None)
