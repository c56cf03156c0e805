"""The page of a target: what if, and what is done there by those who may."""

from datetime import date, timedelta

from playwright.sync_api import Page, expect

from tests.browser.windows import Windows, follow

SOON = (date.today() + timedelta(days=20)).isoformat()  # noqa: DTZ011 (the service is on this machine)


def open_worst(windows: Windows, user: str) -> Page:
    """The target that stands first on the board of the living plan."""
    page = windows.open_for(user, "/")
    follow(page, page.locator(".board .name a").first)
    return page


def test_what_if_answers_while_one_types_and_stores_nothing(windows: Windows) -> None:
    page = open_worst(windows, "planner")
    verdict = page.locator(".verdict").first.inner_text()
    answer = page.locator("#what-if-answer")
    before = answer.inner_text()

    with page.expect_response(lambda response: "/what-if/" in response.url):
        page.locator(".what-if input[type=text], .what-if input:not([type])").first.fill("99")

    expect(answer).not_to_have_text(before)
    page.reload()
    assert page.locator(".verdict").first.inner_text() == verdict


def test_a_comment_is_added_where_the_target_is_read(windows: Windows) -> None:
    page = open_worst(windows, "planner")
    section = page.locator("#responses")
    section.locator("details", has_text="comment").locator("summary").click()
    section.locator("form[action$='/comments/'] textarea").fill("The contractor has begun.")
    section.locator("form[action$='/comments/'] button").click()

    expect(page.locator("#comments + ul")).to_contain_text("The contractor has begun.")


def test_an_action_is_written_and_closed(windows: Windows) -> None:
    page = open_worst(windows, "planner")
    new = page.locator("form[action$='/actions/']")
    page.locator("#responses details").filter(has=new).locator("summary").click()
    new.locator("textarea, input[type=text]").first.fill("Meet the contractors of the slowest projects")
    new.locator("input[type=date]").first.fill(SOON)
    if (department := new.locator("select[name$=department]")).count():
        department.select_option(index=1)
    new.locator("button").click()
    written = page.locator("#actions + ul > li").filter(has_text="Meet the contractors")
    expect(written).to_be_visible()

    written.locator("summary").click()
    written.locator("select[name$=state]").select_option("done")
    written.locator("textarea").first.fill("They met.")
    written.get_by_role("button").click()

    expect(page.locator("#actions + ul > li.ended").filter(has_text="Meet the contractors")).to_contain_text(
        "They met."
    )


def test_an_alert_is_acknowledged_where_the_target_is_read(windows: Windows) -> None:
    page = open_worst(windows, "planner")
    alert = page.locator("#alerts + ul > li").first
    alert.locator("summary").click()
    alert.locator("textarea").first.fill("Two projects wait for land.")
    alert.get_by_role("button").click()

    expect(page.locator("#alerts + ul > li").first).to_contain_text("planner")
    expect(page.locator("#responses [role=status]")).to_be_visible()
