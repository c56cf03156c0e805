"""Public pages: no login and no cookie, kept by caches; nothing that is hidden, waiting or personal changes a byte of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.domain.periods import Period
from indicators.models import Approval, Department, Indicator
from indicators.services.catalogue import indicators
from indicators.services.figures import approvals, recording
from indicators.services.figures.recording import FigureInput
from kpitracker.lib import clock
from kpitracker.lib.models import AuditEntry
from kpitracker.lib.numbers import parse_number
from targets.models import Alert, Plan, Target
from targets.services.alerting import user_responses
from targets.services.assessment import assess
from targets.services.planning import judgements, targets
from tests import factories, hidden_rows
from tests.support import api_of
from tests.targets.pages.board_world import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BOARD = "/public/plan/"
SALES = "/public/plan/targets/plan:sales:city/"
ORDER = "/public/plan/targets/plan:order:city/"
PLACES = (
    "/public/", BOARD, f"{BOARD}?as_of=2024-07-15", f"{BOARD}?group=section", f"{BOARD}?group=area&sort=name",
    f"{BOARD}?group=department&lang=vi", SALES, f"{SALES}?as_of=2024-07-15", f"{SALES}?lang=vi", ORDER,
)  # fmt: skip


@pytest.fixture
def world() -> None:
    """A public plan with four visible targets and a restricted one."""
    factories.area()
    factories.department("a")
    factories.department("b")
    for code, values in {"sales": {}, "jobs": {"needs_approval": True}, "order": {}}.items():
        factories.indicator(code, department="a", **values)
    factories.indicator("secret", department="a", name="Zirkon", restricted=True)
    factories.indicator("derived", department="a", name="From Zirkon", formula="2 * secret")
    factories.plan(department="a")
    for code in ("sales", "jobs", "secret", "derived"):
        factories.target(code)
    factories.target("order", qualitative=True, goal="", lower=None)
    for month in range(1, 7):
        factories.figure("sales", f"2024-{month:02}", 60 + month, published=f"2024-{month + 1:02}-10")
    factories.figure("secret", "2024-01", 5, published="2024-02-10")
    factories.figure("sales", "2024", 900)
    settle()
    Plan.objects.update(public=True)


def settle() -> None:
    while assess.process_series_changes(now=clock.now()):
        pass


def bytes_of_pages() -> dict[str, bytes]:
    pages = {path: Client().get(path) for path in PLACES}
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(PLACES, 200)
    return {path: page.content for path, page in pages.items()}


def wait_for_approval(value: int) -> Approval:
    by = hidden_rows.officer_of("a", f"officer{value}")
    figure = FigureInput(
        indicator="jobs", period=Period.parse("2024-01"), value=parse_number(str(value)), published=clock.today()
    )
    recording.record_figure(figure=figure, by=by, now=clock.now())
    return Approval.objects.latest("pk")


def reject() -> None:
    waiting, by = wait_for_approval(7), hidden_rows.officer_of("a", "second")
    approvals.decide_approvals(revisions=[waiting.pk], approve=False, by=by, now=clock.now(), reason="rejectcanary")


def respond() -> None:
    alert = Alert.objects.filter(target__indicator__code="sales").earliest("pk")
    now = clock.now()
    user_responses.acknowledge_alert(alert=alert, by=factories.BY, now=now, note="floods", promised_day=None)
    until = now + timedelta(days=1)
    user_responses.silence_alert(alert=alert, by=factories.BY, now=now, until=until, reason="Audit")


def restrict_more() -> None:
    factories.indicator("more", restricted=True, name="Zirkon 2", department="a")
    factories.target("more")
    factories.figure("more", "2024-01", 1, published="2024-02-10")


def sales() -> Target:
    return Target.objects.get(indicator__code="sales")


CHANGES: dict[str, Callable[[], Any]] = {
    "a restricted figure is posted": lambda: factories.figure("secret", "2024-02", 900, published="2024-03-10"),
    "a restricted figure is revised": lambda: factories.figure("secret", "2024-01", 900, published="2024-03-10"),
    "a restricted target is added": restrict_more,
    "a figure waits": lambda: wait_for_approval(9),
    "a figure is rejected": reject,
    "a comment about a target": lambda: factories.comment(target=sales()),
    "an action, late by now": lambda: factories.action(sales(), "2024-09-30", text="Build roads", department="b"),
    "an alert is answered and silenced": respond,
    "a contact": lambda: factories.contact(department="a"),
    "an address of a department": lambda: Department.objects.filter(code="a").update(email="x@example.org"),
    "people": lambda: hidden_rows.people_of("a"),
    "notes": lambda: (Plan.objects.update(note="x"), Indicator.objects.update(note="x"), Target.objects.update(note="x")),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_that_is_hidden_changes_a_byte(world: None, change: str) -> None:
    before = bytes_of_pages()
    with transaction.atomic():
        entries = AuditEntry.objects.count()
        CHANGES[change]()
        settle()
        assert AuditEntry.objects.count() >= entries
        after = bytes_of_pages()
    assert [path for path in PLACES if before[path] != after[path]] == []


def judge(name: str) -> None:
    by, order = factories.BY._replace(name=name), Target.objects.get(indicator__code="order")
    judgements.record_judgement(target=order, by=by, now=clock.now(), status="met", reason=f"heard of {name}")


def revise(name: str) -> None:
    factories.figure("sales", "2024", 901, note=f"telephone of {name}")


@pytest.mark.parametrize(("write", "path", "shown"), [(judge, ORDER, "judged on"), (revise, SALES, "901")])
def test_who_wrote_and_what_by_hand_changes_no_byte(
    world: None, write: Callable[[str], None], path: str, shown: str
) -> None:
    pages = []
    for name in ("lan", "minh"):
        with transaction.atomic():
            write(name)
            settle()
            pages.append(bytes_of_pages())
            assert shown in text_of(Client().get(f"{path}?lang=en"))
            transaction.set_rollback(True)
    assert pages[0] == pages[1]


def test_the_control_a_visible_figure_changes_the_pages(world: None) -> None:
    before = bytes_of_pages()
    factories.figure("sales", "2024-07", 90, published="2024-08-10")
    after = bytes_of_pages()
    assert before[BOARD] != after[BOARD]
    assert before[SALES] != after[SALES]
    assert before[f"{SALES}?as_of=2024-07-15"] == after[f"{SALES}?as_of=2024-07-15"]


def test_rows_counts_and_score_are_those_of_a_department_that_sees_no_restricted_indicator(world: None) -> None:
    page = text_of(Client().get(f"{BOARD}?lang=en"))
    scorecard = api_of("b").get("plans/plan/scorecard/").ok()
    assert scorecard["totals"]["targets"] == 3
    assert "3 targets" in page
    names = re.findall(r'class="name"><a href="([^"]*)"', Client().get(BOARD).content.decode())
    assert names == [f"/public/plan/targets/{row['target']}/" for row in scorecard["targets"]]
    assert "Zirkon" not in page
    for code in ("secret", "derived", "none"):
        assert Client().get(f"/public/plan/targets/plan:{code}:city/").status_code == 404


@pytest.mark.parametrize("path", PLACES)
def test_they_need_no_login_set_no_cookie_and_lead_to_public_pages_only(world: None, path: str) -> None:
    page = Client().get(path)
    assert page.cookies == {}
    assert page.headers["Cache-Control"] == "public, max-age=300"
    assert {name.strip() for name in page.headers["Vary"].split(",")} <= {"Accept-Language", "Accept-Encoding"}
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    links = re.findall(r'(?:href|action|src)="([^"]*)"', page.content.decode())
    assert [link for link in links if not re.match(r"/public/|/static/|\?|#|/$", link)] == []
    assert "/" not in links


def test_a_cookie_changes_nothing_and_the_address_chooses_the_language(world: None) -> None:
    client = Client()
    client.cookies["django_language"] = "en"
    vietnamese = client.get(BOARD, headers={"Accept-Language": "vi"})
    assert vietnamese.content == Client().get(BOARD, headers={"Accept-Language": "vi-VN,vi;q=0.9"}).content
    assert vietnamese.headers["Content-Language"] == "vi"
    assert 'lang="en"' in client.get(f"{BOARD}?lang=en", headers={"Accept-Language": "vi"}).content.decode()
    logged_in = Client()
    logged_in.force_login(hidden_rows.people_of(None)["administrator"])
    assert logged_in.get(BOARD, headers={"Accept-Language": "vi"}).content == vietnamese.content


@pytest.mark.parametrize("path", [BOARD, SALES, "/public/none/"])
def test_a_plan_that_is_not_public_does_not_exist(world: None, path: str) -> None:
    Plan.objects.update(public=False)
    answers = {Client().get(place).status_code for place in (path, "/public/")}
    assert answers == {404}


REFUSED = [
    pytest.param(f"{BOARD}?as_of=2999-01-01", id="a day in the future"),
    pytest.param(f"{SALES}?as_of=2999-01-01", id="a day in the future of a target"),
    pytest.param(f"{BOARD}?as_of=x", id="no day"),
    pytest.param(f"{BOARD}?department=a", id="a department"),
    pytest.param(f"{BOARD}?compare=2024-01-01", id="another choice of the board"),
    pytest.param(f"{BOARD}?section=none", id="an unknown section"),
    pytest.param("/public/?as_of=2024-01-01", id="a parameter of the list"),
]


@pytest.mark.parametrize("path", REFUSED)
def test_what_is_no_choice_is_refused_and_not_kept(world: None, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 400
    assert "Cache-Control" not in answer.headers


def test_they_are_only_read(world: None) -> None:
    assert {Client().post(path).status_code for path in ("/public/", BOARD, SALES)} == {405}


def test_drafts_and_what_is_announced_later_are_not_there(world: None) -> None:
    factories.indicator("drafted", department="a", name="Drafted")
    factories.area("far", name="Far away")
    before = bytes_of_pages()
    draft = factories.target("drafted", area="far", state="draft", section="Secret plans")
    factories.target("drafted", announced=clock.today() + timedelta(days=9), section="Later plans")
    assert bytes_of_pages() == before
    for area in ("far", "city"):
        assert Client().get(f"/public/plan/targets/plan:drafted:{area}/").status_code == 404
    targets.amend_target(
        target=draft, by=factories.BY, now=clock.now(), announced=clock.today(), state="adopted", act="Resolution 1"
    )
    address = "/public/plan/targets/plan:drafted:far/"
    assert address in Client().get(BOARD).content.decode()
    assert "dự thảo" not in text_of(Client().get(BOARD))
    earlier = [text_of(Client().get(f"{path}?as_of=2024-07-15&lang=en")) for path in (BOARD, address)]
    assert "Drafted" not in earlier[0]
    assert "It was not announced by that day." in earlier[1]


def test_a_heading_stands_as_its_adopted_and_visible_parts_do(world: None) -> None:
    head = factories.indicator("head", department="a")
    factories.target(head.code, qualitative=True, goal="", lower=None)
    for code in ("sales", "secret"):
        part = Target.objects.get(indicator__code=code)
        targets.update_target(target=part, by=factories.BY, now=clock.now(), heading="plan:head:city")
    board = Client().get(f"{BOARD}?lang=en").content.decode()
    target = text_of(Client().get("/public/plan/targets/plan:head:city/?lang=en"))
    assert "judged by the targets that are its parts" in target
    row = re.search(r'plan:head:city/[^"]*">.*?<b class=(\w+)>([^<]*)<', board, re.DOTALL)
    assert row is not None
    assert target.partition("judged by")[0].rstrip(" :").endswith(row[2])


def test_links_and_forms_keep_the_chosen_language_and_day(world: None) -> None:
    page = Client().get(f"{BOARD}?lang=en&as_of=2024-07-15").content.decode()
    assert f'href="{SALES}?lang=en&amp;as_of=2024-07-15"' in page
    assert 'href="/public/?lang=en"' in page
    assert '<input type="hidden" name="lang" value="en">' in page
    target = Client().get(f"{SALES}?lang=en&as_of=2024-07-15").content.decode()
    assert f'href="{BOARD}?lang=en&amp;as_of=2024-07-15"' in target
    assert 'name="lang"' not in Client().get(BOARD).content.decode()


def test_the_page_of_a_plan_leads_to_its_public_page(world: None) -> None:
    client = Client()
    client.force_login(hidden_rows.people_of("a")["viewer"])
    assert f'<a href="{BOARD}">' in client.get("/plans/plan/").content.decode()
    Plan.objects.update(public=False)
    assert BOARD not in client.get("/plans/plan/").content.decode()


def test_before_its_announcement_a_target_says_so_only(world: None) -> None:
    page = text_of(Client().get(f"{SALES}?as_of=2023-01-01&lang=en"))
    assert "It was not announced by that day." in page
    assert "1,200" not in page


def test_too_many_requests_of_one_address_wait(world: None, settings: Any) -> None:
    settings.PUBLIC_RATE = 3
    answers = [Client().get(BOARD, REMOTE_ADDR="198.51.100.7") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 61
    assert Client().get(BOARD, REMOTE_ADDR="198.51.100.8").status_code == 200


def test_more_targets_cost_no_more_queries(world: None) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert Client().get(BOARD).status_code == 200
        return len(queries)

    before = count()
    for number in range(5):
        factories.indicator(f"more-{number}", department="a")
        factories.target(f"more-{number}")
    assert count() == before <= 18


@pytest.fixture
def tag() -> str:
    factories.world()
    return str(api_of().get("plans/plan/").headers["ETag"])


def test_only_administrators_make_a_plan_public(tag: str) -> None:
    planner = api_of(scopes=["read", "plans:write"])
    answer = planner.patch("plans/plan/", {"public": True}, If_Match=tag)
    answer.problem(403, "insufficient-scope")
    planner.post("plans/", {"code": "next", "name": "Next", "period": "2025", "public": True}).problem(
        403, "insufficient-scope"
    )
    assert planner.patch("plans/plan/", {"public": False, "note": "x"}, If_Match=tag).ok()["public"] is False
    tag = api_of().get("plans/plan/").headers["ETag"]
    published = api_of().patch("plans/plan/", {"public": True}, If_Match=tag)
    assert published.ok()["public"] is True
    entry = AuditEntry.objects.latest("pk")
    assert (entry.kind, entry.before, entry.after) == ("targets.plan", {"public": False}, {"public": True})
    body = {"code": "plan", "name": "Plan", "period": "2024"}
    kept = planner.put("plans/plan/", body, If_Match=published.headers["ETag"])
    assert kept.ok()["public"] is True
    planner.patch("plans/plan/", {"public": False}, If_Match=kept.headers["ETag"]).problem(403, "insufficient-scope")


def test_a_copy_of_a_public_plan_is_not_public(tag: str) -> None:
    Plan.objects.update(public=True)
    api_of().post("plans/plan/copy/", {"code": "next"}).ok(201)
    assert not Plan.objects.get(code="next").public


def test_an_indicator_that_becomes_restricted_leaves_the_public_pages(world: None) -> None:
    indicators.update_indicator(
        indicator=Indicator.objects.get(code="sales"), by=factories.BY, now=clock.now(), restricted=True
    )
    assert "plan:sales:city" not in Client().get(BOARD).content.decode()
    assert Client().get(SALES).status_code == 404
