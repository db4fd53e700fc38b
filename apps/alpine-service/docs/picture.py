"""Takes the pictures of these pages from a running Alpine, which `nox -s picture` starts.

`python -m docs.picture URL EMAIL PASSWORD` looks at the board once it has filled, and at a signal
once it was verified in the browser. The picture that other sites show beside a link has no signal
in it.
"""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, Page, Route, expect

from alpine_service.pages.static_files import FOLDER
from alpine_service.testing.pages.chromium import chromium, find_chromium

IMAGES = Path(__file__).with_name("images")
_SIZE = {"width": 1280, "height": 900}
_PREVIEW = {"width": 1200, "height": 630}
_ROWS = 3
_PATIENCE_MS = 300_000
_FILLS_MS = 180_000

_PREVIEW_PAGE = """<!doctype html><html lang="en" data-theme="light"><head>
<link rel="stylesheet" href="{stylesheet}"></head>
<body class="preview"><p class="brand">{brand}Alpine</p>
<h1>Trading signals with a record nobody can quietly change</h1>
<p class="lead">Committed, cosigned, verified, counted to the end.</p></body></html>"""


async def _board(page: Page) -> None:
    rows = page.locator("[data-board] tbody tr")
    await expect(rows.nth(_ROWS - 1)).to_be_visible(timeout=_PATIENCE_MS)
    await expect(page.locator("[data-live-words]")).to_have_text("Live")
    # Some prices have to come before there are lines of them; what is new has a colour at first.
    await page.wait_for_timeout(_FILLS_MS)
    await page.reload()
    await expect(page.locator("[data-live-words]")).to_have_text("Live")
    await page.screenshot(path=IMAGES / "board.png")


async def _signal(page: Page, url: str) -> None:
    """The newest that says to do something, once this browser has verified it."""
    for direction in ("BUY", "SELL"):
        await page.goto(f"{url}/signals/record?direction={direction}")
        found = page.locator("main table a")
        if await found.count():
            break
    await found.first.click()
    await page.get_by_role("button", name="Verify in this browser").click()
    verified = page.locator("section[data-verify][data-verdict=verified]")
    await expect(verified).to_be_visible(timeout=_PATIENCE_MS)
    await page.evaluate("scrollTo(0, 0)")
    await page.screenshot(path=IMAGES / "signal.png")


async def _preview(browser: Browser, url: str) -> None:
    page = await browser.new_page(viewport=_PREVIEW)
    # The stylesheet's address is in every page of the service.
    await page.goto(url)
    stylesheet = await page.locator("link[rel=stylesheet]").first.get_attribute("href")
    brand = await page.locator(".brand svg").evaluate("svg => svg.outerHTML")
    text = _PREVIEW_PAGE.format(stylesheet=f"{url}{stylesheet}", brand=brand)

    async def answer(route: Route) -> None:
        await route.fulfill(body=text, content_type="text/html")

    await page.route("**/preview", answer)
    await page.goto(f"{url}/preview")
    await page.evaluate("document.fonts.ready.then(() => null)")
    await page.screenshot(path=FOLDER / "preview.png")


async def take(url: str, email: str, password: str) -> None:
    """All of them."""
    program = find_chromium()
    if program is None:
        raise SystemExit("there is no Chromium to take pictures with")
    IMAGES.mkdir(exist_ok=True)
    async with chromium(program) as browser:
        page = await browser.new_page(viewport=_SIZE, color_scheme="light")
        await page.goto(f"{url}/login?next=%2Fsignals")
        await page.get_by_label("E-mail").fill(email)
        await page.get_by_label("Password", exact=True).fill(password)
        await page.get_by_role("button", name="Sign in").click()
        await _board(page)
        await _signal(page, url)
        await _preview(browser, url)


if __name__ == "__main__":
    asyncio.run(take(*sys.argv[1:]))
