"""The board while it is open: news come by themselves, once, and whatever breaks is said."""

import asyncio

import pytest
from playwright.async_api import Page, expect

from alpine_service.adapters.system_clock import SystemClock
from alpine_service.testing.pages.reading import Look, Reader, Readers
from alpine_service.testing.pages.world import World

LIVE = Look(is_calm=True)


async def open_board(readers: Readers, world: World, name: str = "pro", path: str = "") -> Reader:
    reader = await readers.open(LIVE, world.guest(name))
    page = await reader.go(f"/signals{path}")
    words = "Live" if name != "free" else "Refreshed every few seconds"
    await expect(page.locator("[data-live-words]")).to_have_text(words)
    return reader


def rows_of(page: Page, symbol: str, strategy: str = "alpha") -> str:
    return f'[data-board] tr[data-symbol="{symbol}"][data-strategy="{strategy}"]'


@pytest.mark.timed
async def test_a_signal_is_on_the_page_within_a_second_of_being_published(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world)
    row = reader.page.locator(rows_of(reader.page, "KO"))
    assert await row.count() == 0
    took, clock = [], SystemClock()
    for number, bp in enumerate((-8_100, 7_200, -6_600)):
        began = clock.monotonic()
        seen = asyncio.create_task(
            expect(row.locator("[data-cell=confidence]")).to_have_text(
                f"{abs(bp) / 100:.1f}\u202f%", timeout=5_000
            )
        )
        await own_world.publish(f"live-{number}", "KO", bp)
        await seen
        took.append(clock.monotonic() - began)
    # From the publisher's call until it is read off the page, cosigning and verifying included.
    assert min(took) < 1.0, took
    assert await row.count() == 1


async def test_a_newer_signal_takes_the_place_of_the_one_before(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world)
    page = reader.page
    before = await page.locator("[data-board] tbody tr").count()
    row = page.locator(rows_of(page, "TSLA"))
    await own_world.publish("live-1", "TSLA", 9_100)
    await expect(row.locator("[data-cell=confidence]")).to_have_text("91.0\u202f%")
    await expect(row.locator("[data-cell=direction]")).to_have_text("BUY")
    assert await page.locator("[data-board] tbody tr").count() == before
    # The newest comes first.
    first = page.locator("[data-board] tbody tr").first
    assert await first.get_attribute("data-symbol") == "TSLA"


async def test_what_comes_live_looks_as_it_does_after_a_reload(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world)
    page = reader.page
    await own_world.publish("live-1", "ADBE", -7_700)
    row = page.locator(rows_of(page, "ADBE"))
    await expect(row).to_have_count(1)
    strip = "row => { row.removeAttribute('data-new'); return row.outerHTML.replace(/\\s+/g, ' ') }"
    read = f"rows => rows.map({strip}).map(text => text.replace(/<time.*?<\\/time>/, ''))"
    live = await page.locator(rows_of(page, "ADBE")).evaluate_all(read)
    await reader.go("/signals")
    reloaded = await page.locator(rows_of(page, "ADBE")).evaluate_all(read)
    assert live == reloaded


async def test_a_filter_holds_for_what_comes_live(own_world: World, own_readers: Readers) -> None:
    reader = await open_board(own_readers, own_world)
    page = reader.page
    await page.get_by_label("Signal", exact=True).select_option("SELL")
    shown = page.locator("[data-board] tbody tr:visible")
    assert set(await shown.evaluate_all("rows => rows.map(r => r.dataset.direction)")) == {"SELL"}
    await own_world.publish("live-1", "PEP", 8_800)
    await own_world.publish("live-2", "INTC", -8_800)
    await expect(page.locator(rows_of(page, "INTC"))).to_be_visible()
    await expect(page.locator(rows_of(page, "PEP"))).to_be_hidden()
    assert "direction=SELL" in page.url
    # A reload by the same address shows the same.
    await reader.go(page.url.removeprefix(reader.url))
    await expect(page.locator(rows_of(page, "INTC"))).to_be_visible()
    assert await page.locator(rows_of(page, "PEP")).count() == 0


async def test_a_filter_outlives_a_change_of_density(world: World, readers: Readers) -> None:
    reader = await open_board(readers, world)
    page = reader.page
    await page.get_by_label("Signal", exact=True).select_option("SELL")
    await page.get_by_role("button", name="Compact").click()
    await expect(page.locator("html")).to_have_attribute("data-density", "compact")
    assert page.url == f"{reader.url}/signals?direction=SELL"


async def test_after_a_pause_without_a_net_nothing_is_missing_and_nothing_twice(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world)
    page = reader.page
    reader.watch.expect("ERR_INTERNET_DISCONNECTED")
    await reader.context.set_offline(True)
    await expect(page.locator("[data-live-words]")).to_have_text("No connection. Trying again")
    for number, symbol in enumerate(("KO", "PEP", "KO")):
        await own_world.publish(f"away-{number}", symbol, 6_000 + number * 100)
    await reader.context.set_offline(False)
    await expect(page.locator(rows_of(page, "PEP"))).to_have_count(1, timeout=15_000)
    await expect(page.locator(rows_of(page, "KO")).locator("[data-cell=confidence]")).to_have_text(
        "62.0\u202f%"
    )
    keys = await page.locator("[data-board] tbody tr").evaluate_all(
        "rows => rows.map(row => row.dataset.key)"
    )
    assert len(keys) == len(set(keys))


async def test_a_plan_without_a_stream_is_kept_up_to_date_by_asking(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world, "free")
    page = reader.page
    assert await page.get_by_text("Your plan is free").is_visible()
    await own_world.publish("live-1", "KO", 7_000)
    await expect(page.locator(rows_of(page, "KO"))).to_have_count(1, timeout=20_000)


async def test_a_session_that_ended_is_said_with_the_way_back(
    own_world: World, own_readers: Readers
) -> None:
    reader = await open_board(own_readers, own_world)
    page = reader.page
    reader.watch.expect("status of 401")
    await reader.context.clear_cookies()
    # What was open goes on until it is looked at; news are asked for with the session.
    await own_world.publish("live-1", "KO", 7_000)
    await expect(page.locator("[data-live-words]")).to_contain_text("Your session ended")
    link = page.get_by_role("link", name="Sign in again")
    assert await link.get_attribute("href") == "/login?next=%2Fsignals"


async def test_more_open_boards_than_the_plan_has_streams_say_so_and_go_on(
    own_world: World, own_readers: Readers
) -> None:
    for _ in range(2):
        await open_board(own_readers, own_world, "basic")
    reader = await own_readers.open(LIVE, own_world.guest("basic"))
    reader.watch.expect("status of 429")
    page = await reader.go("/signals")
    await expect(page.locator("[data-live-words]")).to_contain_text("Too many live pages are open")
    await own_world.publish("live-1", "KO", 7_000)
    await expect(page.locator(rows_of(page, "KO"))).to_have_count(1, timeout=20_000)
