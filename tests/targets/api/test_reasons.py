"""Why a target has no value: each reason through the API, with its parameters, and in words that name things."""

from datetime import date
from typing import Any, NamedTuple

import pytest
from django.utils.translation import override

from indicators.domain.missing_values import MissingSlug
from targets.domain.alerting import NotificationReason
from targets.models import Target
from targets.services.evaluation.evaluate import evaluate_target
from targets.services.notifications.notify import build_snapshot
from targets.services.text import alert_messages
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NAMES = {
    "revenue": ("Thu ngân sách", "Budget revenue"),
    "prices": ("Chỉ số giá", "Price index"),
    "people": ("Dân số", "Population"),
    "growth": ("Tốc độ tăng thu", "Growth of revenue"),
    "price-growth": ("Mức tăng giá", "Growth of prices"),
    "per-head": ("Thu bình quân", "Revenue per head"),
    "binh-duong": ("Bình Dương", "Binh Duong"),
    "ba-ria": ("Bà Rịa", "Ba Ria"),
}
EIGHT, NOW = "2024-01/2024-08", "2025-01/2025-08"


class Reason(NamedTuple):
    """A case: the target, what is posted (indicator, period, value), and the reason with a part of its sentences."""

    of: str
    posted: list[tuple[str, str, str | None]]
    slug: MissingSlug
    indicator: str | None
    period: str
    english: str
    vietnamese: str
    day: str | None = None
    areas: tuple[str, ...] = ()
    missing: str | None = None


def months(code: str, year: int, value: str) -> list[tuple[str, str, str | None]]:
    return [(code, f"{year}-0{month}", value) for month in range(1, 7)]


CASES = {
    "nothing came": Reason(
        "revenue", [], MissingSlug.NOTHING_REPORTED, "revenue", "2025",
        "nothing was reported, the first figure was due on", "chưa có báo cáo nào, số liệu đầu tiên đã đến hạn",
    ),
    "only a forecast": Reason(
        "revenue", [("revenue", "2025", "9")], MissingSlug.ONLY_FORECAST, "revenue", "2025",
        "only a forecast of “Budget revenue” for 2025 was reported", "“Thu ngân sách” mới chỉ có số dự báo của năm 2025",
    ),
    "a figure that is not available": Reason(
        "revenue", [("revenue", "2025-01", None)], MissingSlug.WITHOUT_VALUE, "revenue", "2025-01",
        "the figure of “Budget revenue” for January 2025 was marked as “not available” on 5 January 2026",
        "số liệu “Thu ngân sách” của tháng 1/2025 được ghi là “chưa có” (ngày 05/01/2026)", day="2026-01-05", missing="not_available",
    ),
    "a figure that is not published": Reason(
        "revenue", [("revenue", "2025-01", "suppressed")], MissingSlug.WITHOUT_VALUE, "revenue", "2025-01",
        "was marked as “suppressed” on 5 January 2026", "được ghi là “không công bố”", day="2026-01-05", missing="suppressed",
    ),
    "a figure that was taken back": Reason(
        "revenue", [("revenue", "2025-01", "withdrawn")], MissingSlug.NOTHING_REPORTED, "revenue", "2025",
        "what had been reported was taken back on 5 January 2026, the first figure was due on",
        "số liệu đã báo cáo được rút lại ngày 05/01/2026, số liệu đầu tiên đã đến hạn",
        day="2026-01-05", missing="withdrawn",
    ),
    "a figure that is not available, and a later one taken back": Reason(
        "revenue", [("revenue", "2025-01", "not_applicable"), ("revenue", "2025-06", "withdrawn")],
        MissingSlug.WITHOUT_VALUE, "revenue", "2025-01",
        "marked as “not applicable” on", "ghi là “không áp dụng”", day="2026-01-05", missing="not_applicable",
    ),
    "an input that was taken back": Reason(
        "growth", [("revenue", "2024-01", "5"), ("revenue", "2025-01", "withdrawn")],
        MissingSlug.NOTHING_REPORTED, "growth", "2025",
        "what had been reported was taken back on", "được rút lại", day="2026-01-05", missing="withdrawn",
    ),
    "a forecast, and a figure taken back": Reason(
        "revenue", [("revenue", "2025", "9"), ("revenue", "2025-01", "withdrawn")], MissingSlug.ONLY_FORECAST, "revenue", "2025",
        "only a forecast of “Budget revenue” for 2025 was reported", "mới chỉ có số dự báo của năm 2025",
    ),
    "months after a gap": Reason(
        "revenue", [("revenue", "2025-03", "5")], MissingSlug.GAP, "revenue", "2025-01/2025-02",
        "figures of “Budget revenue” for the first 2 months of 2025 are missing", "thiếu số liệu “Thu ngân sách”",
    ),
    "no input of a ratio": Reason(
        "per-head", [("people", "2025", "9")], MissingSlug.INPUT_MISSING, "revenue", "2025",
        "figures of “Budget revenue” for 2025 are missing", "thiếu số liệu “Thu ngân sách” của năm 2025",
    ),
    "no year before": Reason(
        "growth", months("revenue", 2025, "5")[:1], MissingSlug.BASE_MISSING, "revenue", "2024-01",
        "no growth can be computed, because figures of “Budget revenue” for January 2024 are missing",
        "chưa tính được tốc độ tăng vì thiếu số liệu “Thu ngân sách” của tháng 1/2024",
    ),
    "a loss the year before": Reason(
        "growth", [("revenue", "2024-01", "-5"), ("revenue", "2025-01", "5")], MissingSlug.BASE_NOT_ABOVE_ZERO, None, "2024-01",
        "because the value for January 2024 is not above zero", "vì giá trị so sánh của tháng 1/2024 không lớn hơn 0",
    ),
    "no people to share among": Reason(
        "per-head", [("people", "2025", "0"), ("revenue", "2025", "9")], MissingSlug.DIVISION_BY_ZERO, "per-head", "2025",
        "“Revenue per head” cannot be computed for 2025", "không tính được “Thu bình quân” của năm 2025",
    ),
    "another way of measuring": Reason(
        "broken-growth", [("broken", "2024-01", "4"), ("broken", "2025-01", "5")], MissingSlug.SERIES_BREAK, "broken", "2025-01",
        "has been measured in another way since 1 January 2025", "từ ngày 01/01/2025", day="2025-01-01",
    ),
    "predecessors": Reason(
        "growth", [("revenue", EIGHT, "4"), ("revenue", NOW, "5")], MissingSlug.TERRITORY_CHANGED, "revenue", EIGHT,
        "are missing from Ba Ria and Binh Duong", "từ Bà Rịa và Bình Dương", day="2025-07-01", areas=("ba-ria", "binh-duong"),
    ),
    "a rate over a merger": Reason(
        "price-growth", [("prices", EIGHT, "4"), ("prices", NOW, "5")], MissingSlug.TERRITORY_CHANGED, "prices", EIGHT,
        "figures of “Price index” from before and after the merger of 1 July 2025 are of different territories",
        "số liệu “Chỉ số giá” trước và sau sáp nhập (ngày 01/07/2025)", day="2025-07-01",
    ),
}  # fmt: skip


