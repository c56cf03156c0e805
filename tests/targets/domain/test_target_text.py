"""A target said in words."""

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from indicators.domain.choices import IndicatorKind
from targets.domain.bands import status_ranges
from targets.domain.target_text import ENGLISH, VIETNAMESE, describe_target
from targets.domain.terms import TargetTerms
from targets.domain.terms_validation import find_problems
from tests.example_counts import amount
from tests.indicators.domain.builders import figure, indicator

from .builders import assessed, target

RATE = indicator("none")._replace(kind=IndicatorKind.RATE, decimals=1)
COUNT = indicator("sum")._replace(kind=IndicatorKind.COUNT, decimals=0)
SHARE = indicator("last")._replace(kind=IndicatorKind.SHARE, decimals=1)
STOCK = indicator("last")
PLACE = indicator("last")._replace(kind=IndicatorKind.RANK, decimals=0)
TASK = indicator("last")._replace(kind=IndicatorKind.YES_NO, decimals=0)


@pytest.mark.parametrize(
    "terms, of, unit, english, vietnamese",
    [
        pytest.param(
            target("7.5", "8"), RATE, "percent",
            "missed below 7.5 %, met from 7.5 to 8 %, exceeded above 8 %",
            "không đạt nếu dưới 7,5 %, đạt nếu từ 7,5 đến 8 %, vượt nếu trên 8 %",
            id="growth of 7.5 to 8 percent",
        ),
        pytest.param(
            target("10", lower_open=True), RATE, "%",
            "missed up to 10 %, met above 10 and up to 10.5 %, exceeded above 10.5 %",
            "không đạt nếu từ 10 % trở xuống, đạt nếu trên 10 đến 10,5 %, vượt nếu trên 10,5 %",
            id="over ten: exceeded by more than its tolerance",
        ),
        pytest.param(
            target("1234567"), COUNT, "jobs",
            "missed below 1,234,567 jobs, met from 1,234,567 to 1,296,295.35 jobs, exceeded above 1,296,295.35 jobs",
            "không đạt nếu dưới 1.234.567 jobs, đạt nếu từ 1.234.567 đến 1.296.295,35 jobs, vượt nếu trên 1.296.295,35 jobs",
            id="large numbers in groups, computed ones rounded",
        ),
        pytest.param(
            target("98"), SHARE, "%", "missed below 98 %, met from 98 %", "không đạt nếu dưới 98 %, đạt nếu từ 98 % trở lên",
            id="no share is above 100 percent",
        ),
        pytest.param(
            target("90"), SHARE, "%",
            "missed below 90 %, met from 90 to 94.5 %, exceeded above 94.5 %",
            "không đạt nếu dưới 90 %, đạt nếu từ 90 đến 94,5 %, vượt nếu trên 94,5 %",
            id="a share that can be exceeded",
        ),
        pytest.param(
            target(None, "0.2", goal="at_most", tolerance="0.5"), SHARE, "%",
            "met up to 0.2 %, missed above 0.2 %", "đạt nếu từ 0,2 % trở xuống, không đạt nếu trên 0,2 %",
            id="no share is below 0",
        ),
        pytest.param(
            target("0", tolerance="0.25"), RATE, "",
            "missed below 0, met from 0 to 0.25, exceeded above 0.25",
            "không đạt nếu dưới 0, đạt nếu từ 0 đến 0,25, vượt nếu trên 0,25",
            id="an absolute tolerance",
        ),
        pytest.param(
            target("0"), RATE, "",
            "missed below 0, met at exactly 0, exceeded above 0",
            "không đạt nếu dưới 0, đạt nếu đúng bằng 0, vượt nếu trên 0",
            id="zero has no relative tolerance",
        ),
        pytest.param(
            target("0", lower_open=True), RATE, "", "missed up to 0, exceeded above 0",
            "không đạt nếu từ 0 trở xuống, vượt nếu trên 0",
            id="nothing lies between",
        ),
        pytest.param(
            target("40", baseline="30"), STOCK, "km",
            "missed below 40 km, met from 40 to 41 km, exceeded above 41 km",
            "không đạt nếu dưới 40 km, đạt nếu từ 40 đến 41 km, vượt nếu trên 41 km",
            id="ten percent of the way from the baseline",
        ),
        pytest.param(
            target("4", "4.5", goal="at_most"), RATE, "phần trăm",
            "exceeded below 4 %, met from 4 to 4.5 %, missed above 4.5 %",
            "vượt nếu dưới 4 %, đạt nếu từ 4 đến 4,5 %, không đạt nếu trên 4,5 %",
            id="a ceiling of 4 to 4.5",
        ),
        pytest.param(
            target(None, "-4", goal="at_most", upper_open=True), RATE, "",
            "exceeded below -4.2, met from -4.2 to below -4, missed from -4",
            "vượt nếu dưới -4,2, đạt nếu từ -4,2 đến dưới -4, không đạt nếu từ -4 trở lên",
            id="below minus four",
        ),
        pytest.param(
            target("95", "100", goal="within"), RATE, "%",
            "missed below 95 %, met from 95 to 100 %, missed above 100 %",
            "không đạt nếu dưới 95 %, đạt nếu từ 95 đến 100 %, không đạt nếu trên 100 %",
            id="neither over nor under",
        ),
        pytest.param(
            target("95", "100", goal="within", lower_open=True, upper_open=True), RATE, "%",
            "missed up to 95 %, met above 95 and below 100 %, missed from 100 %",
            "không đạt nếu từ 95 % trở xuống, đạt nếu trên 95 và dưới 100 %, không đạt nếu từ 100 % trở lên",
            id="between, without the edges",
        ),
        pytest.param(
            target(None, "5", goal="at_most"), PLACE, "rank",
            "met in place 5 or better, missed beyond place 5",
            "đạt nếu từ hạng 5 trở lên, không đạt nếu dưới hạng 5",
            id="top five",
        ),
        pytest.param(
            target("3", "5", goal="at_most"), PLACE, "rank",
            "exceeded before place 3, met in places 3 to 5, missed beyond place 5",
            "vượt nếu trên hạng 3, đạt nếu từ hạng 3 đến hạng 5, không đạt nếu dưới hạng 5",
            id="top five, or three",
        ),
        pytest.param(
            target("1"), TASK, "yes/no", "met when done, missed when not done",
            "đạt nếu hoàn thành, không đạt nếu chưa hoàn thành",
            id="to be done",
        ),
        pytest.param(
            target(None, "0", goal="at_most"), TASK, "", "missed when done, met when not done",
            "không đạt nếu hoàn thành, đạt nếu chưa hoàn thành",
            id="to be left undone",
        ),
        pytest.param(
            target(goal=None, qualitative=True), COUNT, "x", "judged by a person, with a reason",
            "do người đánh giá, có nêu lý do",
            id="without a number",
        ),
        pytest.param(target(None, "8"), RATE, "%", "", "", id="its edge is missing yet"),
        pytest.param(target("8", None, goal=None), RATE, "%", "", "", id="nobody has said how"),
    ],
)  # fmt: skip
def test_in_both_languages(terms: TargetTerms, of: object, unit: str, english: str, vietnamese: str) -> None:
    assert describe_target(terms, of, ENGLISH, unit=unit) == english  # type: ignore[arg-type]
    assert describe_target(terms, of, VIETNAMESE, unit=unit) == vietnamese  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "terms, of, expected",
    [
        pytest.param(target("6000000", "6500000"), COUNT, "khoảng 6.000.000 người: không đạt nếu", id="at least"),
        pytest.param(target("95", "100", goal="within"), RATE, "khoảng 95 đến 100 người: không đạt", id="within"),
        pytest.param(target(None, "5", goal="at_most"), PLACE, "khoảng 5: đạt nếu từ hạng 5", id="a rank"),
    ],
)
def test_about_is_said_first(terms: TargetTerms, of: object, expected: str) -> None:
    assert describe_target(terms, of, VIETNAMESE, unit="người", about=True).startswith(expected)  # type: ignore[arg-type]


edges = st.none() | st.integers(-8, 8).map(lambda n: Decimal(n) / 2)
flags = st.booleans()


@settings(max_examples=amount(300, 100, full=1000, quick=30))
@given(st.sampled_from(["at_least", "at_most", "within"]), edges, edges, flags, flags, edges, st.integers(-20, 20))
def test_what_is_said_is_how_it_is_judged(
    goal: str,
    lower: Decimal | None,
    upper: Decimal | None,
    lower_open: bool,
    upper_open: bool,
    tolerance: Decimal | None,
    value: int,
) -> None:
    terms = target(goal=goal, lower_open=lower_open, upper_open=upper_open)._replace(lower=lower, upper=upper)
    terms = terms._replace(tolerance=None if tolerance is None else abs(tolerance))
    for of in (indicator("mean"), PLACE):
        assume(not find_problems(terms, of))
        amount = Decimal(value) / 4
        verdict = assessed(terms, [figure("2024", str(amount))], of=of, as_of="2025-02-01")
        # One edge that is open on both sides is missed from below and from above.
        assert {zone.status for zone in status_ranges(terms, of) if zone.contains(amount)} == {verdict.status}
