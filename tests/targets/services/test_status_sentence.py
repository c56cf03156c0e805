"""Why, in one sentence, and numbers as people write them."""

from collections.abc import Sequence

import pytest
from django.utils.translation import override

from indicators.domain.figures import Figure
from indicators.domain.terms import IndicatorTerms
from indicators.models import Indicator
from targets.domain.choices import VersionState
from targets.domain.terms import TargetTerms
from targets.models import Target, TargetVersion
from targets.payloads.assessments import StatusDocument
from targets.payloads.explanations import ExplanationVersionPayload
from targets.services.evaluation import explanations, payloads
from targets.services.text import formatting, status_sentence
from tests.indicators.domain.builders import day, figure, indicator, months
from tests.targets.domain.builders import assessed, target

GROWTH = indicator("none", kind="rate", frequency="quarter")
JOBS = indicator("sum")._replace(decimals=0)
RANK = indicator("last", kind="rank", frequency="year")._replace(decimals=0)
TASK = indicator("last", kind="yes_no", frequency="year")


def status_of(
    of: IndicatorTerms, unit: str, terms: TargetTerms, posted: Sequence[Figure], as_of: str
) -> StatusDocument:
    """As the API answers it, under an invented version."""
    result = assessed(terms, posted, of=of, as_of=as_of)
    row = Target(identifier="plan:x:place", indicator=Indicator(code="x", unit=unit, decimals=of.decimals))
    explained = explanations.explain_assessment(result, day(as_of))
    version: ExplanationVersionPayload = {
        "number": 1, "state": "adopted", "announced": as_of, "act": "", "reason": "", "source": "",
    }  # fmt: skip
    return {
        **payloads.assessment_payload(row, TargetVersion(number=1), result, VersionState.ADOPTED),
        "as_of": as_of,
        "explanation": {**explained, "about": False, "version": version},
    }