@pytest.fixture
def api() -> Api:
    city = factories.area("hcmc", name="Thành phố", name_en="City")
    for code in ("binh-duong", "ba-ria"):
        name, name_en = NAMES[code]
        factories.area(code, name=name, name_en=name_en, valid_to=date(2025, 6, 30), successor=city)
    factories.indicator("broken", breaks=[{"day": "2025-01-01", "note": "Gốc mới", "note_en": "A new base"}])
    made = {
        "revenue": {}, "prices": {"kind": "index", "accumulation": "mean"}, "people": {"accumulation": "last"},
        "growth": {"formula": "yoy(revenue)", "kind": "rate"}, "price-growth": {"formula": "yoy(prices)", "kind": "rate"},
        "per-head": {"formula": "revenue / people"},
    }  # fmt: skip
    for code, values in made.items():
        factories.indicator(code, name=NAMES[code][0], name_en=NAMES[code][1], **values)
    factories.indicator("broken-growth", formula="yoy(broken)", kind="rate")
    factories.plan("plan", "2025", area="hcmc")
    return api_of()


def post(api: Api, case: Reason) -> None:
    for code, period, value in case.posted:
        published = "2025-01-31" if period == "2025" and case.slug == MissingSlug.ONLY_FORECAST else "2026-01-05"
        row = {"indicator": code, "area": "hcmc", "period": period, "value": value, "published": published}
        if value is None or not value.lstrip("-").isdigit():
            row |= {"value": None, "missing_reason": value or "not_available"}
        api.post("measurements/?quiet=true", row).ok(201)


def status(api: Api, case: Reason, language: str) -> dict[str, Any]:
    path = f"targets/plan:{case.of}:hcmc/status/?as_of=2026-02-01"
    return dict(api.get(path, **{"Accept-Language": language}).ok())


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_reason_has_its_parameters_and_names_things(api: Api, case: Reason) -> None:
    factories.target(case.of, plan="plan", area="hcmc", lower="8", announced=date(2024, 12, 8))
    post(api, case)
    for language, words in (("en", case.english), ("vi", case.vietnamese)):
        answer = status(api, case, language)
        assert (answer["status"], answer["actual"]) == ("no_data", None)
        assert answer["reason"] == {
            "slug": case.slug.value,
            "indicator": case.indicator,
            "period": case.period,
            "day": case.day,
            "areas": list(case.areas),
            "missing_reason": case.missing,
        }
        assert words in answer["explanation"]["sentence"]
        assert [code for code in NAMES if f"“{code}”" in answer["explanation"]["sentence"]] == []


