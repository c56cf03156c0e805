"""WCAG 2.2, levels A and AA, on every page of the list, light and dark. What the framework leaves is listed, with its reason."""

from typing import Any, Literal, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

from tests.browser.pages import BACK_OFFICE, PEOPLE, Place, visit
from tests.browser.windows import Windows

# In the dark only colours differ.
RULES: dict[Literal["light", "dark"], list[str]] = {
    "light": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "dark": ["color-contrast"],
}


class Excuse(NamedTuple):
    """A violation that stays. One that does not occur any more fails, so that the list never holds what was mended."""

    page: str
    rule: str
    selector: str
    reason: str


EXCUSES: tuple[Excuse, ...] = ()


def violations(page: Page, rules: list[str]) -> list[tuple[str, str, str]]:
    """(rule, selector, what is wrong) of each element. That nothing is said of the others halves the time of axe."""
    answer: dict[str, Any] = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response
    return [
        (rule["id"], str(node["target"][0]), str(node["failureSummary"]))
        for rule in answer["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("place", [*PEOPLE, *BACK_OFFICE], ids=lambda place: place.name)
def test_nothing_keeps_a_reader_out(windows: Windows, place: Place) -> None:
    excuses = {(excuse.rule, excuse.selector): 0 for excuse in EXCUSES if excuse.page == place.name}
    remaining = []
    page = windows.open_for(place.user, language="vi")
    for scheme, rules in RULES.items():
        page.emulate_media(color_scheme=scheme)
        # The back office chooses its colours while it loads.
        if scheme == "light" or place in BACK_OFFICE:
            visit(page, place)
        # What is folded is read too.
        page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
        for rule, selector, wrong in violations(page, rules):
            if (rule, selector) in excuses:
                excuses[rule, selector] += 1
            else:
                remaining.append(f"{scheme}: {rule} {selector}\n{wrong}")

    assert remaining == []
    assert [excuse for excuse, times in excuses.items() if times == 0] == []
