"""Colours are asked over their API, and whatever they answer becomes a word or a reason."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import Factory, define
from yarl import URL

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_service.deploying.colour import Colour, Health, Publishing
from argo_service.deploying.over_http import OverHttp, over_http
from argo_service.errors import StepFailed

BLUE = Colour.BLUE
STANDING = {"colour": "blue", "role": "standby", "fence": None, "newest_fence": 7}


@define
class Argo:
    """Answers as it is told, and keeps what it was asked."""

    status: int = 200
    body: Any = Factory(lambda: dict(STANDING))
    asked: list[tuple[str, str, Any, str | None]] = Factory(list)
    base: URL = URL()

    async def answer(self, request: web.Request) -> web.Response:
        sent = await request.json() if request.can_read_body else None
        key = request.headers.get("Authorization")
        self.asked.append((request.method, request.path_qs, sent, key))
        return web.json_response(self.body, status=self.status)


@pytest.fixture
async def argo() -> AsyncIterator[Argo]:
    argo = Argo()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", argo.answer)
    async with TestServer(app) as server:
        argo.base = server.make_url("/")
        yield argo


@pytest.fixture
async def colours(argo: Argo) -> AsyncIterator[OverHttp]:
    async with over_http(dict.fromkeys(Colour, argo.base), Secret("argo_key")) as colours:
        yield colours


async def test_it_is_asked_where_it_stands_with_the_operators_key(
    argo: Argo, colours: OverHttp
) -> None:
    assert await colours.publishing(BLUE) == Publishing("standby", None, 7)
    assert argo.asked == [("GET", "/api/v1/publisher", None, "Bearer argo_key")]


async def test_it_is_told_to_release_and_to_take_over_and_why(
    argo: Argo, colours: OverHttp
) -> None:
    argo.body = STANDING | {"role": "publishing", "fence": 8}
    await colours.release(BLUE, "another version")
    assert await colours.take_over(BLUE, "it is new") == Publishing("publishing", 8, 7)
    assert [one[:3] for one in argo.asked] == [
        ("POST", "/api/v1/publisher/release", {"reason": "another version"}),
        ("POST", "/api/v1/publisher/take-over", {"reason": "it is new"}),
    ]


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (404, {"detail": "no such thing"}, r"blue runs alone; give both colours a \[standby\]"),
        (401, {"detail": "no key"}, "scopes read and admin in ARGO_API_KEY"),
        (403, {"detail": "no scope"}, "scopes read and admin in ARGO_API_KEY"),
        (503, {"detail": "held by\ngreen"}, r"blue answers 503: held by\?green"),
        (200, {"role": 3}, "blue answers 200"),
        (200, [], "answers as no Argo does"),
    ],
)
async def test_what_it_will_not_do_is_a_reason(
    argo: Argo, colours: OverHttp, status: int, body: Any, says: str
) -> None:
    argo.status, argo.body = status, body
    with pytest.raises(StepFailed, match=says):
        await colours.publishing(BLUE)


async def test_nothing_it_says_reaches_a_terminal_as_an_order(
    argo: Argo, colours: OverHttp
) -> None:
    argo.body = STANDING | {"role": "\x1b[2Jpublishing\n" + "x" * 1000}
    role = (await colours.publishing(BLUE)).role
    assert (role[:16], len(role)) == ("?[2Jpublishing?x", 300)
    argo.body = {"checks": [{"name": "\x1b]0;quorum", "ok": False, "detail": "\x07"}]}
    assert (await colours.health(BLUE, "deep")).failing == (("?]0;quorum", "?"),)


async def test_health_says_which_checks_fail(argo: Argo, colours: OverHttp) -> None:
    checks = [{"name": "store", "ok": True, "detail": ""}]
    argo.body = {"version": "1.2", "checks": checks}
    assert await colours.health(BLUE, "deep") == Health(is_well=True, version="1.2")
    assert argo.asked[-1][1] == "/api/v1/health?level=deep"
    argo.status = 503
    argo.body = {"checks": [*checks, {"name": "quorum", "ok": False, "detail": "2 of 4"}]}
    health = await colours.health(BLUE, "deep")
    assert (health.is_well, health.but(())) == (False, "quorum: 2 of 4")
    assert health.but({"quorum"}) is None


async def test_a_silence_is_a_reason(argo: Argo) -> None:
    nowhere = URL("http://127.0.0.1:9")
    async with over_http(dict.fromkeys(Colour, nowhere), None) as colours:
        with pytest.raises(StepFailed, match=r"blue at http://127\.0\.0\.1:9"):
            await colours.health(BLUE, "ready")


@pytest.mark.parametrize("body", [{"checks": "none"}, {}])
async def test_what_is_no_health_is_a_reason(argo: Argo, colours: OverHttp, body: Any) -> None:
    argo.body = body
    with pytest.raises(StepFailed, match="not with its health"):
        await colours.health(BLUE, "ready")


def test_a_refusal_without_a_reason_is_one() -> None:
    assert Health(is_well=False).but(()) == "it is not well, and says not why"


async def test_a_key_does_not_travel_in_the_clear() -> None:
    addresses = {Colour.BLUE: URL("http://127.0.0.1:1"), Colour.GREEN: URL("http://other.test")}
    with pytest.raises(InvalidInput, match="unencrypted"):
        async with over_http(addresses, Secret("argo_key")):
            pass
