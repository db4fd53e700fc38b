"""The rig itself: what goes wrong in a browser is noticed, and what is right is left alone."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image
from playwright.async_api import Browser

from alpine_service.testing.pages.accessibility import violations
from alpine_service.testing.pages.looks import Looks, difference
from alpine_service.testing.pages.reading import (
    DESKTOP,
    NO_SCRIPTS,
    PHONE,
    Guest,
    Hour,
    Look,
    Readers,
    Theme,
    readers_of,
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
PLAIN = """<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>%s</main>"""
LOOK = Look()
AT = datetime(2026, 8, 14, 15, 30, tzinfo=UTC)
Files = Mapping[str, tuple[str, str]]
HTML, SCRIPT, STYLE = "text/html", "text/javascript", "text/css"


def page(body: str) -> tuple[str, str]:
    return PLAIN % body, HTML


@asynccontextmanager
async def site(files: Files) -> AsyncIterator[str]:
    """A small site on loopback under our policy; what it has not is answered with 404."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/broken":
            return web.Response(status=500, text="broken")
        if request.path == "/cookie":
            return web.Response(text=request.headers.get("Cookie", ""))
        if request.path not in files:
            return web.Response(status=404)
        text, kind = files[request.path]
        return web.Response(
            text=text, content_type=kind, headers={"Content-Security-Policy": POLICY}
        )

    app = web.Application()
    app.router.add_get("/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def reading(
    browser: Browser, files: Files, hour: Hour | None = None
) -> AsyncIterator[Readers]:
    icon = ("", "image/svg+xml")
    async with site({"/favicon.ico": icon, **files}) as url, readers_of(browser, url, hour) as some:
        yield some


async def read(browser: Browser, files: Files, look: Look = LOOK, *expected: str) -> None:
    """Look at the first page until nothing more is asked for."""
    async with reading(browser, files) as readers:
        reader = await readers.open(look)
        reader.watch.expect(*expected)
        await reader.go("/")
        await reader.page.wait_for_load_state("networkidle")


async def test_a_page_without_fault_is_left_alone(browser: Browser) -> None:
    async with reading(browser, {"/": page("<p>All is well.</p>")}) as readers:
        for look in (Look(), NO_SCRIPTS):
            reader = await readers.open(look)
            await reader.go("/")
            assert await reader.page.inner_text("h1") == "A page"


FAULTS = {
    "a style in the page": (page("<style>p {}</style>"), "style-src"),
    "a style of an element": (page('<p style="color: red">Red</p>'), "style-src"),
    "something from elsewhere": (page('<img alt="" src="http://127.0.0.1:9/x.png">'), "img-src"),
    "a file that is not there": (page('<img alt="" src="/gone.png">'), "status of 404"),
}
SCRIPTED_FAULTS = {
    "a script in the page": (page("<script>1</script>"), "script-src"),
    "a handler in the page": (page('<p onclick="go()">Go</p>'), "script-src"),
}


@pytest.mark.parametrize("name", [*FAULTS, *SCRIPTED_FAULTS])
async def test_a_fault_of_a_page_is_noticed(browser: Browser, name: str) -> None:
    shown, part = (FAULTS | SCRIPTED_FAULTS)[name]
    with pytest.raises(AssertionError, match=part):
        await read(browser, {"/": shown})


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_of_a_page_is_noticed_without_scripts(browser: Browser, name: str) -> None:
    shown, part = FAULTS[name]
    with pytest.raises(AssertionError, match=part):
        await read(browser, {"/": shown}, NO_SCRIPTS)


