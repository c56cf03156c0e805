"""Windows of the browser, each of one reader, and everything that must not happen in them."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response, WebError

from tests.admin_support import PASSWORD

Language = Literal["vi", "en"]
LOCALES: dict[Language, str] = {"vi": "vi-VN", "en": "en-GB"}
WIDE, PHONE = (1440, 900), (390, 844)
# Milliseconds; what happens at all happens earlier, also on a machine with other work.
TIMEOUT = 60_000
# Reported to the console, so that it is collected like every other fault.
_TELL_VIOLATIONS = """document.addEventListener('securitypolicyviolation', event =>
    console.error(`CSP ${event.violatedDirective} ${event.blockedURI}`))"""


@dataclass
class Windows:
    """Opens windows of readers who are logged in; collects errors of the console, violations and foreign requests."""

    browser: Browser
    address: str
    passwords: dict[str, str]
    faults: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    cookies: dict[str, Any] = field(default_factory=dict)

    def open(self, language: Language = "en", size: tuple[int, int] = WIDE, **options: Any) -> Page:
        """A window of a reader who has not logged in yet. `options`: those of Playwright's `new_context`."""
        context = self.browser.new_context(
            base_url=self.address,
            locale=LOCALES[language],
            viewport={"width": size[0], "height": size[1]},
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(TIMEOUT)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._hear)
        context.on("weberror", self._catch)
        context.on("request", self._watch)
        context.on("response", self._check)
        self.contexts.append(context)
        return context.new_page()

    def open_for(self, user: str, path: str = "", **options: Any) -> Page:
        """A window of this reader at an address, if one is given; the first one logs in by the form."""
        page = self.open(storage_state=self.cookies.get(user), **options)
        if user not in self.cookies:
            page.goto("/")
            log_in(page, user, self.passwords.get(user, PASSWORD))
            state: Any = page.context.storage_state()
            # The language of this window is not that of the next.
            state["cookies"] = [cookie for cookie in state["cookies"] if cookie["name"] == "sessionid"]
            self.cookies[user] = state
        if path:
            page.goto(path)
        return page

    def close(self) -> list[str]:
        """Close all windows; return what went wrong in them."""
        for context in self.contexts:
            context.close()
        faults = list(self.faults)
        self.contexts.clear()
        self.faults.clear()
        return faults

    @cached_property
    def host(self) -> str:
        return urlsplit(self.address).netloc

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _catch(self, error: WebError) -> None:
        self.faults.append(f"script: {error.error}")

    def _watch(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != self.host:
            self.faults.append(f"another host: {request.url}")

    def _check(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")


def log_in(page: Page, user: str, password: str) -> None:
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(password)
    follow(page, page.locator("[type=submit]").first)


def follow(page: Page, link: Locator) -> None:
    """Click on what leads to another page, and wait for it."""
    with page.expect_navigation():
        link.click()


@dataclass
class Hand:
    """Clicks and types for a reader, and counts both."""

    page: Page
    clicks: int = 0
    fields: int = 0

    def follow(self, link: Locator) -> None:
        self.clicks += 1
        follow(self.page, link)

    def type(self, entry: Locator, value: str) -> None:
        self.fields += 1
        entry.fill(value)
