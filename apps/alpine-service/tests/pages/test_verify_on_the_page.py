"""Verify on the page of a real signal: it holds for what is there, and for nothing else."""

import re
from collections.abc import Callable

import pytest
from playwright.async_api import Page, Route, expect

from alpine_service.testing.pages.reading import Look, Readers
from alpine_service.testing.pages.world import World

Change = Callable[[bytes], bytes]


async def verdict(page: Page) -> str | None:
    await page.get_by_role("button", name="Verify in this browser").click()
    section = page.locator("section[data-verify]")
    await expect(section).to_have_attribute("data-verdict", re.compile(".+"), timeout=20_000)
    return await section.get_attribute("data-verdict")


@pytest.mark.parametrize(
    ("signal", "guest"),
    [("alpha-0074", None), ("gamma-sealed", None), ("gamma-early", "pro"), ("alpha-0001", "free")],
)
async def test_what_is_shown_is_verified(
    world: World, readers: Readers, signal: str, guest: str | None
) -> None:
    reader = await readers.open(guest=world.guest(guest) if guest else None)
    page = await reader.go(f"/signals/{world.index(signal)}")
    assert await verdict(page) == "verified"


def flipped(place: int, behind: bytes = b"") -> Change:
    """One bit of the byte so far behind the first place where that is."""

    def change(data: bytes) -> bytes:
        altered = bytearray(data)
        altered[data.index(behind) + place] ^= 1
        return bytes(altered)

    return change


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("entry", lambda data: data.replace(b'"BUY"', b'"SELL"')),
        ("entry", flipped(40)),
        # The path's last hash, and a letter within the log's signature.
        ("proof", lambda data: data.replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1)),
        ("proof", flipped(100, "—".encode())),
    ],
)
async def test_a_tampered_proof_or_entry_is_refuted_and_says_where(
    world: World, readers: Readers, what: str, change: Change
) -> None:
    reader = await readers.open()
    index = world.index("alpha-0074")

    async def tamper(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, body=change(await answer.body()))

    await reader.page.route(f"**/v1/signals/{index}/{what}", tamper)
    page = await reader.go(f"/signals/{index}")
    assert await verdict(page) == "refuted"
    assert await page.locator(".verify-step[data-state=refuted]").count() == 1


async def test_a_page_that_shows_otherwise_than_its_signal_is_refuted(
    world: World, readers: Readers
) -> None:
    reader = await readers.open()
    page = await reader.go(f"/signals/{world.index('alpha-0074')}")
    await page.locator('[data-member="entry"]').first.evaluate("e => { e.textContent = '1.00' }")
    assert await verdict(page) == "refuted"


async def test_the_keyboard_alone_verifies(world: World, readers: Readers) -> None:
    reader = await readers.open(Look())
    page = await reader.go(f"/signals/{world.index('alpha-0074')}")
    await page.get_by_role("button", name="Verify in this browser").focus()
    await page.keyboard.press("Enter")
    section = page.locator("section[data-verify]")
    await expect(section).to_have_attribute("data-verdict", "verified", timeout=20_000)
