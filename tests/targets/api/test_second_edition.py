"""Section 9 of domain.md, row by row: what the first edition answered, and what the second answers.

Each row asks the API. The figures are small ones of the same kind as those that showed the fault.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from indicators.domain.periods import Period
from kpitracker.lib import clock
from targets.models import Alert, AlertRule
from targets.services.assessment import assess
from tests import factories
from tests.support import Api, api_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Row = Callable[[Api], object]


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.plan()
    return api_of()


def post(api: Api, values_by_period: dict[str, str], *, area: str = "city", **fields: str) -> None:
    """Figures of sales, published on the last day of their period unless the fields say otherwise."""
    for period, value in values_by_period.items():
        published = str(Period.parse(period).end)
        figure = {"indicator": "sales", "area": area, "period": period, "value": value, "published": published}
        api.post("measurements/?quiet=true", figure | fields).ok(201)


def status(api: Api, day: str, target: str = "plan:sales:city") -> dict[str, Any]:
    return dict(api.get(f"targets/{target}/status/?as_of={day}").ok())


def forecasts(api: Api) -> object:
    """Growth of about 7.6 % in the year, said in March: status, and what the issuer expects."""
    factories.indicator(kind="rate", accumulation="none", frequency="quarter")
    factories.target(lower="7.5", upper="8")
    post(api, {"2024": "7.6"}, published="2024-03-01")
    answer = status(api, "2024-03-02")
    return answer["status"], (answer["outlook"]["issuer"] or {}).get("value")


def growth_base(api: Api) -> object:
    """A loss of 100 that became a loss of 120, where growth of 10 % was promised."""
    factories.indicator()
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    factories.target("growth", lower=10)
    post(api, {"2023": "-100", "2024": "-120"})
    answer = status(api, "2025-01-10", "plan:growth:city")
    return answer["status"], answer["actual"]


def cumulative_figures(api: Api) -> object:
    """The second half, where the first half and the year were posted."""
    factories.indicator()
    factories.target(lower=700, period="2024-H2")
    post(api, {"2024-H1": "470", "2024": "1190"})
    answer = status(api, "2025-01-10", "plan:sales:city:2024-H2")
    return answer["status"], answer["actual"]


def averages(api: Api) -> object:
    """Twelve months of 4.8 and 4.2 whose mean is 4.5: a ceiling of 4.5."""
    factories.indicator(kind="rate", accumulation="mean")
    factories.target(goal="at_most", upper="4.5")
    long_months = (1, 3, 5, 7, 8, 10)
    post(api, {f"2024-{month:02}": "4.8" if month in long_months else "4.2" for month in range(1, 13)})
    answer = status(api, "2025-01-10")
    return answer["status"], answer["actual"]


def required_growth(api: Api) -> object:
    """Growth of 6.46 % in the first half, posted as growth, where 7.5 % is required of the year."""
    factories.indicator(kind="rate", accumulation="none", frequency="quarter")
    factories.target(lower="7.5")
    post(api, {"2024-H1": "6.46"})
    required = status(api, "2024-07-10")["required"]
    return required["lower"], required["per"], required["assumes"]


def best_pace(api: Api) -> object:
    """Cumulative figures of six months; 88.3 a month are needed, and May alone brought 120."""
    factories.indicator()
    factories.target(lower=1000)
    cumulative = {1: "60", 2: "130", 3: "200", 4: "270", 5: "390", 6: "470"}
    post(api, {f"2024-01/2024-{month:02}": value for month, value in cumulative.items()})
    required = status(api, "2024-07-10")["required"]
    return required["best_seen"], required["periods_seen"], required["out_of_reach"]


def outlook(api: Api) -> object:
    """Public investment: little is disbursed in a first half. In 2023 12 % by June, 70 % in the year."""
    factories.indicator(kind="share", accumulation="last")
    factories.target(lower=95, baseline=0)
    post(api, {"2023-H1": "12", "2023": "70", "2024-H1": "11.5"})
    expected = status(api, "2024-07-10")["outlook"]
    return expected["method"], expected["value"]


def default_profile(api: Api) -> object:
    """500 of 1,200 by June: after a year with 40 % by June, and after a year of shock with 20 %."""
    factories.indicator()
    factories.target()
    post(api, {"2023": "100", "2024-H1": "500"})
    answers = []
    for day, last_half in (("2024-07-04", "40"), ("2024-07-05", "20")):
        post(api, {"2023-H1": last_half}, published=day)
        answer = status(api, "2024-07-10")
        answers.append((answer["expected"]["profile"], answer["status"]))
    return answers


def merged_areas(api: Api) -> object:
    """Eight months of 2025 of a city that was joined by a province in July, and of 2024 of both."""
    city = factories.area("metropolis")
    factories.area("province", valid_to=date(2025, 6, 30), successor=city)
    factories.indicator()
    factories.indicator("growth", formula="yoy(sales)", kind="rate")
    factories.plan("next", "2025", area="metropolis")
    factories.target("growth", plan="next", area="metropolis", lower=8)
    post(api, {"2024-01/2024-08": "345000", "2025-01/2025-08": "524370"}, area="metropolis")
    alone = status(api, "2025-09-10", "next:growth:metropolis")["actual"]
    post(api, {"2024-01/2024-08": "109000"}, area="province")
    return alone, status(api, "2025-09-10", "next:growth:metropolis")["actual"]


def who_answers(api: Api) -> object:
    """Growth is measured by the statistics office; the plan is owned by the city's office; no lead is named."""
    for code in ("statistics", "city-office"):
        factories.department(code)
    factories.indicator(department="statistics")
    factories.plan("owned", department="city-office")
    factories.target(plan="owned", department=None)
    return api.get("targets/owned:sales:city/").ok()["answers_for"]


