"""Files of the pages: found by what is in them, kept for ever, and nothing in pages but names."""

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.pages.dashboard import build_site
from alpine_service.pages.rendering import FOLDER as TEMPLATES
from alpine_service.pages.rendering import renderer
from alpine_service.pages.static_files import FOLDER, STYLES, read_static
from alpine_service.testing.fake_platform import Fakes

TEXTS = {
    path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in TEMPLATES.rglob("*.*")
}
SCRIPTS = {
    path.relative_to(FOLDER).as_posix(): path.read_text()
    for path in FOLDER.rglob("*.js")
    if "vendor" not in path.parts
}
Client = TestClient[web.Request, web.Application]


# Read before there is an event loop, which must not wait for files.
STATIC = read_static()
SITE_JS = (FOLDER / "js" / "site.js").read_bytes()
MADE_WITH = renderer(STATIC)


@pytest.fixture
async def client(aiohttp_client: AiohttpClient) -> Client:
    return await aiohttp_client(build_site(Fakes().platform(), MADE_WITH))


@pytest.mark.parametrize("name", TEXTS)
def test_no_template_has_a_script_or_a_style_in_it(name: str) -> None:
    text = TEXTS[name]
    assert not re.search(r"<style|\sstyle\s*=|javascript:|\sdata:|=\"data:", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or 'type="application/json"' in script, script
    # What is marked as safe is not escaped.
    assert not re.search(r"\|\s*safe\b", text)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_or_code_of_text(name: str) -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, SCRIPTS[name])


def test_every_file_that_a_template_names_is_there() -> None:
    named = set()
    for text in TEXTS.values():
        named |= set(re.findall(r"static\(\s*\"([^\"]+)\"\s*\)", text))
    brought = {name for name in named if name.startswith("vendor/")}
    assert named
    assert {name for name in named - brought if not STATIC.has(name)} == set()


def test_every_stylesheet_is_in_the_one_that_is_sent() -> None:
    found = {path.stem for path in (FOLDER / "css").glob("*.css")}
    assert found == set(STYLES) & found
    assert len(STYLES) == len(set(STYLES))


async def test_a_file_has_an_address_that_is_good_for_ever(client: Client) -> None:
    async with client.get(STATIC.url("site.css")) as answer:
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
        assert answer.headers["Content-Encoding"] == "gzip"


async def test_without_gzip_the_same_bytes_come(client: Client) -> None:
    plain = await client.get(STATIC.url("js/site.js"), headers={"Accept-Encoding": "identity"})
    packed = await client.get(STATIC.url("js/site.js"))
    assert "Content-Encoding" not in plain.headers
    assert await plain.read() == await packed.read() == SITE_JS


@pytest.mark.parametrize(
    "path",
    [
        "/static/0000000000000000/site.css",
        "/static/{digest}/nothing.css",
        "/static/{digest}/../pages/page.py",
        "/static/{digest}/%2e%2e/page.py",
        "/static/{digest}/css/tokens.css",
    ],
)
async def test_what_is_no_file_of_this_version_is_not_there(client: Client, path: str) -> None:
    async with client.get(path.format(digest=STATIC.digest)) as answer:
        assert answer.status == 404


def test_another_byte_in_any_file_is_another_address(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.js").write_text("2")
    first = read_static(tmp_path).digest
    assert first == read_static(tmp_path).digest
    (tmp_path / "b.js").write_text("3")
    assert first != read_static(tmp_path).digest
    # Moving bytes from one file to the next is a change as well.
    (tmp_path / "a.js").write_text("13")
    (tmp_path / "b.js").write_text("")
    assert read_static(tmp_path).digest != first