@pytest.mark.parametrize(
    ("of", "unit", "terms", "posted", "as_of", "english", "vietnamese"),
    [
        pytest.param(
            GROWTH, "percent", target("7.5", "8"), [figure("2024", "7.17")], "2025-01-05",
            "missed: 7.17 % in 2024, promised at least 7.5 % (ambition 8 %), 0.33 percentage points short",
            "không đạt: 7,17 % trong năm 2024, kế hoạch ít nhất 7,5 % (phấn đấu 8 %), thấp hơn mức cần đạt 0,33 điểm phần trăm",
            id="missed",
        ),
        pytest.param(
            GROWTH, "percent", target("7.5", "8"), [figure("2024", "8.25", stage="estimate", published="2025-01-03")], "2025-01-05",
            "exceeded (provisional): 8.25 % in 2024, promised at least 7.5 % (ambition 8 %), 0.25 percentage points beyond the ambition",
            "dự kiến vượt: 8,25 % trong năm 2024, kế hoạch ít nhất 7,5 % (phấn đấu 8 %), vượt mức phấn đấu 0,25 điểm phần trăm",
            id="exceeded",
        ),
        pytest.param(
            JOBS, "jobs", target("140000"), [figure("2024", "150046")], "2025-02-20",
            "exceeded: 150,046 jobs in 2024, promised at least 140,000 jobs, 10,046 jobs more than promised",
            "vượt: 150.046 jobs trong năm 2024, kế hoạch ít nhất 140.000 jobs, cao hơn kế hoạch 10.046 jobs",
            id="exceeded by more than the tolerance",
        ),
        pytest.param(
            JOBS, "jobs", target("140000", lower_open=True), [figure("2024", "140000")], "2025-02-20",
            "missed: 140,000 jobs in 2024, promised more than 140,000 jobs, exactly that, not above it",
            "không đạt: 140.000 jobs trong năm 2024, kế hoạch trên 140.000 jobs, chỉ bằng mức này, chưa vượt",
            id="on the edge",
        ),
        pytest.param(
            JOBS, "jobs", target("140000", lower_open=True), [figure("2024", "140000", qualifier="more_than")], "2025-02-20",
            "met: more than 140,000 jobs in 2024, promised more than 140,000 jobs",
            "đạt: hơn 140.000 jobs trong năm 2024, kế hoạch trên 140.000 jobs",
            id="a qualified figure",
        ),
        pytest.param(
            JOBS, "jobs", target("1464"), months(2024, [100] * 6), "2024-08-20",
            "off track: 600 jobs in the first 6 months of 2024, due by then 728 jobs, 128 jobs short; "
            "promised at least 1,464 jobs in 2024; a newer figure was due on 10 August 2024",
            "chậm tiến độ: 600 jobs trong 6 tháng đầu năm 2024, đến thời điểm đó cần đạt 728 jobs, thiếu 128 jobs; "
            "kế hoạch năm 2024 ít nhất 1.464 jobs; số liệu mới hơn đã đến hạn ngày 10/08/2024",
            id="off track and stale",
        ),
        pytest.param(
            JOBS, "jobs", target("1464"), months(2024, [120] * 6), "2024-07-20",
            "at risk: 720 jobs in the first 6 months of 2024, due by then 728 jobs, 8 jobs short, "
            "within the tolerance of 36 jobs; promised at least 1,464 jobs in 2024",
            "có nguy cơ: 720 jobs trong 6 tháng đầu năm 2024, đến thời điểm đó cần đạt 728 jobs, thiếu 8 jobs, "
            "trong mức sai lệch cho phép 36 jobs; kế hoạch năm 2024 ít nhất 1.464 jobs",
            id="at risk",
        ),
        pytest.param(
            GROWTH, "percent", target(None, "4", goal="at_most", upper_open=True), [figure("2024-Q1", "4.4")], "2024-05-20",
            "beyond the limit: 4.4 % in the first quarter of 2024, promised less than 4 % in 2024, 0.4 percentage points above the limit",
            "vượt ngưỡng: 4,4 % trong quý I/2024, kế hoạch năm 2024 dưới 4 %, vượt 0,4 điểm phần trăm",
            id="a ceiling",
        ),
        pytest.param(
            RANK, "rank", target(None, "5", goal="at_most"), [figure("2024", "7")], "2025-02-20",
            "missed: rank 7 in 2024, promised rank 5 or better, 2 places behind",
            "không đạt: hạng 7 trong năm 2024, kế hoạch từ hạng 5 trở lên, kém 2 bậc",
            id="a rank",
        ),
        pytest.param(
            RANK, "", target(None, "5", goal="at_most"), [figure("2024", "3")], "2025-02-20",
            "met: rank 3 in 2024, promised rank 5 or better",
            "đạt: hạng 3 trong năm 2024, kế hoạch từ hạng 5 trở lên",
            id="a rank without a unit",
        ),
        pytest.param(
            RANK, "bậc", target("3", "5", goal="at_most"), [figure("2024", "7")], "2025-02-20",
            "missed: rank 7 in 2024, promised rank 5 or better (ambition rank 3), 2 places behind",
            "không đạt: hạng 7 trong năm 2024, kế hoạch từ hạng 5 trở lên (phấn đấu hạng 3), kém 2 bậc",
            id="a rank with another unit",
        ),
        pytest.param(
            TASK, "yes/no", target("1"), [figure("2024-06-30", "0")], "2024-07-20",
            "on track: not done by 30 June 2024, promised that it is done in 2024",
            "đúng tiến độ: chưa hoàn thành tính đến ngày 30/06/2024, kế hoạch năm 2024 phải hoàn thành",
            id="something to be done",
        ),
        pytest.param(
            JOBS, "jobs", target("10"), [], "2024-01-20",
            "not due yet: the first figure is due on 10 February 2024; promised at least 10 jobs in 2024",
            "chưa công bố: số liệu đầu tiên đến hạn ngày 10/02/2024; kế hoạch năm 2024 ít nhất 10 jobs",
            id="not due",
        ),
        pytest.param(
            GROWTH, "percent", target("5"), [figure("2024-H1", "6")], "2025-06-20",
            "no data: the result was due on 10 January 2025; the last known is 6 % in the first 6 months of 2024; "
            "promised at least 5 % in 2024",
            "chưa có kết quả: kết quả đã đến hạn ngày 10/01/2025; số liệu gần nhất là 6 % trong 6 tháng đầu năm "
            "2024; kế hoạch năm 2024 ít nhất 5 %",
            id="it never came",
        ),
        pytest.param(
            JOBS, "jobs", target(goal=None, qualitative=True), [], "2024-01-20",
            "not due yet: a promise without a number, not judged yet", "chưa công bố: chỉ tiêu định tính, chưa được đánh giá", id="without a number",
        ),
    ],
)  # fmt: skip
def test_why(
    of: IndicatorTerms,
    unit: str,
    terms: TargetTerms,
    posted: Sequence[Figure],
    as_of: str,
    english: str,
    vietnamese: str,
) -> None:
    status = status_of(of, unit, terms, posted, as_of)
    for language, requested in (("en", english), ("vi", vietnamese)):
        with override(language):
            assert status_sentence.explain_status(status) == requested


@pytest.mark.parametrize(
    ("code", "english", "vietnamese"),
    [
        ("2024", "2024", "năm 2024"),
        ("2024-H2", "July to December 2024", "tháng 7 đến tháng 12/2024"),
        ("2024-Q4", "the fourth quarter of 2024", "quý IV/2024"),
        ("2024-02", "February 2024", "tháng 2/2024"),
        ("2024-02-29", "29 February 2024", "ngày 29/02/2024"),
        ("2024-01/2024-09", "the first 9 months of 2024", "9 tháng đầu năm 2024"),
        ("2021/2025", "2021 to 2025", "giai đoạn 2021–2025"),
        ("2024-04/2025-03", "1 April 2024 to 31 March 2025", "từ ngày 01/04/2024 đến ngày 31/03/2025"),
        ("2024-01-01/2024-07-26", "1 January 2024 to 26 July 2024", "từ ngày 01/01/2024 đến ngày 26/07/2024"),
    ],
)
def test_periods_in_words(code: str, english: str, vietnamese: str) -> None:
    for language, requested in (("en", english), ("vi", vietnamese)):
        with override(language):
            assert formatting.format_period(code) == requested


def test_arithmetic_as_it_is_written_on_paper() -> None:
    expression = "-1234.5 + (2000 - (-3)) * 60 / 366 - max(1.25, 7)"
    with override("en"):
        assert formatting.format_expression(expression) == "−1,234.5 + (2,000 − (−3)) × 60 / 366 − max(1.25; 7)"
    with override("vi"):
        assert formatting.format_expression(expression) == "−1.234,5 + (2.000 − (−3)) × 60 / 366 − max(1,25; 7)"