def score(api: Api) -> object:
    """Three targets of which one is exceeded, while the two that were behind report nothing more."""
    for code in ("sales", "jobs", "trade"):
        factories.indicator(code)
        factories.target(code)
    post(api, {"2024": "1300"})
    totals = api.get("plans/plan/scorecard/?as_of=2025-03-01").ok()["totals"]
    return totals["score"]


def targets_that_stay(api: Api) -> object:
    """A promise that was adopted, is deleted, and is looked at as of a day in the past."""
    factories.indicator()
    factories.target()
    deleted = api.delete("targets/plan:sales:city/", If_Match="*").status
    withdrawal = {"state": "withdrawn", "act": "7", "reason": "The epidemic", "announced": "2024-09-01"}
    api.post("targets/plan:sales:city/amendments/", withdrawal)
    cards = [api.get(f"plans/plan/scorecard/?as_of={day}").ok() for day in ("2024-07-05", "2024-09-01")]
    return deleted, [card["totals"]["targets"] for card in cards]


def units(api: Api) -> object:
    """300 billion that would be 300 million, in the past too."""
    factories.indicator(unit="billion")
    post(api, {"2024-01": "300"})
    return api.patch("indicators/sales/", {"unit": "million"}, If_Match="*").status


def worrying_figure(api: Api, published: date) -> None:
    """Far less than was promised, posted loud."""
    year = str(clock.today().year - 1)
    factories.department(email="statistics@example.org")
    factories.indicator(department="statistics")
    factories.plan("last-year", year)
    factories.target(plan="last-year")
    post(api, {f"{year}-12-30/{year}-12-31": "5"}, published=f"{clock.today().year}-01-01")
    assess.process_series_changes(now=clock.now())
    AlertRule.objects.exclude(code="status-worrying").update(active=False)
    figure = {"indicator": "sales", "area": "city", "period": year, "value": "600", "published": str(published)}
    api.post("measurements/", figure).ok(201)
    assess.process_series_changes(now=clock.now())


def news(api: Api) -> object:
    """A bad figure that was published yesterday and is recorded today: alerts."""
    worrying_figure(api, clock.today() - timedelta(days=1))
    return Alert.objects.count()


def alerts_without_data(api: Api) -> object:
    """The figure that opened an alert is withdrawn."""
    worrying_figure(api, clock.today())
    figure = next(row for row in api.rows("measurements/") if row["value"] == "600")
    api.post(f"measurements/{figure['id']}/withdraw/", {"reason": "Wrong file"}).ok(201)
    assess.process_series_changes(now=clock.now())
    return Alert.objects.get().state


ROWS = [
    pytest.param(forecasts, ("met", None), ("not_due", "7.6"), id="a forecast of March is shown, and meets nothing"),
    pytest.param(growth_base, ("exceeded", "20"), ("no_data", None), id="a loss that grows is no growth"),
    pytest.param(cumulative_figures, ("no_data", None), ("met", "720"), id="the second half is the year less the first"),
    pytest.param(averages, ("missed", "4.504918"), ("met", "4.5"), id="in an average each month weighs the same"),
    pytest.param(best_pace, ("60", 1, True), ("120", 6, None), id="the best pace is that of any known span, if enough are known"),
    pytest.param(
        required_growth,
        (None, None, None),
        ("8.54", "rest", "equal-weights"),
        id="the rest of a posted growth has a required growth",
    ),
    pytest.param(
        outlook, ("line", "23.126374"), ("rest", "69.5"), id="the outlook adds what last year brought after that day"
    ),
    pytest.param(
        default_profile,
        [("even", "off_track"), ("even", "off_track")],
        [("seasonal", "on_track"), ("even", "off_track")],
        id="a flow follows last year's season, unless it was a year of shock",
    ),
    pytest.param(
        merged_areas, ("51.991304", "51.991304"), (None, "15.5"), id="merged areas are compared like with like, or not"
    ),
    pytest.param(who_answers, "statistics", "city-office", id="who owns the plan answers, not who measures"),
    pytest.param(score, "100", "33.3", id="silence raises no score"),
    pytest.param(targets_that_stay, (204, [0, 0]), (409, [1, 0]), id="a target is withdrawn, and its past stays"),
    pytest.param(units, 200, 409, id="a unit that is used is fixed"),
    pytest.param(news, 0, 1, id="what was published yesterday is news today"),
    pytest.param(alerts_without_data, "resolved", "firing", id="an alert goes on when its figure is withdrawn"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "first_edition", "second_edition"), ROWS)
def test_the_answer_of_the_second_edition(api: Api, row: Row, first_edition: object, second_edition: object) -> None:
    answer = row(api)
    assert answer == second_edition
    assert answer != first_edition
