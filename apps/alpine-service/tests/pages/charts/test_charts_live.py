"""Charts with scripts: the same picture, and a cursor that says what is there."""

import re

import pytest
from playwright.async_api import Page

from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.scale import Span
from alpine_service.pages.charts.time_ticks import time_ticks
from alpine_service.testing.pages.reading import Readers

PATH = "/strategies/alpha"
BOX = ".chart-live-box"


async def ink(page: Page) -> str:
    """All colours of the first plot, as one text."""
    return str(await page.evaluate("document.querySelector('.chart-live-box canvas').toDataURL()"))


async def said(page: Page) -> str:
    text = await page.locator(BOX).get_attribute("aria-valuetext")
    assert text is not None
    return text


async def test_the_picture_is_replaced_and_comes_back_in_print(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    await page.locator(BOX).wait_for()
    assert await page.locator(".chart-svg").first.is_hidden()
    assert await page.locator(f"{BOX} canvas").count() == 2
    await page.emulate_media(media="print")
    assert await page.locator(".chart-svg").first.is_visible()
    assert await page.locator(BOX).is_hidden()


async def test_without_the_library_the_picture_stays(readers: Readers) -> None:
    reader = await readers.open()
    reader.watch.expect("uplot.min.js")
    await reader.page.route("**/uplot.min.js", lambda route: route.abort())
    page = await reader.go(PATH)
    await page.wait_for_load_state("networkidle")
    assert await page.locator(".chart-svg").first.is_visible()
    assert await page.locator(BOX).count() == 0


async def test_arrow_keys_go_through_the_days(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    await page.locator(BOX).focus()
    last = await said(page)
    await page.keyboard.press("Home")
    first = await said(page)
    assert re.fullmatch(r"1\d Mar 2026, Sum of all returns 0\.00.%, Below the peak 0\.00.%", first)
    await page.keyboard.press("ArrowRight")
    second = await said(page)
    await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("End")
    assert await said(page) == last
    await page.keyboard.press("ArrowLeft")
    assert len({first, second, last, await said(page)}) == 4
    await page.keyboard.press("Escape")
    assert await said(page) == last


async def test_the_mouse_says_what_is_under_it_and_drags_a_part(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    await page.locator(BOX).wait_for()
    over = page.locator(f"{BOX} .u-over").first
    box = await over.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    whole = await ink(page)
    await page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    left = await said(page)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.6, middle, steps=4)
    assert await said(page) != left
    await page.mouse.up()
    assert await ink(page) != whole
    # The keys stay in what is in sight.
    await page.locator(BOX).focus()
    await page.keyboard.press("Home")
    assert "Mar 2026" not in await said(page)
    await page.mouse.dblclick(box["x"] + box["width"] / 2, middle)
    await page.mouse.move(0, 0)
    await page.keyboard.press("Home")
    assert "Mar 2026" in await said(page)


async def test_colours_follow_the_theme(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    await page.locator(BOX).wait_for()
    light = await ink(page)
    await page.emulate_media(color_scheme="dark")
    await page.wait_for_function(
        "light => document.querySelector('.chart-live-box canvas').toDataURL() !== light", arg=light
    )


async def test_a_chart_is_as_wide_as_its_place(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    await page.locator(BOX).wait_for()
    await page.set_viewport_size({"width": 390, "height": 844})
    await page.wait_for_function(
        "document.querySelector('.chart-live-box .uplot').clientWidth < 390"
    )
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390


SPANS = [
    Span(1.7724528e15, 1.7724528e15 + extent)
    for extent in (2e7, 3e9, 4e10, 2e11, 6e11, 3e12, 2e13, 9e13, 4e14, 2e15)
]
VALUES = [0.0, -0.001, 1.5, -1_234.567, 98_765_432.1]


async def test_the_script_writes_as_the_server_does(readers: Readers) -> None:
    page = await (await readers.open()).go(PATH)
    source = await page.locator('script[src$="js/chart.js"]').get_attribute("src")
    assert source is not None
    numbers = [Numbers(unit, digits) for unit in Unit for digits in (0, 1, 2)]
    asked = {
        "folder": source.removesuffix("chart.js"),
        "numbers": [each.given() for each in numbers],
        "values": VALUES,
        "spans": [[each.low / 1e6, each.high / 1e6] for each in SPANS],
    }
    found = await page.evaluate(
        """async ({folder, numbers, values, spans}) => {
            const {numberWords} = await import(folder + "chart_words.js");
            const {timeTicks, tickWords} = await import(folder + "chart_times.js");
            return {
              words: numbers.map((one) => values.map((value) => numberWords(value, one))),
              ticks: spans.map(([low, high]) => {
                const ticks = timeTicks(low, high, 6);
                return [ticks, tickWords(ticks)];
              }),
            };
        }""",
        asked,
    )
    assert found["words"] == [[one.say(value) for value in VALUES] for one in numbers]
    for span, (times, words) in zip(SPANS, found["ticks"], strict=True):
        ticks = time_ticks(span)
        assert times == pytest.approx([at / 1e6 for at, _ in ticks])
        assert words == [each for _, each in ticks]
