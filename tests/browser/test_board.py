"""A deputy mayor at the board: where the plan stands, what will be missed, who must act, and on paper."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.admin_support import PASSWORD
from tests.browser.paper import check_sheets, print_page, squeeze, text_of
from tests.browser.windows import PHONE, Hand, Language, Windows, follow, log_in

DECEMBER = "/?plan=hcmc-2024&as_of=2024-12-31"


def names(page: Page) -> list[str]:
    return page.locator(".board .name a").all_inner_texts()


def counts(page: Page) -> dict[str, int]:
    """The tiles: how many targets, of which status."""
    texts = [text.split(maxsplit=1) for text in page.locator(".tiles a").all_inner_texts()]
    return {label: int(number) for number, label in texts}


def test_the_first_page_after_the_login_says_where_the_plan_stands(windows: Windows) -> None:
    page = windows.open("vi")
    page.goto("/")
    log_in(page, "mayor", PASSWORD)

    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.locator(".headline").first).not_to_be_empty()
    assert counts(page)["chỉ tiêu"] == 13 == len(names(page))


def test_a_tile_leaves_the_targets_of_its_status_and_the_address_keeps_it(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    missed = page.locator(".tiles a").filter(has_text="missed")
    number = int(missed.locator("strong").inner_text())

    follow(page, missed)

    assert len(names(page)) == number > 0
    assert "status=missed" in page.url
    follow(page, page.locator(".tiles a").first)
    assert len(names(page)) == 13


def test_filters_of_the_form_are_chosen_together(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    page.locator("details.choices summary").click()
    page.get_by_label("Section").select_option(index=1)
    page.get_by_label("Order").select_option("name")
    follow(page, page.locator("details.choices button"))

    assert 0 < len(names(page)) < 13
    assert names(page) == sorted(names(page), key=str.casefold)


def test_an_earlier_day_shows_what_was_known_then(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    final = counts(page)
    page.locator("details.choices summary").click()
    page.locator("#id_as_of").fill("2024-10-09")
    follow(page, page.locator("details.choices button"))

    assert "as_of=2024-10-09" in page.url
    assert final["missed"] > 0
    assert "missed" not in counts(page)


def test_the_slider_goes_through_the_days_of_publication_without_leaving_the_page(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    slider = page.get_by_role("slider")
    shown = slider.get_attribute("aria-valuetext") or ""

    slider.press("Home")

    expect(page.get_by_role("slider")).not_to_have_attribute("aria-valuetext", shown)
    expect(page).not_to_have_url(re.compile("as_of=2024-12-31"))
    expect(page.locator(".tiles")).to_be_visible()


def test_two_days_compared_say_what_moved_and_by_which_figure(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    follow(page, page.get_by_role("link", name="What moved"))
    expect(page.locator("#moved + div table")).to_be_visible()

    page.goto(f"{DECEMBER}&compare=2024-10-09")
    growth = page.locator("#moved + div tbody tr").filter(has_text="gross regional")
    expect(growth).to_contain_text("7.17")
    expect(growth).to_contain_text("off track")


@pytest.mark.parametrize("extension", ["CSV", "XLSX"])
def test_what_is_shown_is_downloaded_as_a_file(windows: Windows, extension: str) -> None:
    page = windows.open_for("mayor", f"{DECEMBER}&status=missed")
    with page.expect_download() as download:
        page.locator(".files").get_by_role("link", name=extension).click()

    assert download.value.suggested_filename.endswith(extension.lower())
    if extension == "CSV":
        rows = download.value.path().read_text("utf-8-sig").splitlines()
        assert [name for name in names(page) if not any(name in row for row in rows)] == []


@pytest.mark.parametrize("language, heading", [("vi", "Kế hoạch"), ("en", "Plan")])
def test_the_reader_chooses_the_language(windows: Windows, language: Language, heading: str) -> None:
    page = windows.open_for("mayor", DECEMBER, language="en" if language == "vi" else "vi")
    follow(page, page.locator(f".languages button[value={language}]"))

    expect(page.locator("html")).to_have_attribute("lang", language)
    assert "as_of=2024-12-31" in page.url
    assert page.locator("details.choices label", has_text=heading).count()


def test_who_must_act_is_one_click_away_and_the_figure_and_its_source_two(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER)
    hand = Hand(page)
    # 0 clicks: the board itself says where the plan stands.
    expect(page.locator(".tiles")).to_be_visible()

    hand.follow(page.locator(".board .name a").first)

    expect(page.get_by_text("Answers for it")).to_be_visible()
    assert hand.clicks == 1
    figures = page.locator("table", has=page.get_by_role("columnheader", name="Source"))
    expect(figures).to_be_visible()
    expect(figures.get_by_role("link").first).to_have_attribute("href", re.compile("^https?://"))
    assert hand.clicks <= 2


def test_on_a_telephone_nothing_scrolls_sideways_and_28_targets_take_five_screens(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER, size=PHONE)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    rows = page.locator(".board tbody tr:visible").all()
    heights = [box["height"] for row in rows if (box := row.bounding_box())]

    assert len(names(page)) == 13
    first = page.locator(".board tbody tr").first.bounding_box()
    assert first is not None
    assert first["y"] + first["height"] <= PHONE[1], "the worst target stands on the first screen"
    assert sum(heights) / 13 * 28 <= 5 * PHONE[1]


def test_the_printed_board_has_every_target_and_cuts_nothing(windows: Windows) -> None:
    page = windows.open_for("mayor", DECEMBER, language="vi", size=(1032, 700))
    listed = names(page)
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0

    sheets = print_page(page)

    text = text_of(sheets)
    assert len(listed) == 13
    assert [name for name in listed if squeeze(name) not in text] == []
    assert len(sheets) <= 4
    check_sheets(sheets)
    assert "31/12/2024" in text
    assert "mayor" in text
