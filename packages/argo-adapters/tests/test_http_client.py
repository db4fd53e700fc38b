"""The one door to every vendor, against servers that misbehave over real loopback sockets."""

import asyncio
import gzip
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.http.call import MAX_BYTES, TIMEOUT_S
from argo_adapters.http.client import HttpClient, open_session
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.http.reply import Reply
from argo_core.consensus.opinion import MASSIVE
from argo_core.errors import (
    InvalidSetting,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)

KEY = "s3cr3t/key+of=ours"
PRIVATE = "what-we-are-after"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def client_at(
    session: aiohttp.ClientSession, url: str, headers: dict[str, str] | None = None
) -> HttpClient:
    return HttpClient(session, MASSIVE, url, headers, turnstile=OpenTurnstile(), redact=(KEY,))


async def get(
    client: HttpClient,
    path: str,
    params: dict[str, str] | None = None,
    *,
    timeout_s: float = TIMEOUT_S,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    async with client.call(timeout_s=timeout_s) as call:
        return await call.get(path, params, max_bytes=max_bytes)


async def post(client: HttpClient, path: str, body: object) -> Reply:
    async with client.call() as call:
        return await call.post(path, body)


async def follow(client: HttpClient, link: str) -> Reply:
    async with client.call() as call:
        return await call.follow(link)


@asynccontextmanager
async def talking_to(handler: Handler) -> AsyncIterator[HttpClient]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    async with TestServer(app) as server, open_session() as session:
        headers = {"Authorization": f"Bearer {KEY}"}
        yield client_at(session, str(server.make_url("/")), headers)


@asynccontextmanager
async def raw_server(answer: bytes) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def told(error: BaseException) -> str:
    """Everything a log could print about an error and what is behind it."""
    links, link = [], error
    while link is not None:
        links += [repr(link), str(link), repr(link.args)]
        link = link.__cause__ or link.__context__  # type: ignore[assignment] # ends with None
    return "\n".join([*links, *traceback.format_exception(error)])


async def test_a_reply_has_status_body_and_digest() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        return web.json_response({"asked": request.query["ticker.any_of"], "at": request.path})

    async with talking_to(handler) as client:
        reply = await get(client, "/v3/snapshot", {"ticker.any_of": "AAPL,X:BTCUSD"})
    assert reply.json() == {"asked": "AAPL,X:BTCUSD", "at": "/v3/snapshot"}
    assert len(reply.sha256) == 64
    assert reply.node()["asked"].text() == "AAPL,X:BTCUSD"


async def test_a_post_sends_json() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response({"got": await request.json(), "type": request.content_type})

    async with talking_to(handler) as client:
        reply = await post(client, "/v1/chat", {"a": [1.5]})
    assert reply.json() == {"got": {"a": [1.5]}, "type": "application/json"}


async def test_a_gzipped_reply_is_unpacked() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Accept-Encoding"] == "gzip"
        packed = gzip.compress(b'{"a":1}')
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with talking_to(handler) as client:
        assert (await get(client, "/")).json() == {"a": 1}


@pytest.mark.parametrize("length_said", [True, False])
async def test_a_body_of_50_megabytes_is_cut_off(length_said: bool) -> None:
    sent = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        if length_said:
            response.content_length = 50_000_000
        await response.prepare(request)
        try:
            for _ in range(500):
                await response.write(b" " * 100_000)
                sent += 100_000
        except ConnectionError:
            pass
        return response

    async with talking_to(handler) as client:
        with pytest.raises(VendorGarbled, match="larger than 1,000,000 bytes"):
            await get(client, "/", max_bytes=1_000_000)
    assert sent < 20_000_000


async def test_a_gzip_bomb_never_unfolds() -> None:
    bomb = gzip.compress(bytes(200_000_000))

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with talking_to(handler) as client:
        with pytest.raises(VendorGarbled, match="larger than"):
            await get(client, "/")


async def test_a_body_of_exactly_the_limit_is_taken() -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/packed":
            packed = gzip.compress(b"1" * 5_000)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        return web.Response(body=b"1" * 5_000)

    async with talking_to(handler) as client:
        for path in ("/packed", "/plain"):
            assert len((await get(client, path, max_bytes=5_000)).body) == 5_000
            with pytest.raises(VendorGarbled):
                await get(client, path, max_bytes=4_999)


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", b"not gzip at all", "damaged"),
        ("gzip", gzip.compress(b"x" * 999, mtime=0)[:-9], "breaks off"),
        ("gzip", gzip.compress(b"[]", mtime=0) + b"more", "something follows"),
        ("br", b"[]", "nobody asked for"),
        ("gzip, gzip", b"[]", "nobody asked for"),
    ],
)
async def test_a_badly_packed_body_is_garbled(encoding: str, body: bytes, reason: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    async with talking_to(handler) as client:
        with pytest.raises(VendorGarbled, match=reason):
            await get(client, "/")


async def test_a_hanging_vendor_is_given_up_in_time() -> None:
    over = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if request.path == "/slow-body":
            await response.prepare(request)
            await response.write(b"{")
        await over.wait()
        return response

    async with talking_to(handler) as client:
        for path in ("/silent", "/slow-body"):
            with pytest.raises(VendorUnavailable, match=r"no whole answer within 0\.05 s"):
                await get(client, path, timeout_s=0.05)
        over.set()


async def test_a_redirect_is_refused_and_not_followed() -> None:
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        raise web.HTTPFound(f"/elsewhere?apiKey={KEY}")

    async with talking_to(handler) as client:
        with pytest.raises(VendorRefused, match="status 302") as caught:
            await get(client, "/start")
    assert seen == ["/start"]
    assert KEY not in told(caught.value)


async def test_a_next_page_keeps_our_headers() -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        return web.json_response({"cursor": request.query.get("cursor")})

    async with talking_to(handler) as client:
        link = f"{client._base}v3/snapshot?cursor=a%2Fb#end"
        assert (await follow(client, link)).json() == {"cursor": "a/b"}


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:1/v3?cursor=x",
        "https://api.example.com/v3",
        "//api.example.com/v3",
        "/v3/relative",
        "file:///etc/passwd",
        "http://[bad",
        "",
    ],
)
async def test_a_next_page_elsewhere_is_never_asked(link: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise AssertionError("nothing was to be sent")

    async with talking_to(handler) as client:
        with pytest.raises(VendorGarbled, match="another origin"):
            await follow(client, link)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", VendorUnavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", VendorUnavailable),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{", VendorUnavailable),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", VendorGarbled),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", VendorGarbled),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n", VendorGarbled),
    ],
)
async def test_a_broken_connection_is_translated_without_leaking(
    answer: bytes, kind: type[VendorError]
) -> None:
    async with raw_server(answer) as url, open_session() as session:
        headers = {"Authorization": f"Bearer {KEY}"}
        client = client_at(session, url, headers)
        with pytest.raises(kind) as caught:
            await get(client, "/query", {"apikey": KEY, "q": PRIVATE})
    text = told(caught.value)
    assert "s3cr3t" not in text
    assert PRIVATE not in text


