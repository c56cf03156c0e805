"""The owner of a plan: drafts adopted together, and a target amended with its words beside the fields."""

import re
from datetime import date

from playwright.sync_api import Page, expect

from tests.browser.make_rows import DRAFTS
from tests.browser.windows import Windows, follow

TODAY = date.today().isoformat()  # noqa: DTZ011 (the service is on this machine)


def headings(page: Page) -> list[str]:
    return page.locator("h2:visible").all_inner_texts()


def test_all_drafts_of_a_plan_are_adopted_by_one_act(windows: Windows) -> None:
    page = windows.open_for("planner", f"/plans/{DRAFTS}/")
    assert "Draft targets: 13" in headings(page)

    page.locator("[name=adopt-act]").fill("Resolution 1/NQ-HĐND")
    page.locator("[name=adopt-announced]").fill(TODAY)
    follow(page, page.get_by_role("button", name="Adopt all drafts"))

    expect(page.get_by_role("status").first).to_contain_text("13")
    assert not any(heading.startswith("Draft targets") for heading in headings(page))


def test_a_target_is_amended_and_its_words_follow_the_typing(windows: Windows) -> None:
    page = windows.open_for("planner", "/plans/hcmc-2024/")
    follow(page, page.get_by_role("link", name=re.compile("^Amend: .*gross regional", re.IGNORECASE)))
    words = page.locator(".in-words output")
    before = words.inner_text()

    page.locator("[name=act]").fill("Resolution 2/NQ-HĐND")
    page.locator("[name=announced]").fill(TODAY)
    page.get_by_role("textbox", name="Lower edge", exact=True).fill("7.25")
    expect(words).to_contain_text("7.25")
    assert words.inner_text() != before
    page.locator("[name=reason], [name$=-reason]").first.fill("The year was harder than foreseen.")
    page.get_by_role("button", name="Store").click()

    # What is doubted must be sent again.
    again = page.get_by_text("send it again")
    stored = page.get_by_role("status")
    expect(again.or_(stored).first).to_be_visible()
    if again.is_visible():
        follow(page, page.get_by_role("button", name="Store"))
    page.goto("/targets/hcmc-2024:grdp-growth:hcmc/")
    expect(page.get_by_text("Resolution 2/NQ-HĐND").first).to_be_visible()
