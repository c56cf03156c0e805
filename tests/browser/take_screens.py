"""`make screens`: the pictures in docs/screens, a fixed list. Run by name; a person views its files before they are committed."""

from typing import Literal, NamedTuple

import pytest

from kpitracker.env import ROOT
from tests.browser.make_rows import DRAFTS
from tests.browser.pages import GROWTH, Place, visit
from tests.browser.windows import PHONE, Language, Windows

FOLDER = ROOT / "docs" / "screens"
LARGEST = 150_000
# The width that the page has; the picture is three quarters of it.
DESK, SCALE = (1280, 820), 0.75


class Screen(NamedTuple):
    """One picture: of which page, in which language, how large, light or dark."""

    place: Place
    language: Language = "vi"
    size: tuple[int, int] = DESK
    scheme: Literal["light", "dark"] = "light"


SCREENS = (
    Screen(Place("board", "/", "mayor"), "en"),
    Screen(Place("board-vi", "/", "mayor")),
    Screen(Place("board-dark", "/?plan=hcmc-2024&as_of=2024-10-09", "mayor"), scheme="dark"),
    Screen(Place("board-phone", "/", "mayor"), size=PHONE),
    Screen(Place("target", f"{GROWTH}?as_of=2024-10-09", "planner"), "en"),
    Screen(Place("target-phone", f"{GROWTH}?as_of=2024-10-09", "planner"), size=PHONE),
    Screen(Place("indicator", "/indicators/foreign-visitors/", "mayor")),
    Screen(Place("my-work", "/my-work/", "officer")),
    Screen(Place("my-work-phone", "/my-work/", "officer"), size=PHONE),
    Screen(Place("department", "/departments/so-lao-dong/", "mayor")),
    Screen(Place("plan", f"/plans/{DRAFTS}/", "planner")),
    Screen(Place("plan-year", "/plans/hcmc-2024/year/", "planner")),
    Screen(Place("plan-amend", "/plans/hcmc-2024/amend/?target=hcmc-2024:grdp-growth:hcmc", "planner")),
    Screen(Place("admin-start", "/admin/")),
    Screen(Place("admin-targets", "/admin/targets/target/"), "en"),
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.place.name)
def test_take(windows: Windows, screen: Screen) -> None:
    scale = SCALE if screen.size == DESK else 1
    page = windows.open_for(
        screen.place.user,
        language=screen.language,
        size=screen.size,
        color_scheme=screen.scheme,
        device_scale_factor=scale,
    )
    visit(page, screen.place)

    picture = page.screenshot(path=FOLDER / f"{screen.place.name}.png", animations="disabled", caret="hide")

    assert len(picture) <= LARGEST
