"""What is said of an assessment beside what was ever seen, the year before, and the target."""

from typing import Any

import pytest
from django.utils import translation

from targets.services.text.side_by_side import pace_sentence, side_by_side_lines

Json = dict[str, Any]


def status(**changes: Any) -> Json:
    """A flow of billions of đồng; only what these sentences read."""
    required = {"lower": "88.333333", "upper": None, "per": "month", "best_seen": "75.5", "best_seen_period": "2024-05"}
    return {
        "unit": "tỷ đồng",
        "unit_en": "billion VND",
        "variance_unit": "tỷ đồng",
        "required": required | {"out_of_reach": True} | changes.pop("required", {}),
        "same_period": None,
        "percent_of_target": None,
    } | changes


PERCENT = {"unit": "%", "unit_en": "%", "variance_unit": "percentage points"}
REST = {"lower": "9.45", "per": "rest", "best_seen": "7.33", "best_seen_period": "2024-Q3"}
UPPER = {"lower": None, "upper": "1.5", "best_seen": "2", "best_seen_period": "2023-02"}
BOTH = {"lower": "0", "upper": "1.5", "best_seen": "2", "best_seen_period": "2023-02"}


@pytest.mark.parametrize(
    ("found", "goal", "english", "vietnamese"),
    [
        pytest.param(
            status(),
            "at_least",
            "More is needed than ever seen: 88.3333 billion VND a month; the most was 75.5 billion VND, in May 2024.",
            "Cần cao hơn mọi mức từng có: 88,3333 tỷ đồng mỗi tháng, trong khi cao nhất là 75,5 tỷ đồng"
            " (tháng 5/2024).",
            id="a lower edge",
        ),
        pytest.param(
            status(**PERCENT, required=REST),
            "at_least",
            "More is needed than ever seen: 9.45 % over all that is left; the most was 7.33 %, in the third quarter"
            " of 2024.",
            "Cần cao hơn mọi mức từng có: 9,45 % trong cả phần còn lại, trong khi cao nhất là 7,33 % (quý III/2024).",
            id="growth of the rest",
        ),
        pytest.param(
            status(required={"best_seen_period": "2024-01/2024-02"}),
            "at_least",
            "More is needed than ever seen: 88.3333 billion VND a month; the most was an average of 75.5 billion VND"
            " a month, in the first 2 months of 2024.",
            "Cần cao hơn mọi mức từng có: 88,3333 tỷ đồng mỗi tháng, trong khi cao nhất là bình quân 75,5 tỷ đồng"
            " mỗi tháng (2 tháng đầu năm 2024).",
            id="an average of two months",
        ),
        pytest.param(
            status(**PERCENT),
            "at_least",
            "More is needed than ever seen: 88.3333 percentage points a month; the most was 75.5 percentage points,"
            " in May 2024.",
            "Cần cao hơn mọi mức từng có: 88,3333 điểm phần trăm mỗi tháng, trong khi cao nhất là 75,5 điểm phần trăm"
            " (tháng 5/2024).",
            id="a share that grows by points",
        ),
        pytest.param(status(required=UPPER, status="missed"), "at_most", "", "", id="a limit that is passed for good"),
        pytest.param(
            status(required=UPPER),
            "at_most",
            "Less is allowed than ever seen: 1.5 billion VND a month; the least was 2 billion VND, in February 2023.",
            "Chỉ được phép thấp hơn mọi mức từng có: 1,5 tỷ đồng mỗi tháng, trong khi thấp nhất là 2 tỷ đồng"
            " (tháng 2/2023).",
            id="an upper edge",
        ),
        pytest.param(
            status(required=BOTH),
            "within",
            "Less is allowed than ever seen: 1.5 billion VND a month; the least was 2 billion VND, in February 2023.",
            "Chỉ được phép thấp hơn mọi mức từng có: 1,5 tỷ đồng mỗi tháng, trong khi thấp nhất là 2 tỷ đồng"
            " (tháng 2/2023).",
            id="a band: its upper edge",
        ),
        pytest.param(status(required={"out_of_reach": False}), "at_least", "", "", id="seen before"),
        pytest.param(status(required={"out_of_reach": None}), "at_least", "", "", id="too few periods to tell"),
    ],
)
def test_more_than_ever_seen(found: Any, goal: str, english: str, vietnamese: str) -> None:
    with translation.override("en"):
        assert pace_sentence(found, goal, 2) == english
    with translation.override("vi"):
        assert pace_sentence(found, goal, 2) == vietnamese


def before(value: str | None, change: str | None = None, unit: str = "percent", **reason: Any) -> Json:
    stated = {"slug": "", "indicator": "x", "period": None, "day": None, "areas": []} | reason if reason else None
    return {"period": "2023-H1", "value": value, "change": change, "unit": change and unit, "reason": stated}


START, START_VI = "a year before", "cùng kỳ năm trước"
SPAN, SPAN_VI = "(the first 6 months of 2023)", "(6 tháng đầu năm 2023)"
MERGER = {"slug": "territory-changed", "day": "2025-07-01"}


