"""From a target to its indicator: values over the years, of the same day, and their numbers."""

import re

from playwright.sync_api import expect

from tests.browser.pages import GROWTH
from tests.browser.windows import Windows, follow


def test_the_page_of_a_target_leads_to_its_indicator_as_of_the_same_day(windows: Windows) -> None:
    page = windows.open_for("mayor", f"{GROWTH}?as_of=2024-10-09")
    follow(page, page.get_by_role("link", name="Page of the indicator"))

    expect(page.get_by_role("heading", level=1)).to_contain_text("gross regional domestic product")
    assert page.url.endswith("/indicators/grdp-growth/?as_of=2024-10-09")
    expect(page.locator(".plot svg").first).to_be_visible()
    numbers = page.locator("details", has=page.locator("table")).first
    numbers.locator("summary").click()
    expect(numbers.locator("tbody th").filter(has_text="2024").first).to_be_visible()
    follow(page, page.locator("#targets + ul a").filter(has_text="2024").first)
    expect(page).to_have_url(re.compile(r"/targets/.*\?as_of=2024-10-09$"))


def test_the_values_are_downloaded(windows: Windows) -> None:
    page = windows.open_for("mayor", "/indicators/foreign-visitors/")

    with page.expect_download() as download:
        page.locator(".files a").filter(has_text="Excel").first.click()

    assert download.value.suggested_filename.endswith(".xlsx")
