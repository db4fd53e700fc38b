"""Single HTTP calls as spans: whereto and how they went, and nothing that an address hides."""

from collections.abc import AsyncIterator
from contextlib import suppress

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from argo_adapters.tracing.finished import Finished
from argo_adapters.tracing.http_client import without_query
from argo_adapters.tracing.opened import OpenTracing, TracePlan

CANARY = "canary-0123456789"


@pytest.fixture
def heard() -> list[str | None]:
    return []


@pytest.fixture
async def server(heard: list[str | None]) -> AsyncIterator[TestServer]:
    async def answer(request: web.Request) -> web.Response:
        heard.append(request.headers.get("traceparent"))
        return web.Response(status=int(request.match_info["status"]))

    app = web.Application()
    app.router.add_get("/{status}", answer)
    server = TestServer(app)
    async with server:
        yield server


async def call(url: URL, told: tuple[str, ...] = ()) -> list[Finished]:
    kept: list[Finished] = []
    tracing = OpenTracing(TracePlan("argo", "1.0", told=told), None, kept.append)
    async with aiohttp.ClientSession(trace_configs=[tracing.http]) as session:
        with tracing.tracer.span("ask"), suppress(aiohttp.ClientError):
            async with session.get(url, headers={"X-Key": CANARY}) as response:
                await response.read()
    tracing.close()
    return kept


@pytest.mark.parametrize(("status", "failed"), [(200, None), (503, "error")])
async def test_a_call_is_a_part_of_its_ask_with_its_status(
    server: TestServer, status: int, failed: str | None
) -> None:
    get, ask = await call(server.make_url(f"/{status}"))
    assert (get.name, get.parent) == ("GET", ask.id)
    assert get.attributes["status"] == status
    assert get.failed == failed


async def test_what_an_address_hides_is_not_kept(server: TestServer) -> None:
    url = server.make_url("/200").with_query(apikey=CANARY).with_user("me").with_password(CANARY)
    get, _ = await call(url)
    assert get.attributes["url.full"] == str(server.make_url("/200"))
    assert CANARY not in repr(get)


async def test_a_call_that_fails_says_by_what_class(unused_tcp_port: int) -> None:
    get, ask = await call(URL(f"http://127.0.0.1:{unused_tcp_port}/200?key={CANARY}"))
    assert get.failed == "ClientConnectorError"
    assert CANARY not in repr((get, ask))


async def test_vendors_do_not_hear_of_our_traces(
    server: TestServer, heard: list[str | None]
) -> None:
    await call(server.make_url("/200"), told=("https://argo.example",))
    assert heard == [None]


async def test_argo_s_own_hear_of_which_trace_a_call_is_a_part(
    server: TestServer, heard: list[str | None]
) -> None:
    get, _ = await call(server.make_url("/200"), told=(str(server.make_url("/")),))
    assert heard == [f"00-{get.trace_id:032x}-{get.id:016x}-01"]


@pytest.mark.parametrize(
    ("whole", "kept"),
    [
        ("https://u:p@a.example:8443/x/y?k=1#f", "https://a.example:8443/x/y"),
        ("http://a.example", "http://a.example"),
    ],
)
def test_of_an_address_scheme_host_port_and_path_are_kept(whole: str, kept: str) -> None:
    assert str(without_query(URL(whole))).rstrip("/") == kept
