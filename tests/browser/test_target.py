"""The page of a target: what if, and what is done there by those who may."""

from playwright.sync_api import Page, expect

from tests.browser.windows import Windows, follow


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


def test_an_alert_is_acknowledged_where_the_target_is_read(windows: Windows) -> None:
    page = open_worst(windows, "planner")
    alert = page.locator("#alerts + ul > li").first
    alert.locator("summary").click()
    alert.locator("textarea").first.fill("Two projects wait for land.")
    alert.get_by_role("button").click()

    expect(page.locator("#alerts + ul > li").first).to_contain_text("planner")
    expect(page.locator("#responses [role=status]")).to_be_visible()