@pytest.mark.parametrize(
    ("found", "english", "vietnamese"),
    [
        pytest.param(
            status(percent_of_target="104.0", same_period=before("48", "12.005")),
            ["104 % of the target", f"{START} {SPAN}: 48 billion VND; up 12.01 %"],
            ["đạt 104 % kế hoạch", f"{START_VI} {SPAN_VI}: 48 tỷ đồng; tăng 12,01 %"],
            id="in one breath",
        ),
        pytest.param(
            status(**PERCENT, same_period=before("4.57", "-2.28", "percentage points")),
            [f"{START} {SPAN}: 4.57 %; down 2.28 percentage points"],
            [f"{START_VI} {SPAN_VI}: 4,57 %; giảm 2,28 điểm phần trăm"],
            id="a rate, in points",
        ),
        pytest.param(
            status(unit="hạng", unit_en="rank", variance_unit="hạng", same_period=before("8", "-1", "hạng")),
            [f"{START} {SPAN}: rank 8; 1 place better"],
            [f"{START_VI} {SPAN_VI}: hạng 8; tăng 1 bậc"],
            id="a rank, in places",
        ),
        pytest.param(
            status(same_period=before("48", "0")),
            [f"{START} {SPAN}: 48 billion VND; unchanged"],
            [f"{START_VI} {SPAN_VI}: 48 tỷ đồng; không đổi"],
            id="unchanged",
        ),
        pytest.param(
            status(same_period=before("-4", slug="base-not-above-zero")),
            [f"{START} {SPAN}: −4 billion VND; no change in percent from there"],
            [f"{START_VI} {SPAN_VI}: −4 tỷ đồng; không tính phần trăm tăng, giảm từ mức này"],
            id="a loss",
        ),
        pytest.param(
            status(same_period=before(None, slug="series-break", day="2024-01-01")),
            [f"{START} {SPAN}: measured in another way before 1 January 2024"],
            [f"{START_VI} {SPAN_VI}: trước ngày 01/01/2024 tính theo phương pháp khác nên không so sánh"],
            id="across a break",
        ),
        pytest.param(
            status(same_period=before(None, **MERGER, areas=["binh-duong"])),
            [f"{START} {SPAN}: figures of binh-duong, merged on 1 July 2025, are missing"],
            [f"{START_VI} {SPAN_VI}: thiếu số liệu của binh-duong, sáp nhập từ ngày 01/07/2025"],
            id="figures of a merged area are missing",
        ),
        pytest.param(
            status(same_period=before(None, **MERGER)),
            [f"{START} {SPAN}: of another territory before 1 July 2025"],
            [f"{START_VI} {SPAN_VI}: trước ngày 01/07/2025 thuộc phạm vi địa bàn khác nên không so sánh"],
            id="rates of another territory",
        ),
        pytest.param(
            status(same_period=before(None, slug="gap", period="2023-05/2023-06")),
            [f"{START} {SPAN}: no figures for May to June 2023"],
            [f"{START_VI} {SPAN_VI}: thiếu số liệu của tháng 5 đến tháng 6/2023"],
            id="a gap",
        ),
        pytest.param(
            status(same_period=before(None, slug="nothing-reported", period="2023-H1")),
            [f"{START} {SPAN}: nothing was reported"],
            [f"{START_VI} {SPAN_VI}: không có báo cáo nào"],
            id="nothing a year before",
        ),
        pytest.param(
            status(same_period=before(None, slug="nothing-reported", day="2024-05-06", missing_reason="withdrawn")),
            [f"{START} {SPAN}: what had been reported was taken back on 6 May 2024"],
            [f"{START_VI} {SPAN_VI}: số liệu đã báo cáo được rút lại ngày 06/05/2024"],
            id="taken back a year before",
        ),
        pytest.param(
            status(same_period=before(None, slug="without-value", period="2023-H1", missing_reason="suppressed")),
            [f"{START} {SPAN}: the figure of “x” for the first 6 months of 2023 was marked as “suppressed”"],
            [f"{START_VI} {SPAN_VI}: số liệu “x” của 6 tháng đầu năm 2023 được ghi là “không công bố”"],
            id="without a value a year before",
        ),
        pytest.param(
            status(percent_of_target="90", goal="at_most"),
            ["90 % of the limit"],
            ["bằng 90 % mức trần"],
            id="a limit is kept, not achieved",
        ),
        pytest.param(status(), [], [], id="no value: nothing is beside it"),
    ],
)
def test_beside_the_target_and_the_year_before(found: Any, english: list[str], vietnamese: list[str]) -> None:
    goal = found.get("goal", "at_least")
    with translation.override("en"):
        assert list(side_by_side_lines(found, 2, goal)) == english
    with translation.override("vi"):
        assert list(side_by_side_lines(found, 2, goal)) == vietnamese
