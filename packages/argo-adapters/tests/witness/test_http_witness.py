"""Witnesses over HTTP: the port's promises, and servers that misbehave over loopback sockets."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.http.client import open_session
from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.witness.client import HttpWitness
from argo_core.errors import InvalidInput, WitnessAway, WitnessError, WitnessRefused
from argo_core.ledger.note import MAX_NOTE_BYTES
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.witness import PLAIN, SIZE, ReferenceWitness
from argo_core.testing.witness_contract import WitnessCase, WitnessContract, cosigned, request_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

LOG = Ed25519Signer("argo.example/log", bytes(32))
STRANGER = Ed25519Signer("stranger.example/log", bytes(range(32)))
COSIGNER = Ed25519Signer("witness.example/alpine", b"w" * 32, COSIGNATURE)
LINE = "\u2014 witness.example/alpine " + "A" * 104 + "\n"


def now_s() -> int:
    return int(time.time())  # noqa: TID251 - the witness's own clock


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[TestServer]:
    app = web.Application(client_max_size=2**20)
    app.router.add_route("*", "/{path:.*}", handler)
    server = TestServer(app)
    async with server:
        yield server


class TestHttpWitness(WitnessContract):
    @pytest.fixture
    async def case(self, session: aiohttp.ClientSession) -> AsyncIterator[WitnessCase]:
        reference = ReferenceWitness(COSIGNER, {LOG.key.name: LOG.key}, verify_ed25519)
        away: list[bool] = []

        async def handler(request: web.Request) -> web.StreamResponse:
            assert (request.method, request.path) == ("POST", "/argo/add-checkpoint")
            if away:
                raise web.HTTPServiceUnavailable
            reply = reference.answer(await request.read(), now_s())
            headers = {"Content-Type": reply.content_type}
            return web.Response(status=reply.status, body=reply.body, headers=headers)

        async with serving(handler) as server:
            yield WitnessCase(
                HttpWitness(session, str(server.make_url("/argo")), COSIGNER.key),
                log=LOG,
                stranger=STRANGER,
                verify=verify_ed25519,
                now_s=now_s,
                fail=lambda: away.append(True),
            )

    async def test_many_ask_at_once_over_few_connections(self, case: WitnessCase) -> None:
        await asyncio.gather(*(cosigned(case, request_of(case.log, 0, 0)) for _ in range(30)))


async def refused(
    session: aiohttp.ClientSession, handler: Handler, *, timeout_s: float = 5.0
) -> WitnessError:
    """What becomes of asking a witness that answers like this."""
    async with serving(handler) as server:
        url = str(server.make_url("/"))
        witness = HttpWitness(session, url, COSIGNER.key, timeout_s=timeout_s)
        with pytest.raises(WitnessError) as caught:
            await witness.add_checkpoint(request_of(LOG, 0, 5))
    assert caught.value.witness == COSIGNER.key.name
    assert len(str(caught.value)) < 500
    assert str(caught.value).isprintable()
    return caught.value


def answering(status: int, body: bytes | str = b"", content_type: str = PLAIN) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        data = body.encode() if isinstance(body, str) else body
        return web.Response(status=status, body=data, headers={"Content-Type": content_type})

    return handler


@pytest.mark.parametrize("status", [201, 204, 400, 401, 403, 404, 405, 410, 413, 422])
async def test_what_asking_again_cannot_change_is_a_refusal(
    session: aiohttp.ClientSession, status: int
) -> None:
    error = await refused(session, answering(status))
    assert isinstance(error, WitnessRefused)
    assert f"status {status}" in error.problem


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
async def test_what_may_pass_is_being_away(session: aiohttp.ClientSession, status: int) -> None:
    error = await refused(session, answering(status, "busy"))
    assert isinstance(error, WitnessAway)
    assert error.problem == f"status {status}: busy"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_followed_elsewhere(session: aiohttp.ClientSession, status: int) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    assert isinstance(await refused(session, handler), WitnessRefused)
    assert asked == ["/add-checkpoint"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n",
        "<html>\n",
        "5\n",
        LINE.rstrip(),
        LINE + "\n",
        LINE * 17,
        LINE.replace("A", "_"),
        "\0",
    ],
)
async def test_success_with_garbage_is_being_away(
    session: aiohttp.ClientSession, body: str
) -> None:
    error = await refused(session, answering(200, body))
    assert isinstance(error, WitnessAway)
    assert "status 200" in error.problem


async def test_success_that_is_not_utf_8_is_being_away(session: aiohttp.ClientSession) -> None:
    assert isinstance(await refused(session, answering(200, b"\xff\n")), WitnessAway)


@pytest.mark.parametrize(
    "body",
    ["", "5", "-5\n", "05\n", "5.0\n", " 5\n", "5\n5\n", "9" * 40 + "\n", "five\n", "\u0665\n"],
)
async def test_a_conflict_without_a_plain_size_is_being_away(
    session: aiohttp.ClientSession, body: str
) -> None:
    error = await refused(session, answering(409, body, SIZE))
    assert isinstance(error, WitnessAway)
    assert "status 409" in error.problem


@pytest.mark.parametrize("content_type", [PLAIN, "application/json", "text/html"])
async def test_a_conflict_of_another_content_type_is_a_refusal(
    session: aiohttp.ClientSession, content_type: str
) -> None:
    error = await refused(session, answering(409, "5\n", content_type))
    assert isinstance(error, WitnessRefused)


async def test_an_endless_body_is_cut_off(session: aiohttp.ClientSession) -> None:
    sent: list[int] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(LINE.encode() * 100)
                sent.append(len(LINE) * 100)
        except ConnectionError:
            return response

    error = await refused(session, handler)
    assert isinstance(error, WitnessAway)
    assert "too large" in error.problem
    # The rest fills the buffers of two sockets, and nobody's memory.
    assert sum(sent) < 100 * MAX_NOTE_BYTES


async def test_a_packed_body_is_not_unpacked_without_bounds(
    session: aiohttp.ClientSession,
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        return web.Response(body=b"\x1f\x8bxxx", headers={"Content-Encoding": "br"})

    error = await refused(session, handler)
    assert isinstance(error, WitnessAway)
    assert "badly packed" in error.problem


async def test_a_slow_body_is_given_up(session: aiohttp.ClientSession) -> None:
    released = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "9999"})
        await response.prepare(request)
        await response.write(LINE.encode())
        await released.wait()
        return response

    try:
        error = await refused(session, handler, timeout_s=0.2)
    finally:
        released.set()
    assert isinstance(error, WitnessAway)
    assert error.problem == "no whole answer within 0.2 s"


async def test_a_body_that_breaks_off_is_being_away(session: aiohttp.ClientSession) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "9999"})
        await response.prepare(request)
        await response.write(LINE.encode())
        assert request.transport is not None
        request.transport.abort()
        return response

    assert isinstance(await refused(session, handler), WitnessAway)


async def test_who_does_not_speak_http_is_away(session: aiohttp.ClientSession) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n" * 3)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        witness = HttpWitness(session, f"http://127.0.0.1:{port}", COSIGNER.key)
        with pytest.raises(WitnessAway, match="not HTTP"):
            await witness.add_checkpoint(request_of(LOG, 0, 5))


async def test_where_nobody_listens_it_is_away(session: aiohttp.ClientSession) -> None:
    async with serving(answering(200)) as server:
        url = str(server.make_url("/"))
    witness = HttpWitness(session, url, COSIGNER.key)
    with pytest.raises(WitnessAway, match="no connection"):
        await witness.add_checkpoint(request_of(LOG, 0, 5))


async def test_what_it_says_is_quoted_short_and_on_one_line(
    session: aiohttp.ClientSession,
) -> None:
    error = await refused(session, answering(422, "bad\r\nproof \x1b[31m" + "x" * 5_000))
    assert error.problem.startswith("status 422: bad proof ?[31mxxx")
    assert len(error.problem) < 250


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example",
        "ftp://witness.example",
        "https://user:secret@witness.example",
        "https://witness.example/?key=secret",
        "https://witness.example/#part",
        "https://[",
    ],
)
async def test_an_address_that_is_no_prefix_is_refused(
    session: aiohttp.ClientSession, url: str
) -> None:
    with pytest.raises(InvalidInput, match="url") as caught:
        HttpWitness(session, url, COSIGNER.key)
    assert "secret" not in str(caught.value)


async def test_a_key_that_signs_checkpoints_is_no_witness_s(
    session: aiohttp.ClientSession,
) -> None:
    with pytest.raises(InvalidInput, match="it signs checkpoints"):
        HttpWitness(session, "https://witness.example", LOG.key)


async def test_the_prefix_may_end_with_a_slash_or_not(session: aiohttp.ClientSession) -> None:
    for url in ("https://witness.example/argo", "https://witness.example/argo/"):
        witness = HttpWitness(session, url, COSIGNER.key)
        assert "https://witness.example/argo/add-checkpoint," in repr(witness)