SCRIPTS = {
    "an error on the console": ("console.error('it is broken')", "console: it is broken"),
    "an error that nobody caught": ("throw new Error('nobody caught it')", "nobody caught it"),
    "a promise that failed": ("Promise.reject(new Error('no promise'))", "no promise"),
    "markup made of text": ("document.body.innerHTML = '<b>x</b>'", "require-trusted-types-for"),
    "an answer that says we failed": ("fetch('/broken')", "answer: 500 for GET"),
    "an address that nobody has": ("fetch('http://127.0.0.1:9/')", "connect-src"),
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_fault_of_a_script_is_noticed(browser: Browser, name: str) -> None:
    script, part = SCRIPTS[name]
    files = {"/": page('<script src="/it.js" type="module"></script>'), "/it.js": (script, SCRIPT)}
    with pytest.raises(AssertionError, match=part):
        await read(browser, files)


async def test_what_is_expected_passes_and_has_to_come(browser: Browser) -> None:
    await read(browser, {"/": page("<script>1</script>")}, LOOK, "script-src")
    with pytest.raises(AssertionError, match="did not come: script-src"):
        await read(browser, {"/": page("")}, LOOK, "script-src")


async def test_what_is_hard_to_read_or_has_no_name_is_told(browser: Browser) -> None:
    style = ("p { color: #999; background: #aaa }", STYLE)
    shown = {
        "/": page('<link rel="stylesheet" href="/it.css"><p>Pale</p><input><h4>Deep</h4>'),
        "/good": page("<p>Good.</p>"),
        "/it.css": style,
    }
    async with reading(browser, shown) as readers:
        reader = await readers.open()
        found = await violations(await reader.go("/"))
        rules = {each.partition(" ")[0] for each in found}
        assert {"color-contrast", "label", "heading-order"} <= rules
        assert await violations(await reader.go("/good")) == []


async def test_each_look_is_what_the_page_sees(browser: Browser) -> None:
    async with reading(browser, {"/": page("")}) as readers:
        for look in (Look(Theme.DARK, PHONE), Look(Theme.LIGHT, DESKTOP, is_calm=False)):
            window = await (await readers.open(look)).go("/")
            asked = "query => matchMedia(query).matches"
            is_dark = look.theme is Theme.DARK
            assert await window.evaluate(asked, "(prefers-color-scheme: dark)") is is_dark
            calm = "(prefers-reduced-motion: reduce)"
            assert await window.evaluate(asked, calm) is look.is_calm
            assert await window.evaluate("innerWidth") >= look.size.width
            zone = "Intl.DateTimeFormat().resolvedOptions()"
            assert await window.evaluate(f"[{zone}.timeZone, {zone}.locale]") == ["UTC", "en-GB"]


async def test_a_script_off_does_nothing(browser: Browser) -> None:
    script = ("document.querySelector('h1').textContent = 'Changed'", SCRIPT)
    shown = {"/": page('<script src="/it.js" defer></script>'), "/it.js": script}
    async with reading(browser, shown) as readers:
        for look, text in ((Look(), "Changed"), (NO_SCRIPTS, "A page")):
            window = await (await readers.open(look)).go("/")
            assert await window.inner_text("h1") == text


async def test_the_hour_stands_or_goes_on_from_where_it_is_set(browser: Browser) -> None:
    read = "() => [Date.now(), new Date().getTime(), new Date(0).getTime()]"
    at_ms = AT.timestamp() * 1000
    async with reading(browser, {"/": page("")}, Hour(AT)) as readers:
        window = await (await readers.open()).go("/")
        assert await window.evaluate(read) == [at_ms, at_ms, 0]
    async with reading(browser, {"/": page("")}, Hour(AT, stands=False)) as readers:
        window = await (await readers.open()).go("/")
        before = await window.evaluate("Date.now()")
        await window.evaluate("new Promise(done => setTimeout(done, 20))")
        assert at_ms <= before < await window.evaluate("Date.now()") < at_ms + 60_000


async def test_a_guest_brings_the_cookie_of_a_session(browser: Browser) -> None:
    async with reading(browser, {}) as readers:
        window = await (await readers.open(guest=Guest("alpine", "secret"))).go("/cookie")
        assert await window.inner_text("body") == "alpine=secret"


async def test_a_picture_is_kept_and_compared_and_troubles_no_policy(
    browser: Browser, tmp_path: Path
) -> None:
    style = ("html { background: white } h1 { height: 300px; background: %s }", STYLE)
    shown = {
        "/": page('<link rel="stylesheet" href="/black.css"><input autofocus aria-label="x">'),
        "/pale": page('<link rel="stylesheet" href="/pale.css">'),
        "/long": page(
            '<link rel="stylesheet" href="/black.css"><link rel="stylesheet" href="/long.css">'
        ),
        "/black.css": (style[0] % "black", STYLE),
        "/pale.css": (style[0] % "white", STYLE),
        "/long.css": ("main { height: 1200px }", STYLE),
    }
    looks = Looks(tmp_path / "seen", tmp_path / "known")
    async with reading(browser, shown) as readers:
        reader = await readers.open()
        window = await reader.go("/")
        with pytest.raises(AssertionError, match="never seen"):
            await looks.check(window, "front")
        await Looks(looks.folder, looks.known, is_writing=True).check(window, "front")
        await looks.check(window, "front")
        with Image.open(tmp_path / "seen" / "front.png") as whole:
            assert whole.width == 1280
        with Image.open(tmp_path / "known" / "front.png") as small:
            assert (small.width, small.mode) == (64, "L")
        with pytest.raises(AssertionError, match="255 apart"):
            await looks.check(await reader.go("/pale"), "front")
        with pytest.raises(AssertionError, match="high for 64 wide"):
            await looks.check(await reader.go("/long"), "front")


def test_thumbnails_of_the_same_picture_do_not_differ() -> None:
    one = Image.linear_gradient("L").resize((640, 400))
    other = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_180).resize((640, 400))
    assert difference(one.resize((64, 40)), one.resize((64, 40))) is None
    assert difference(one.resize((64, 40)), other.resize((64, 40))) is not None
