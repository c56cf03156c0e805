"""The page of a target: who must act, why, and by which figure of which source."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from indicators.models import Indicator
from kpitracker.lib import clock
from targets.models import Target
from targets.services.assessment import assess
from tests import factories
from tests.admin_support import client_of, person
from tests.support import api_of

pytestmark = pytest.mark.django_db

PATH = "/targets/plan:sales:city/"
SOURCE = "https://example.org/report.pdf"


@pytest.fixture
def client() -> Client:
    factories.world()
    factories.figure("sales", "2024-01", 60, published="2024-02-10", source=SOURCE)
    factories.figure("sales", "2024-02", 70, published="2024-03-10")
    return client_of(person("lan"))


@pytest.mark.parametrize("day", ["", "as_of=2024-03-15"])
def test_links_to_the_board_and_to_the_indicator_keep_the_day(client: Client, day: str) -> None:
    page = unescape(client.get(f"{PATH}?{day}").content.decode())

    for address in (f"/?plan=plan{day and '&'}{day}", f"/indicators/sales/{day and '?'}{day}"):
        assert f'href="{address}"' in page
        assert client.get(address).status_code == 200


def text_of(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def test_the_sentence_the_numbers_and_the_sources_are_those_of_the_api(client: Client) -> None:
    status = api_of().get("targets/plan:sales:city/status/?as_of=2024-03-15").ok()
    assert (status["actual"], status["variance"], status["outlook"]["value"]) == ("130", "-66.721311", "793")
    answer = client.get(f"{PATH}?as_of=2024-03-15")
    text = text_of(answer)
    assert answer.status_code == 200
    assert (
        "off track: 130 in the first 2 months of 2024, due by then 196.72, 66.72 short; promised at least 1,200 in 2024"
        in text
    )
    assert "Answers for it: Statistics" in text
    for label, value in (("Actual", "130"), ("Expected by then", "196.72"), ("Variance", "−66.72"), ("end", "793")):
        assert re.search(rf"{label} {value}\b", text), (label, text)
    assert f'<a href="{SOURCE}" rel="noopener noreferrer">' in answer.content.decode()
    row = answer.context["figures"][0]
    assert row[:3] == ("Sales", "January 2024", "60")
    assert row[3:6] == ("not stated", "10 February 2024 (recorded late)", "1")
    assert "variance 130 − 196.72131147541 −66.72" in text
    assert "<pre" not in answer.content.decode()


@pytest.mark.parametrize(
    ("source", "is_link"),
    [
        pytest.param("http://example.org/a", True, id="http"),
        pytest.param("https://example.org/a?b=1&c=2", True, id="https with parameters"),
        pytest.param("javascript:alert(1)", False, id="a script"),
        pytest.param("ftp://example.org/a", False, id="another protocol"),
        pytest.param("example.org", False, id="a host alone"),
        pytest.param("lan@example.org", False, id="an e-mail address"),
        pytest.param("Report https://example.org", False, id="words before an address"),
        pytest.param('https://example.org/"onclick="x', True, id="quotes are escaped"),
        pytest.param("", False, id="no source"),
    ],
)
def test_only_addresses_of_the_web_become_links(client: Client, source: str, is_link: bool) -> None:
    factories.figure("sales", "2024-03", 80, published="2024-04-10", source=source)
    page = client.get(PATH).content.decode()
    assert (f'<a href="{escape(source)}"' in page) is is_link
    assert escape(source) in page
    assert 'href="javascript' not in page
    assert "mailto:" not in page


def test_the_table_below_the_chart_holds_its_numbers(client: Client) -> None:
    for month in range(1, 13):
        factories.figure("sales", f"2023-{month:02}", 90 + month, published="2024-01-20")
    factories.figure("sales", "2024-01", 65, published="2024-02-25")
    factories.figure("sales", "2024", 1100, published="2024-03-01", stage="forecast")
    answer = client.get(f"{PATH}?as_of=2024-03-15")
    plot = answer.context["plot"]
    assert plot.heads == [
        "Until", "Actual", "Known earlier", "Due, lower edge", "Year before", "Forecast of the issuer", "Outlook", "Needed by then",
        "Target",
    ]  # fmt: skip
    status = api_of().get("targets/plan:sales:city/status/?as_of=2024-03-15").ok()
    outlook, before = status["outlook"], status["same_period"]
    assert (status["actual"], before["value"], outlook["issuer"]["value"]) == ("135", "183", "1100")
    assert plot.rows[0][:5] == ["31 January 2024", "65", "60 (until 24 February 2024)", "94.3", "91"]
    assert plot.rows[1][:2] == ["29 February 2024", "135"]
    assert plot.rows[1][4] == "183"
    assert plot.rows[-1][-4:][0] == "1,100 (1 March 2024)"
    assert plot.rows[-1][-2:] == ["1,200", "1,200"]
    assert {name for name, _ in plot.keys} == {
        "actual", "due", "band", "outlook", "needed", "before", "earlier", "forecast"
    }  # fmt: skip
    # What the script draws is what stands in the table.
    cells = " ".join(" ".join(row) for row in plot.rows)
    for series in plot.data["series"]:
        for point in series["points"]:
            assert point["text"].rpartition(" ")[2] in cells
    assert '<script id="trajectory-data" type="application/json">' in answer.content.decode()


def test_what_is_done_stands_on_the_page(client: Client) -> None:
    factories.figure("sales", "2024", 900)
    assess.process_series_changes(now=clock.now())
    target = Target.objects.get()
    factories.action(target, "2024-12-31", text="Open a second shop")
    factories.comment(target=target.identifier, text="Two\nlines & <b>no tags</b>")
    answer = client.get(PATH)
    text = text_of(answer)
    assert "Open a second shop" in text
    assert "firing" in text
    assert "<b>no tags" not in answer.content.decode()
    assert "Two<br>lines &amp; &lt;b&gt;no tags" in answer.content.decode()
    assert "announced on 8 December 2023" in text
    assert re.search(r'href="/admin/targets/alert/[0-9a-f-]+/change/"', answer.content.decode())


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        pytest.param("/targets/plan:other:city/", 404, "The page was not found", id="no such target"),
        pytest.param(f"{PATH}?as_of=2999-01-01", 400, "Not after today.", id="a day in the future"),
        pytest.param(f"{PATH}?as_of=soon", 400, "Enter a valid date.", id="no day"),
        pytest.param(f"{PATH}?version=1", 400, "version", id="an unknown parameter"),
        pytest.param(
            f"{PATH}?as_of=2020-01-01", 200, "It was announced on 8 December 2023.", id="before it was announced"
        ),
    ],
)
def test_what_cannot_be_shown_is_said_in_words(client: Client, path: str, status: int, words: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, words in text_of(answer)) == (status, True), text_of(answer)


def test_without_a_login_there_is_the_login_page_that_leads_back() -> None:
    assert Client().get(PATH)["Location"] == "/admin/login/?next=/targets/plan%3Asales%3Acity/"


def test_a_restricted_target_does_not_exist_for_others(client: Client) -> None:
    factories.department("b")
    factories.indicator("secret", department="statistics", restricted=True)
    factories.target("secret")
    answers = {
        name: client_of(person(name, department=department)).get("/targets/plan:secret:city/").status_code
        for name, department in (("hoa", "b"), ("mai", "statistics"))
    }
    assert answers == {"hoa": 404, "mai": 200}


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"qualitative": True, "goal": "", "lower": None}, id="without a number"),
        pytest.param({"qualitative": True, "goal": "at_least", "lower": None}, id="without a number, with a direction"),
        pytest.param({"goal": "at_most", "upper": 5}, id="a ceiling"),
        pytest.param({"goal": "within", "lower": 5, "upper": 8, "period": "2024-Q2"}, id="a range of a quarter"),
        pytest.param({"department": None}, id="without a lead"),
    ],
)
def test_every_kind_of_target_has_its_page(client: Client, values: dict[str, Any]) -> None:
    factories.indicator("other")
    if values.get("goal") == "at_most":
        values = {"lower": None, **values}
    target = factories.target("other", **values)
    for language in ("vi", "en"):
        answer = client.get(f"/targets/{target.identifier}/", headers={"Accept-Language": language})
        assert answer.status_code == 200
        assert "None" not in answer.content.decode().replace("None.", "")


def test_a_heading_stands_as_on_the_board(client: Client) -> None:
    factories.indicator("hq")
    heading = factories.target("hq", qualitative=True, goal="", lower=None)
    Target.objects.filter(identifier="plan:sales:city").update(heading=heading)
    answer = client.get("/targets/plan:hq:city/?as_of=2024-03-15")
    text = text_of(answer)
    assert "off track: judged by the targets that are its parts" in text
    part = "Sales, City, 2024 : off track 130 in the first 2 months of 2024, due by then 196.72"
    assert part in text.partition("Parts of this target")[2]
    assert '<a href="/targets/plan:sales:city/?as_of=2024-03-15">' in answer.content.decode()
    assert '<a href="/targets/plan:sales:city/">' in client.get("/targets/plan:hq:city/").content.decode()
    assert "Part of Hq, City, 2024" in text_of(client.get(PATH))
    factories.department("b")
    Indicator.objects.filter(code="sales").update(restricted=True)
    assert "Sales" not in text_of(client_of(person("hoa", department="b")).get("/targets/plan:hq:city/"))


def test_a_ceiling_that_allows_less_than_ever_seen_says_so(client: Client) -> None:
    factories.indicator("cases", kind="count")
    factories.target("cases", goal="at_most", lower=None, upper=600)
    for month in range(1, 13):
        factories.figure("cases", f"2023-{month:02}", 60, published=f"2024-01-{month + 10}")
    for month in range(1, 10):
        factories.figure("cases", f"2024-{month:02}", 61, published=f"2024-{month + 1:02}-05")
    text = text_of(client.get("/targets/plan:cases:city/?as_of=2024-10-06"))
    assert "Less is allowed than ever seen" in text
    assert "More" not in text
