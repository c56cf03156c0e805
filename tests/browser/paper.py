"""What a page gives on paper."""

import io

from playwright.sync_api import Page
from pypdf import PageObject, PdfReader


def print_page(page: Page) -> list[PageObject]:
    """The sheets, printed as the style sheet of the page wants them."""
    return list(PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages)


def squeeze(text: str) -> str:
    """Without spaces: lines break anywhere on paper."""
    return "".join(text.split())


def check_sheets(sheets: list[PageObject]) -> None:
    for number, sheet in enumerate(sheets, 1):
        assert (round(float(sheet.mediabox.width)), round(float(sheet.mediabox.height))) == (842, 595), "A4, landscape"
        assert f"{number}/{len(sheets)}" in squeeze(sheet.extract_text())


def text_of(sheets: list[PageObject]) -> str:
    return squeeze("".join(sheet.extract_text() for sheet in sheets))
