"""The machine's own Chromium, driven by Playwright; nothing is downloaded.

Playwright's synchronous interface brings an event loop of its own, which cannot live beside
pytest-asyncio's. So all is asynchronous, and everything that outlives a test, the browser as well
as the service that it looks at, lives in the one loop of the session.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    # Containers have no rights to make sandboxes, and only our own pages are shown.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Letters have the same edges everywhere.
    "--font-render-hinting=none",
    "--disable-lcd-text",
)


def find_chromium() -> str | None:
    """Where the program is; None where there is none."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@asynccontextmanager
async def chromium(program: str, *flags: str) -> AsyncIterator[Browser]:
    """One browser process, without a window, for the block."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=program, args=[*_FLAGS, *flags])
        try:
            yield browser
        finally:
            await browser.close()
