"""The report for a meeting: found from the plan, and printed."""

import re

from playwright.sync_api import expect

from tests.browser.paper import check_sheets, print_page, squeeze, text_of
from tests.browser.windows import Windows, follow


def test_the_report_of_a_plan_is_printed_with_all_its_parts(windows: Windows) -> None:
    page = windows.open_for("mayor", "/plans/hcmc-2024/", language="vi", size=(1032, 700))
    follow(page, page.locator(".links a[href$='/report/']"))
    expect(page).to_have_url(re.compile(r"/plans/hcmc-2024/report/$"))
    headings = page.locator("section h2").all_inner_texts()
    targets = page.locator("section .board .name a").all_inner_texts()

    sheets = print_page(page)

    check_sheets(sheets)
    text = text_of(sheets)
    assert len(headings) == 4
    assert len(targets) == 13
    assert [part for part in (*headings, *targets) if squeeze(part) not in text] == []
    assert "mayor" in text
