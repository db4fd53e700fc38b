"""Somebody who reads our pages: a window of some size, in a theme, with scripts or without."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum

from attrs import Factory, define, field, frozen
from playwright.async_api import Browser, BrowserContext, Page

from alpine_service.testing.pages.watching import Watch

# The service may live at another time than the machine. Only reading the date is moved: timers and
# all that is measured go on as they do.
_DATES = """
(() => {
  const Real = Date, stands = %(stands)s, from = Real.now(), at = %(at)d;
  const now = () => stands ? at : at + Real.now() - from;
  globalThis.Date = class Date extends Real {
    constructor(...given) { given.length ? super(...given) : super(now()); }
    static now() { return now(); }
  };
})();
"""


# A picture of a long page takes a second on a machine that does nothing else.
PATIENCE_MS = 90_000


class Theme(StrEnum):
    """What the reader's system asks for."""

    LIGHT = "light"
    DARK = "dark"


@frozen
class Size:
    """Of the window, in CSS pixels."""

    name: str
    width: int
    height: int


DESKTOP = Size("desktop", 1280, 900)
PHONE = Size("phone", 390, 844)


@frozen
class Look:
    """How somebody sees the pages; `is_calm` is the wish for less motion."""

    theme: Theme = Theme.LIGHT
    size: Size = DESKTOP
    has_scripts: bool = True
    is_calm: bool = True

    def __str__(self) -> str:
        return f"{self.theme}-{self.size.name}"


LOOKS = tuple(Look(theme, size) for size in (DESKTOP, PHONE) for theme in Theme)
"""Every page in both themes and two widths."""

NO_SCRIPTS = Look(has_scripts=False)


@frozen
class Hour:
    """What time it is for pages; it stands still or goes on from there."""

    at: datetime
    stands: bool = True


@frozen
class Guest:
    """A session that was opened elsewhere: the name and the secret of its cookie."""

    cookie: str
    secret: str = field(repr=False)


@define(eq=False)
class Reader:
    """One person's browser with one page open. `watch` fails the test for whatever goes wrong."""

    url: str
    look: Look
    context: BrowserContext
    page: Page
    watch: Watch

    async def go(self, path: str) -> Page:
        """Open a page of the service, and return when it is loaded and has its typefaces."""
        await self.page.goto(f"{self.url}{path}", wait_until="load")
        await self.page.evaluate("document.fonts.ready.then(() => null)")
        return self.page

    async def settle(self) -> None:
        """Return once all that the browser had to tell until now was heard."""
        for page in self.context.pages:
            await page.evaluate("null")


@define(eq=False)
class Readers:
    """Opens windows, and closes them all at the end."""

    browser: Browser
    url: str
    hour: Hour | None = None
    opened: list[Reader] = Factory(list)

    async def open(self, look: Look = Look(), guest: Guest | None = None) -> Reader:
        """A window of somebody who was never here, or of a guest with a session."""
        context = await self.browser.new_context(
            viewport={"width": look.size.width, "height": look.size.height},
            color_scheme=look.theme.value,
            reduced_motion="reduce" if look.is_calm else "no-preference",
            java_script_enabled=look.has_scripts,
            has_touch=look.size is PHONE,
            is_mobile=look.size is PHONE,
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch()
        await watch.over(context)
        if self.hour is not None:
            at = int(self.hour.at.timestamp() * 1000)
            stands = "true" if self.hour.stands else "false"
            await context.add_init_script(_DATES % {"at": at, "stands": stands})
        if guest is not None:
            await context.add_cookies(
                [{"name": guest.cookie, "value": guest.secret, "url": self.url}]
            )
        reader = Reader(self.url, look, context, await context.new_page(), watch)
        self.opened.append(reader)
        return reader

    async def close(self) -> None:
        """Close all windows.

        Raises:
            AssertionError: something went wrong in one.
        """
        for reader in self.opened:
            await reader.settle()
        for reader in self.opened:
            await reader.context.close()
        for reader in self.opened:
            reader.watch.check()


@asynccontextmanager
async def readers_of(
    browser: Browser, url: str, hour: Hour | None = None
) -> AsyncIterator[Readers]:
    """Readers of a site for the block, at the end of which nothing may have gone wrong."""
    readers = Readers(browser, url, hour)
    try:
        yield readers
    except BaseException:
        # The test failed already, and its reason is the better one.
        for reader in readers.opened:
            await reader.context.close()
        raise
    await readers.close()