def summary_of(made: Target) -> str:
    day = date(2026, 2, 1)
    evaluated = evaluate_target(target=made, as_of=day, today=day)
    with override("en"):
        return alert_messages.summary_line(build_snapshot(evaluated, "", NotificationReason.FIRST))


def test_every_reason_is_tried() -> None:
    assert {case.slug for case in CASES.values()} == set(MissingSlug)


@pytest.mark.parametrize(
    ("case", "summary"),
    [
        ("months after a gap", "Figures of “Budget revenue” for the first 2 months of 2025 are missing, so later ones"),
        (
            "predecessors",
            "figures of “Budget revenue” for the first 8 months of 2024 are missing from Ba Ria and Binh Duong.",
        ),
        ("nothing came", "Nothing was reported of “Budget revenue”."),
        (
            "a figure that was taken back",
            "What had been reported of “Budget revenue” was taken back on 5 January 2026.",
        ),
        ("a figure that is not available", "was marked as “not available” on 5 January 2026."),
    ],
)
def test_a_message_says_what_is_missing(api: Api, case: str, summary: str) -> None:
    made = factories.target(CASES[case].of, plan="plan", area="hcmc", lower="8", announced=date(2024, 12, 8))
    post(api, CASES[case])
    message = summary_of(made)
    assert summary in message
    assert "Actual –" not in message


def test_the_department_that_has_no_value_is_named_also_in_messages(api: Api) -> None:
    finance = factories.department("finance", name="Sở Tài chính", name_en="Department of Finance")
    factories.indicator("jobs", department=finance)
    made = factories.target("jobs", plan="plan", area="hcmc", lower="8", announced=date(2024, 12, 8))
    row = {"indicator": "jobs", "area": "hcmc", "period": "2025-01", "value": None, "missing_reason": "not_available"}
    api_of(department="finance").post("measurements/?quiet=true", row | {"published": "2025-02-03"}).ok(201)
    path = "targets/plan:jobs:hcmc/status/?as_of=2026-02-01"
    answer = api.get(path, **{"Accept-Language": "vi"}).ok()["explanation"]
    assert answer["reporter"] == {"code": "finance", "name": "Sở Tài chính", "name_en": "Department of Finance"}
    assert "được Sở Tài chính ghi là “chưa có” (ngày 03/02/2025)" in answer["sentence"]
    assert "was marked as “not available” by Department of Finance on 3 February 2025" in summary_of(made)


LATER = {
    "months after a merger, and predecessors that are silent": (
        "revenue", [*months("revenue", 2025, "5"), ("revenue", "2025-07", "9")], "territory-changed",
        "figures of “Budget revenue” for January 2025 are missing from Ba Ria and Binh Duong",
    ),
    "months after a gap": (
        "revenue", [("revenue", "2025-01", "5"), ("revenue", "2025-03", "5")], "gap",
        "figures of “Budget revenue” for February 2025 are missing",
    ),
    "a month after a break inside the period": (
        "remeasured", [("remeasured", "2025-Q1", "5"), ("remeasured", "2025-04", "5")], "series-break",
        "has been measured in another way since 1 April 2025",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("of", "posted", "slug", "words"), LATER.values(), ids=list(LATER))
def test_figures_that_do_not_count_yet_have_their_reason(
    api: Api, of: str, posted: list[tuple[str, str, str | None]], slug: str, words: str
) -> None:
    """The department that posted them must not read that it is late."""
    factories.indicator("remeasured", breaks=[{"day": "2025-04-01", "note": "Gốc mới", "note_en": "A new base"}])
    case = Reason(of, posted, MissingSlug(slug), None, "", "", "")
    factories.target(of, plan="plan", area="hcmc", lower="80", announced=date(2024, 12, 8))
    post(api, case)
    explanation = status(api, case, "en")["explanation"]
    assert explanation["later_reason"]["slug"] == slug
    assert words in explanation["sentence"]
    assert "newer figure was due" not in explanation["sentence"]


def test_figures_that_all_count_need_no_reason(api: Api) -> None:
    case = Reason("people", [("people", "2025-01", "5"), ("people", "2025-03", "5")], MissingSlug.GAP, None, "", "", "")
    factories.target("people", plan="plan", area="hcmc", lower="80", announced=date(2024, 12, 8))
    post(api, case)
    assert "later_reason" not in status(api, case, "en")["explanation"]
