"""Forty verdicts for docs/sentences.md: directions, statuses, kinds, reasons, states, and who judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from indicators.domain.figures import Figure
from indicators.domain.regions import AreaNode, AreaTree
from indicators.domain.terms import IndicatorTerms
from indicators.domain.territory import Territory, find_predecessors
from indicators.domain.value_resolver import ValueResolver
from indicators.models import Indicator
from targets.domain.assessment import assess
from targets.domain.choices import Status, StatusRule, VersionState
from targets.domain.judgements import JudgementInForce
from targets.domain.terms import TargetTerms
from targets.models import Target, TargetVersion
from targets.payloads.assessments import StatusDocument
from targets.services.evaluation import explanations, payloads
from tests.indicators.domain.builders import computed, day, figure, indicator, months
from tests.targets.domain.builders import milestone, target

MERGER = date(2025, 7, 1)
EIGHT, EIGHT_NOW = "2024-01/2024-08", "2025-01/2025-08"
_TREE = AreaTree(
    [
        AreaNode(1, "hcmc"),
        AreaNode(2, "binh-duong", valid_to=date(2025, 6, 30), successor=1),
        AreaNode(3, "ba-ria", valid_to=date(2025, 6, 30), successor=1),
    ]
)
AREAS = [
    ("hcmc", "Thành phố Hồ Chí Minh", "Ho Chi Minh City"),
    ("binh-duong", "Bình Dương", "Binh Duong"),
    ("ba-ria", "Bà Rịa – Vũng Tàu", "Ba Ria – Vung Tau"),
]


@dataclass(frozen=True)
class Measure:
    """An indicator with its names and units, Vietnamese first."""

    terms: IndicatorTerms
    name: str
    name_en: str
    unit: str = "percent"
    unit_en: str = "percent"


def measure(accumulation: str, decimals: int, kind: str, frequency: str, *texts: str, code: str = "x") -> Measure:
    return Measure(
        indicator(accumulation, code=code, kind=kind, frequency=frequency)._replace(decimals=decimals), *texts
    )


GROWTH = measure("none", 2, "rate", "quarter", "Tăng trưởng kinh tế", "Economic growth")
PRICES = measure("none", 2, "rate", "month", "Chỉ số giá tiêu dùng", "Consumer prices")
JOBS = measure("sum", 0, "level", "month", "Việc làm mới", "New jobs", "việc làm", "jobs")
REVENUE = measure(
    "sum", 0, "level", "month", "Thu ngân sách", "Budget revenue", "tỷ đồng", "billion VND", code="revenue"
)
SPENDING = measure("sum", 0, "level", "month", "Chi ngân sách", "Budget spending", "tỷ đồng", "billion VND")
DEATHS = measure("sum", 0, "count", "month", "Tử vong do tai nạn giao thông", "Road deaths", "người", "people")
VISITORS = measure("sum", 0, "count", "month", "Khách quốc tế", "Foreign visitors", "lượt khách", "visitors")
DISBURSED = measure("last", 2, "share", "month", "Giải ngân đầu tư công", "Public investment disbursed")
POVERTY = measure("last", 2, "share", "quarter", "Tỷ lệ hộ nghèo", "Poor households")
UNEMPLOYED = measure("last", 2, "rate", "quarter", "Tỷ lệ thất nghiệp", "Unemployment")
WATER = measure("last", 2, "share", "quarter", "Hộ dùng nước sạch", "Households with clean water")
RANK = measure("last", 0, "rank", "year", "Chỉ số cải cách hành chính", "Administrative reform index", "hạng", "rank")
TASK = measure("last", 0, "yes_no", "year", "Quy hoạch thành phố", "City master plan", "có/không", "yes/no")
REVENUE_GROWTH = Measure(
    computed("revenue-growth", "yoy(revenue)")._replace(decimals=1),
    "Tốc độ tăng thu ngân sách",
    "Growth of budget revenue",
)
PRICE_LEVEL = measure("mean", 1, "index", "month", "Chỉ số giá", "Price index", code="prices")
PRICE_GROWTH = Measure(computed("price-growth", "yoy(prices)")._replace(decimals=1), "Mức tăng giá", "Growth of prices")
PER_HEAD = Measure(
    computed("per-head", "revenue / people", kind="level"),
    "Thu bình quân",
    "Revenue per head",
    "tỷ đồng",
    "billion VND",
)
PEOPLE = measure("last", 0, "count", "year", "Dân số", "Population", "người", "people", code="people")


@dataclass(frozen=True)
class Verdict:
    """A case of the table. `before`: figures of one of the areas that merged, by area."""

    title: str
    of: Measure
    terms: TargetTerms
    figures: Sequence[Figure]
    as_of: str
    about: bool = False
    state: VersionState = VersionState.ADOPTED
    judgement: JudgementInForce | None = None
    of_parts: Status | None = None
    breaks: tuple[date, ...] = ()
    inputs: Sequence[Measure] = ()
    people: Sequence[Figure] = ()
    merged: bool = False

    def document(self) -> StatusDocument:
        """As the API answers it."""
        own = self.of.terms
        others = [row.terms._replace(breaks=self.breaks) for row in self.inputs]
        own = own if others else own._replace(breaks=self.breaks)
        series = {(others[0] if others else own).code: self.figures, "people": self.people}
        territory = Territory("hcmc", None, find_predecessors(_TREE, 1), {}) if self.merged else None
        resolver = ValueResolver([own, *others], series, territory=territory)
        result = assess(
            terms=self.terms, indicator=own.code, resolver=resolver, as_of=day(self.as_of), judgement=self.judgement
        )
        if self.of_parts:
            result = replace(result, status=self.of_parts, rule=StatusRule.OF_PARTS)
        row = Target(
            identifier="plan:x:place",
            indicator=Indicator(code=own.code, unit=self.of.unit, unit_en=self.of.unit_en, decimals=own.decimals),
            qualitative=self.terms.qualitative,
        )
        explained = explanations.explain_assessment(result, day(self.as_of))
        names = {measured.terms.code: measured for measured in (self.of, *self.inputs)}
        for entry in explained["indicators"]:
            entry["name"], entry["name_en"] = names[entry["code"]].name, names[entry["code"]].name_en
        explained["areas"] = [{"code": code, "name": name, "name_en": name_en} for code, name, name_en in AREAS]
        return {
            **payloads.assessment_payload(row, TargetVersion(number=1), result, self.state),
            "as_of": self.as_of,
            "explanation": {
                **explained,
                "about": self.about,
                "version": {
                    "number": 2, "state": self.state.value, "announced": "2024-08-15", "act": "", "reason": "", "source": "",
                },
            },
        }  # fmt: skip


def _judged(status: Status, reason: str) -> JudgementInForce:
    return JudgementInForce(status, day("2024-12-20"), reason, "Nguyễn Thị Lan")


def _estimate(period: str, value: str, published: str) -> Figure:
    return figure(period, value, stage="estimate", published=published)


_PLAN_GROWTH = target("7.5", "8")
_CEILING = target(None, "4.5", goal="at_most")
_FORECAST = figure("2024", "1250", stage="forecast", published="2024-02-01")

VERDICTS = [
    # At least.
    Verdict("A range, missed", GROWTH, _PLAN_GROWTH, [figure("2024", "7.17")], "2025-01-05"),
    Verdict("A range, met", GROWTH, _PLAN_GROWTH, [figure("2024", "7.6")], "2025-01-05"),
    Verdict("Beyond the ambition, by an estimate", GROWTH, _PLAN_GROWTH, [_estimate("2024", "8.25", "2025-01-03")], "2025-01-05"),
    Verdict("Missed by less than the decimals show", GROWTH, target("7.5"), [figure("2024", "7.499999")], "2025-01-05"),
    Verdict("On an open edge", GROWTH, target("10", lower_open=True), [figure("2024", "10")], "2025-01-05"),
    Verdict("On an open ceiling", PRICES, target(None, "4", goal="at_most", upper_open=True), [figure("2024", "4")], "2025-01-05"),
    Verdict("On an open edge before the end", JOBS, target("366", lower_open=True), months(2024, [91, 0, 0]), "2024-04-05"),
    Verdict("Beyond the tolerance, no ambition", JOBS, target("140000"), [figure("2024", "150046")], "2025-02-20"),
    Verdict("A promise that says about", VISITORS, target("6000000"), [figure("2024", "5990000")], "2025-02-20", about=True),
    Verdict("A figure that says more than", REVENUE, target("190000"), [figure("2024", "190000", qualifier="more_than")], "2025-02-20"),
    Verdict("Reached before the end", JOBS, target("1200"), months(2024, [150] * 9), "2024-10-05"),
    Verdict("On track", GROWTH, _PLAN_GROWTH, [figure("2024-H1", "7.6")], "2024-07-05"),
    Verdict("On track by the days", JOBS, target("1200", "1300"), months(2024, [105] * 6), "2024-07-05"),
    Verdict("At risk", JOBS, target("1464"), months(2024, [120] * 6), "2024-07-20"),
    Verdict("Off track, and stale", JOBS, target("1464"), months(2024, [100] * 6), "2024-08-20"),
    Verdict("Behind, as in an earlier year", JOBS, target("1200"), [*months(2022, [60] * 6 + [140] * 6), *months(2023, [100] * 12), *months(2024, [62] * 6)], "2024-07-20"),
    Verdict("Off track by milestones", DISBURSED, target("95", milestones=[milestone("2024-06-30", "30"), milestone("2024-09-30", "60")]), [figure("2024-01/2024-07", "28.7")], "2024-08-05"),
    Verdict("A share that cannot be exceeded", WATER, target("100"), [figure("2024-12-31", "99.6")], "2025-02-01"),
    Verdict("The result never came", GROWTH, target("5"), [figure("2024-H1", "6")], "2025-06-20"),
    Verdict("Every household", WATER, target("100"), [figure("2024-03-31", "91")], "2024-05-01"),
    # At most.
    Verdict("A ceiling kept by far", PRICES, target("4", "4.5", goal="at_most"), [figure("2024", "3.63")], "2025-01-05"),
    Verdict("A ceiling kept by more than the tolerance", UNEMPLOYED, target(None, "4", goal="at_most", upper_open=True), [figure("2024-12-31", "3.79")], "2025-02-05"),
    Verdict("A ceiling kept, by an estimate", UNEMPLOYED, target(None, "4", goal="at_most"), [_estimate("2024-12-31", "3.9", "2025-01-03")], "2025-02-05"),
    Verdict("Prices beyond the limit", PRICES, _CEILING, [figure("2024-01/2024-05", "4.9")], "2024-06-05"),
    Verdict("Within the tolerance of a ceiling", PRICES, _CEILING, [figure("2024-01/2024-05", "4.6")], "2024-06-05"),
    Verdict("More than allowed by then", DEATHS, target(None, "600", goal="at_most"), months(2024, [60] * 6), "2024-07-05"),
    Verdict("More than allowed for the whole year", DEATHS, target(None, "600", goal="at_most"), months(2024, [70] * 10), "2024-11-05"),
    Verdict("Down from a baseline", POVERTY, target(None, "2", goal="at_most", baseline="4"), [figure("2024-06-30", "3.6")], "2024-07-20"),
    Verdict("None is allowed", DEATHS, target(None, "0", goal="at_most"), [], "2024-03-20"),
    # Within, ranks, things to be done.
    Verdict("Above its range", SPENDING, target("950", "1000", goal="within"), months(2024, [95] * 6), "2024-07-05"),
    Verdict("Below its range", SPENDING, target("950", "1000", goal="within"), months(2024, [60] * 6), "2024-07-05"),
    Verdict("Within its range", SPENDING, target("950", "1000", goal="within"), [figure("2024", "970")], "2025-02-05"),
    Verdict("A rank missed", RANK, target(None, "5", goal="at_most"), [figure("2024", "7")], "2025-02-20"),
    Verdict("A rank better than the ambition", RANK, target("3", "5", goal="at_most"), [figure("2024", "2")], "2025-02-20"),
    Verdict("Something to be done", TASK, target("1"), [figure("2024-06-30", "0")], "2024-07-20"),
    Verdict("The first of all", RANK, target(None, "1", goal="at_most"), [figure("2024", "2")], "2025-02-20"),
    # Without a value.
    Verdict("Not due yet", JOBS, target("10"), [], "2024-01-20"),
    Verdict("Nothing was reported", JOBS, target("1200"), [], "2024-03-20"),
    Verdict("Only a forecast", JOBS, target("1200"), [_FORECAST], "2024-03-20"),
    Verdict("Reported without a value", JOBS, target("1200"), [figure("2024-01", None, published="2024-02-05")], "2024-03-20"),
    Verdict("Taken back", JOBS, target("1200"), [figure("2024-01", None, published="2024-02-05", missing="withdrawn")], "2024-03-20"),
    Verdict("A gap at the beginning", JOBS, target("1200"), months(2024, [100] * 6)[2:], "2024-07-20"),
    Verdict("No figures of the year before", REVENUE_GROWTH, target("8"), months(2024, [100] * 6), "2024-07-20", inputs=[REVENUE]),
    Verdict("A year before below zero", REVENUE_GROWTH, target("8"), [*months(2023, [-20] * 6), *months(2024, [10] * 6)], "2024-07-20", inputs=[REVENUE]),
    Verdict("A new way of measuring", REVENUE_GROWTH, target("8"), [*months(2023, [90] * 6), *months(2024, [100] * 6)], "2024-07-20", inputs=[REVENUE], breaks=(date(2024, 1, 1),)),
    Verdict("Predecessors of a merged city", REVENUE_GROWTH, target("8", period="2025"), [figure(EIGHT, "345000"), figure(EIGHT_NOW, "524370")], "2025-09-20", inputs=[REVENUE], merged=True),
    Verdict("A rate of a merged city", PRICE_GROWTH, target("8", period="2025"), [figure("2024", "4"), figure("2025", "5")], "2026-02-20", inputs=[PRICE_LEVEL], merged=True),
    Verdict("An input that is missing", PER_HEAD, target("1"), months(2024, [100] * 12), "2025-02-05", inputs=[REVENUE, PEOPLE]),
    Verdict("A division by zero", PER_HEAD, target("1"), months(2024, [100] * 12), "2025-02-05", inputs=[REVENUE, PEOPLE], people=[figure("2024", "0")]),
    # People and states.
    Verdict("Judged by a person", TASK, target(goal=None, qualitative=True), [], "2024-12-31", judgement=_judged(Status.MET, "Đã thông qua tại kỳ họp cuối năm")),
    Verdict("Without a number", TASK, target(goal=None, qualitative=True), [], "2025-02-20"),
    Verdict("A heading", TASK, target(goal=None, qualitative=True), [], "2024-12-31", of_parts=Status.OFF_TRACK),
    Verdict("Suspended", VISITORS, target("6000000"), months(2024, [200000] * 7), "2024-08-14", state=VersionState.SUSPENDED),
    Verdict("Withdrawn", DEATHS, target(None, "600", goal="at_most"), months(2024, [60] * 7), "2024-08-14", state=VersionState.WITHDRAWN),
]  # fmt: skip

BESIDE = [
    Verdict("Up on the year before", JOBS, target("1464"), [*months(2023, [110] * 12), *months(2024, [120] * 6)], "2024-07-20"),
    Verdict("More than ever seen", JOBS, target("1464"), [*months(2023, [100] * 12), *months(2024, [60] * 6)], "2024-07-20"),
    Verdict("More than the best average", JOBS, target("1464"), [*months(2023, [100] * 12), figure("2024-01/2024-02", "230"), *months(2024, [60] * 6)[2:]], "2024-07-20"),
    Verdict("A cumulative rate", DISBURSED, target("95", baseline="0"), [*(figure(f"2023-01/2023-{month:02}", str(month * 6)) for month in range(2, 13)), figure("2024-01/2024-10", "21.2")], "2024-11-05"),
    Verdict("Too many for the whole year", DEATHS, target(None, "600", goal="at_most"), [*months(2023, [60] * 12), *months(2024, [70] * 10)], "2024-11-05"),
    Verdict("Down in points", UNEMPLOYED, target(None, "4", goal="at_most"), [figure("2023-12-31", "4.1"), figure("2024-12-31", "3.9")], "2025-02-05"),
    Verdict("Less than ever seen", DEATHS, target(None, "600", goal="at_most"), [*months(2023, [70] * 12), *months(2024, [60] * 9)], "2024-10-05"),
    Verdict("A better rank", RANK, target(None, "5", goal="at_most"), [figure("2023", "9"), figure("2024", "7")], "2025-02-20"),
    Verdict("The year before of another territory", REVENUE, target("900000", period="2025"), [figure(EIGHT, "345000"), figure(EIGHT_NOW, "524370")], "2025-09-20", merged=True),
    Verdict("The year before measured in another way", JOBS, target("1464"), [*months(2023, [110] * 12), *months(2024, [120] * 6)], "2024-07-20", breaks=(date(2024, 1, 1),)),
]  # fmt: skip
