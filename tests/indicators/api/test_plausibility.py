"""What is flagged about figures, and what of an indicator says so."""

import pytest

from tests import factories
from tests.support import Api, api_of

pytestmark = pytest.mark.django_db

DOUBTS = {"usual_low": "-5", "usual_high": "25.5", "check_formula": "yoy(sales)", "check_tolerance": "0.05"}
GROWTH = {"code": "growth", "name": "Growth", "accumulation": "none"}


@pytest.fixture
def api() -> Api:
    factories.area()
    factories.indicator()
    return api_of()


def test_an_indicator_says_what_is_doubted(api: Api) -> None:
    plain = api.post("indicators/", {**GROWTH, "code": "plain"}).ok(201)
    assert {name: plain[name] for name in DOUBTS} == dict.fromkeys(DOUBTS)
    assert api.post("indicators/", {**GROWTH, **DOUBTS}).ok(201).items() >= DOUBTS.items()
    tag = api.get("indicators/growth/").headers["ETag"]
    cleared = api.put("indicators/growth/", GROWTH, If_Match=tag).ok()
    assert {name: cleared[name] for name in DOUBTS} == dict.fromkeys(DOUBTS)


@pytest.mark.parametrize(
    ("values", "status", "slug", "pointer"),
    [
        pytest.param({"check_tolerance": "-1"}, 400, "invalid-number", "/check_tolerance", id="a negative tolerance"),
        pytest.param({"usual_low": "30"}, 400, "invalid-band", "/usual_high", id="low above high"),
        pytest.param({"check_formula": "yoy("}, 400, "invalid-formula", "/check_formula", id="a check nobody can read"),
        pytest.param({"check_formula": "x"}, 422, "unknown-indicator", "/check_formula", id="a check by nothing"),
        pytest.param({"check_formula": "growth"}, 422, "formula-cycle", "/check_formula", id="a check by itself"),
    ],
)
def test_what_is_refused(api: Api, values: dict[str, str], status: int, slug: str, pointer: str) -> None:
    answer = api.post("indicators/", {**GROWTH, **DOUBTS, **values})
    answer.problem(status, slug)
    assert answer.pointers == [(pointer, slug)]


def test_a_doubtful_figure_is_stored_and_flagged_wherever_it_is_shown(api: Api) -> None:
    api.post("indicators/", {**GROWTH, **DOUBTS}).ok(201)
    for period, value in {"2023": "100", "2024": "120"}.items():
        api.post("measurements/", {"indicator": "sales", "period": period, "value": value}).ok(201)
    posted = api.post("measurements/", {"indicator": "growth", "period": "2024", "value": "26"}).ok(201)
    expected = [
        {"slug": "unusual-value", "detail": "26 is outside what is usual (−5 … 25.5)."},
        {"slug": "growth-differs", "detail": "26 is posted, yoy(sales) gives 20."},
    ]
    assert posted["warnings"] == expected
    assert api.rows("measurements/?indicator=growth")[0]["warnings"] == expected
    assert api.get("indicators/growth/series/").ok()["results"][0]["warnings"] == expected
