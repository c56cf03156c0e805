"""An officer in My work: one figure, all that are owed, and a file."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.windows import Hand, Language, Windows, follow


def entries(page: Page) -> Locator:
    return page.locator("input[name^='value|']")


def next_value(entry: Locator) -> str:
    """Somewhat more than the last figure of the series, which stands in the line: nothing to doubt."""
    last = entry.locator("xpath=ancestor::tr").locator("td").nth(1).inner_text()
    digits = re.sub(r"\D", "", last.split("(")[0].split()[0])
    return str(int(Decimal(digits) * Decimal("1.03")))


def test_an_officer_stores_one_owed_figure_with_one_field_and_one_click(windows: Windows) -> None:
    page = windows.open_for("officer")
    hand = Hand(page)
    # Officers begin at their own work.
    page.goto("/my-work/")
    name = entries(page).first.get_attribute("name") or ""

    hand.type(entries(page).first, next_value(entries(page).first))
    hand.follow(page.get_by_role("button", name="Store the figures"))

    expect(page.get_by_role("status").filter(has_text="Recorded:")).to_be_visible()
    expect(page.locator(f"input[name='{name}']")).to_have_count(0)
    assert (hand.clicks, hand.fields) == (1, 1)


def test_the_first_200_owed_figures_are_on_one_page_and_the_months_lead_to_all(windows: Windows) -> None:
    page = windows.open_for("planner", "/my-work/")
    owed = int(page.locator(".tiles a strong").first.inner_text())
    lines = page.locator("table.owed:not(.approvals) tbody tr:not(.group)")
    every, *months = (int(number) for number in re.findall(r"\((\d+)\)", page.locator(".months").inner_text()))

    assert owed > 0
    assert lines.count() == min(owed, 200)
    assert every == owed == sum(months)
    follow(page, page.locator(".months a").last)
    assert lines.count() == months[-1]


@pytest.mark.parametrize("language, words", [("vi", "Chưa ghi"), ("en", "Not stored")])
def test_what_is_no_number_is_refused_beside_its_field(windows: Windows, language: Language, words: str) -> None:
    page = windows.open_for("officer", "/my-work/", language=language)
    entries(page).last.fill("nhiều")
    entries(page).last.press("Enter")

    refused = page.locator("input[aria-invalid=true]")
    expect(refused).to_have_value("nhiều")
    expect(refused.locator("xpath=following-sibling::small").first).to_contain_text(words)


def test_the_workbook_of_what_is_owed_is_downloaded(windows: Windows) -> None:
    page = windows.open_for("officer", "/my-work/")

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the workbook of what is owed").click()

    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_file_shows_its_values_before_they_are_stored(windows: Windows) -> None:
    page = windows.open_for("officer", "/my-work/")
    indicator, area, period = (entries(page).last.get_attribute("name") or "").split("|")[1:]
    value = next_value(entries(page).last)
    rows = f"indicator,area,period,value\n{indicator},{area},{period},{value}\n"

    page.locator("details.upload summary").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "figures.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    page.get_by_role("button", name="See the values first").click()

    preview = page.get_by_role("region", name="The values as they were read")
    expect(preview).to_contain_text(f"{int(value):,}")
    expect(page.get_by_role("status")).to_contain_text("Nothing is stored yet")
    page.get_by_role("button", name="Store these figures").click()
    expect(page.get_by_role("status")).to_contain_text("1 figures stored")
