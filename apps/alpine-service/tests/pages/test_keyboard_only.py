"""Ways through the pages with the keyboard alone, as somebody without a mouse goes them."""

from playwright.async_api import Page, expect

from alpine_service.testing.pages.reading import Readers
from alpine_service.testing.pages.world import World
from alpine_service.testing.whole.people import PASSWORD

_FOCUSED = """() => {
  const at = document.activeElement;
  const said = at.getAttribute('aria-label') || at.labels?.[0]?.textContent || at.textContent;
  return said.trim();
}"""
_IS_SEEN = """() => {
  const look = getComputedStyle(document.activeElement);
  return look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0;
}"""


async def tab_to(page: Page, words: str, most: int = 40) -> None:
    """Press Tab until that has the focus; every stop on the way is seen to have it."""
    stops = []
    for _ in range(most):
        await page.keyboard.press("Tab")
        stops.append(await page.evaluate(_FOCUSED))
        assert await page.evaluate(_IS_SEEN), stops[-1]
        if stops[-1].startswith(words):
            return
    raise AssertionError(f"{words} is not among {stops}")


async def test_the_first_stop_leads_to_the_content(world: World, readers: Readers) -> None:
    page = await (await readers.open()).go("/")
    await tab_to(page, "Skip to the content", most=1)
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "main"
    await tab_to(page, "Start free", most=1)


async def test_somebody_signs_in_and_reaches_a_signal(
    own_world: World, own_readers: Readers
) -> None:
    page = await (await own_readers.open()).go("/login?next=%2Fsignals")
    await tab_to(page, "E-mail")
    await page.keyboard.type(own_world.people["free"].email)
    await tab_to(page, "Password")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/signals")
    await tab_to(page, "Symbol")
    await page.keyboard.type("amz")
    await expect(page.locator("[data-board] tbody tr:visible")).to_have_count(2)
    await tab_to(page, "AMZN")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/signals/*")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("AMZN")


async def test_the_colours_change_by_keyboard_and_stay(world: World, readers: Readers) -> None:
    page = await (await readers.open()).go("/performance")
    await tab_to(page, "Colours: auto")
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.get_by_label("Colours: dark")).to_be_focused()
    await page.wait_for_load_state("networkidle")
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
