"""The fixed list of pages: whose, where. axe checks each of them."""

from typing import NamedTuple

from playwright.sync_api import Page

from tests.browser.make_rows import DRAFTS


class Place(NamedTuple):
    """A page of one reader. `row`: on the list at `path` it is the page of the first row."""

    name: str
    path: str
    user: str = "admin"
    row: bool = False


GROWTH = "/targets/hcmc-2024:grdp-growth:hcmc/"

PEOPLE = (
    Place("board", "/?plan=hcmc-2024&as_of=2024-12-31", "mayor"),
    Place("board-groups", "/?group=department", "mayor"),
    Place("target", f"{GROWTH}?as_of=2024-10-09", "planner"),
    Place("work", "/my-work/", "officer"),
    Place("work-all", "/my-work/", "planner"),
    Place("departments", "/departments/", "mayor"),
    Place("department", "/departments/so-lao-dong/", "mayor"),
    Place("plans", "/plans/", "planner"),
    Place("plan", f"/plans/{DRAFTS}/", "planner"),
    Place("plan-amend-choice", "/plans/hcmc-2024/amend/", "planner"),
    Place("plan-amend", "/plans/hcmc-2024/amend/?target=hcmc-2024:grdp-growth:hcmc", "planner"),
    Place("plan-year", "/plans/hcmc-2024/year/", "planner"),
    Place("plan-copy", "/plans/hcmc-2024/copy/", "planner"),
    Place("plan-closed", "/plans/hcmc-2024/", "planner"),
    Place("plan-closing", "/plans/hcmc-2024/closings/1/", "planner"),
    Place("plan-report", "/plans/hcmc-2024/report/", "mayor"),
    Place("indicator", "/indicators/foreign-visitors/", "mayor"),
    Place("indicator-earlier", "/indicators/grdp-growth/?as_of=2024-12-31", "planner"),
)

BACK_OFFICE = (
    Place("index", "/admin/"),
    Place("targets", "/admin/targets/target/"),
    Place("target-change", "/admin/targets/target/", row=True),
    Place("target-add", "/admin/targets/target/add/"),
    Place("figures", "/admin/indicators/measurement/"),
    Place("figure-add", "/admin/indicators/measurement/add/"),
    Place("import", "/admin/indicators/import/upload/"),
    Place("owed", "/admin/targets/assessment/owed/"),
    Place("assessments", "/admin/targets/assessment/"),
    Place("alerts", "/admin/targets/alert/"),
    Place("alert", "/admin/targets/alert/", row=True),
    Place("plan", "/admin/targets/plan/", row=True),
    Place("indicator-add", "/admin/indicators/indicator/add/"),
    Place("rule", "/admin/targets/alertrule/", row=True),
    Place("audit", "/admin/lib/auditentry/"),
)


def visit(page: Page, place: Place) -> None:
    """Go to a place that the reader of this window may see."""
    page.goto(place.path)
    if place.row:
        link = page.locator("#result_list tbody tr").first.locator("th a, td a").first
        page.goto(link.get_attribute("href") or "")
