"""What people are shown when they may not, when it is not there, or when we fail."""

from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from attrs import evolve, frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.api.app import build_app
from alpine_service.api.route import ADMIN, ANYBODY, SIGNED_IN, Route
from alpine_service.domain.accounts.role import Role
from alpine_service.errors import DatabaseAway, NotThere, PlanTooLow, TooMany
from alpine_service.pages.frame import Frames
from alpine_service.pages.keys import FRAMES, RENDERER
from alpine_service.pages.page import form, local_path, page
from alpine_service.pages.policy import POLICY
from alpine_service.pages.refusals import say_as_page
from alpine_service.pages.rendering import renderer
from alpine_service.pages.static_files import read_static
from alpine_service.testing.fake_platform import DELAYED, PUBLIC_URL, Fakes, somebody

MADE_WITH = renderer(read_static())
PEOPLE = {"Accept": "text/html,application/xhtml+xml"}
Client = TestClient[web.Request, web.Application]
Handler = Callable[[web.Request], Awaitable[web.Response]]


@frozen
class Nothing:
    """A form without fields."""


def raising(error: Exception) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        raise error

    return handler


async def fine(_request: web.Request) -> web.Response:
    return web.Response(text="fine")


ROUTES: tuple[Route, ...] = (
    page("/plan", raising(PlanTooLow("the channel webhooks", "free")), "", ANYBODY),
    page("/none", raising(NotThere("signal")), "", ANYBODY),
    page("/much", raising(TooMany("pages", 90)), "", ANYBODY),
    page("/away", raising(DatabaseAway("the database", "10.1.2.3 <gone>")), "", ANYBODY),
    page("/broken", raising(ValueError("a secret")), "", ANYBODY),
    page("/mine", fine, "", SIGNED_IN),
    page("/staff", fine, "", ADMIN),
    form("/mine", fine, "", SIGNED_IN, Nothing),
    evolve(page("/v1/thing", raising(NotThere("thing")), "", ANYBODY), is_page=False),
)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes()


@pytest.fixture
async def client(aiohttp_client: AiohttpClient, fakes: Fakes) -> Client:
    frames = Frames(fakes.clock, None, PUBLIC_URL)
    app = build_app(fakes.platform(), ROUTES, say_as_page(MADE_WITH, frames))
    app[RENDERER], app[FRAMES] = MADE_WITH, frames
    return await aiohttp_client(app)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/plan", 403, "Your plan does not have this"),
        ("/none", 404, "No such signal"),
        ("/much", 429, "Try again in 1 min"),
        ("/away", 503, "We cannot answer just now"),
        ("/broken", 500, "Something went wrong"),
        ("/nowhere", 404, "This page does not exist"),
    ],
)
async def test_people_are_told_by_a_page(
    client: Client, path: str, status: int, words: str
) -> None:
    async with client.get(path, headers=PEOPLE) as answer:
        text = await answer.text()
        assert answer.status == status
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert "no-store" in answer.headers["Cache-Control"]
    assert words in text
    assert "secret" not in text
    assert "10.1.2.3" not in text


async def test_a_fault_of_ours_says_by_what_we_find_it(client: Client) -> None:
    async with client.get("/broken", headers=PEOPLE) as answer:
        assert answer.headers["X-Request-Id"] in await answer.text()


async def test_programs_are_told_as_the_api_tells_them(client: Client) -> None:
    for path in ("/v1/thing", "/nowhere"):
        async with client.get(path, headers={"Accept": "application/json"}) as answer:
            assert answer.content_type == "application/problem+json"


async def test_the_script_of_a_page_is_told_by_json(client: Client) -> None:
    async with client.get("/mine", headers={"Accept": "application/json"}) as answer:
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"


async def test_a_stranger_is_sent_to_sign_in_and_back(client: Client) -> None:
    async with client.get("/mine?a=b", headers=PEOPLE, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/login?next=%2Fmine%3Fa%3Db"


async def test_what_a_stranger_sent_is_not_sent_again_after_signing_in(client: Client) -> None:
    async with client.post("/mine", data={}, headers=PEOPLE, allow_redirects=False) as answer:
        assert answer.status == 401
        assert "Location" not in answer.headers


async def test_whoever_is_not_verified_is_sent_to_do_so(client: Client, fakes: Fakes) -> None:
    fakes.sessions.known["s"] = somebody(is_verified=False)
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s"}
    async with client.get("/mine", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "/verify"


async def test_staff_without_a_second_factor_are_sent_to_get_one(
    client: Client, fakes: Fakes
) -> None:
    fakes.sessions.known["s"] = somebody(role=Role.ADMIN)
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s"}
    async with client.get("/staff", headers=headers, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/account/security")


async def test_a_subscriber_is_not_told_how_to_become_staff(client: Client, fakes: Fakes) -> None:
    fakes.sessions.known["s"] = somebody()
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s"}
    async with client.get("/staff", headers=headers, allow_redirects=False) as answer:
        assert answer.status == 403


async def test_looking_spends_nothing_of_the_plan(client: Client, fakes: Fakes) -> None:
    fakes.sessions.known["s"] = somebody(entitlement=DELAYED)
    left = fakes.quotas.left
    async with client.get("/mine", headers={"Cookie": "__Host-alpine=s"}) as answer:
        assert answer.status == 200
    assert fakes.quotas.left == left


async def test_looking_has_a_bound_of_its_own(client: Client, fakes: Fakes) -> None:
    fakes.sessions.known["s"] = somebody()
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s"}
    seen = [(await client.get("/mine", headers=headers)).status for _ in range(301)]
    assert seen == [200] * 300 + [429]
    await fakes.clock.advance(1)
    assert (await client.get("/mine", headers=headers)).status == 200


async def test_a_form_of_another_site_changes_nothing(client: Client, fakes: Fakes) -> None:
    fakes.sessions.known["s"] = somebody()
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s", "Sec-Fetch-Site": "cross-site"}
    async with client.post("/mine", data={}, headers=headers) as answer:
        assert answer.status == 403


async def test_links_with_words_of_others_in_them_still_lead_here(
    client: Client, fakes: Fakes
) -> None:
    fakes.sessions.known["s"] = somebody()
    headers = {**PEOPLE, "Cookie": "__Host-alpine=s"}
    async with client.get("/mine?utm_source=mail", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "text",
    [None, "", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/é"],
)
def test_nobody_is_sent_to_another_site(text: str | None) -> None:
    assert local_path(text, "/home") == "/home"
    assert local_path("/signals?a=b", "/home") == "/signals?a=b"