async def test_nobody_listening_is_unavailability_with_its_cause() -> None:
    async with raw_server(b"") as url:
        pass
    async with open_session() as session:
        client = client_at(session, url)
        with pytest.raises(VendorUnavailable, match="no connection") as caught:
            await get(client, "/query", {"apikey": KEY})
    assert isinstance(caught.value.__cause__, aiohttp.ClientError)
    assert "s3cr3t" not in told(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, VendorRefused),
        (401, VendorRefused),
        (403, VendorRefused),
        (404, VendorRefused),
        (408, VendorUnavailable),
        (410, VendorRefused),
        (414, VendorRefused),
        (429, VendorThrottled),
        (500, VendorUnavailable),
        (503, VendorUnavailable),
    ],
)
async def test_a_status_says_what_to_do_next(status: int, kind: type[VendorError]) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=status, text="no")

    async with talking_to(handler) as client:
        reply = await get(client, "/")
        error = client.failure(reply, f"Unknown key {KEY}\r\nand s3cr3t%2Fkey%2Bof%3Dours")
    assert type(error) is kind
    assert str(error) == f"massive: status {status}: Unknown key *** and ***"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 20:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 20 Nov 2026 19:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "Fri, 99 Nov 2026 19:00:00 GMT"}, None),
        ({}, None),
    ],
)
async def test_retry_after_is_read_in_both_forms(
    headers: dict[str, str], seconds: float | None
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(
            status=429, headers={"Date": "Fri, 20 Nov 2026 20:00:00 GMT", **headers}
        )

    async with talking_to(handler) as client:
        error = client.failure(await get(client, "/"))
    assert isinstance(error, VendorThrottled)
    assert error.retry_after_s == seconds


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html>Bad gateway</html>", "is HTML"),
        (b'{"a":1,"a":2}', "'a' is there twice"),
        (b'{"a":', "at character 5"),
        (b"", "is not JSON"),
    ],
)
async def test_a_body_that_is_not_json_says_so(body: bytes, reason: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body)

    async with talking_to(handler) as client:
        with pytest.raises(VendorGarbled, match=reason):
            (await get(client, "/")).json()


async def test_no_repr_holds_a_key() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=KEY)

    async with talking_to(handler) as client:
        reply: Reply = await get(client, "/", {"apikey": KEY})
        shown = repr(client) + repr(reply) + repr(client._redactor)
    assert "s3cr3t" not in shown
    assert "massive" in shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://example.com",
        "http://",
        "https://k:v@example.com",
        "http://a/?k=v",
    ],
)
async def test_a_wrong_base_address_names_the_setting_and_never_repeats_it(url: str) -> None:
    async with open_session() as session:
        with pytest.raises(InvalidSetting, match=r"^massive\.base_url: ") as caught:
            client_at(session, url)
    assert "k:v" not in told(caught.value)


async def test_a_key_with_a_line_break_is_refused_before_any_call() -> None:
    async with open_session() as session:
        with pytest.raises(InvalidSetting, match="stray characters") as caught:
            client_at(session, "http://localhost", {"Authorization": f"{KEY}\n"})
    assert KEY not in told(caught.value)
