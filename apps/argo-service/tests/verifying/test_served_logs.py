"""A log over HTTP, from servers that are slow, huge, busy, broken or elsewhere."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from argo_adapters.clocks.system import SystemClock
from argo_core.errors import InvalidInput, Unchecked
from argo_core.ledger.verdict import Report, Verdict
from argo_core.testing.entries import tiny_quiet
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_signer import fake_verify
from argo_core.testing.small_record import NOW, ONE, files_of, head_of, signed, small_record
from argo_service.verifying.http_shelf import ATTEMPTS, MAX_WAIT_S, open_shelf, read_address
from argo_service.verifying.targets import check_served
from argo_service.verifying.walk import Reader, walk

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RECORD = small_record()
FILES = files_of(RECORD, signed(head_of(RECORD)))
LONG = [tiny_quiet(seq) for seq in range(1_000)]


def static(files: Mapping[str, bytes]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        data = files.get(request.match_info["path"])
        return web.Response(status=404) if data is None else web.Response(body=data)

    return handler


@asynccontextmanager
async def serving(handler: Handler, prefix: str = "") -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get(prefix + "/{path:.*}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url(prefix or "/"))


async def report_of(handler: Handler, timeout_s: float = 5.0) -> Report:
    async with (
        serving(handler) as address,
        open_shelf(address, FakeClock(NOW), timeout_s) as shelf,
    ):
        return (await walk(shelf, Reader(ONE, fake_verify), NOW)).report


async def problem_of(handler: Handler, timeout_s: float = 5.0) -> str:
    """Why it could not be checked."""
    report = await report_of(handler, timeout_s)
    assert report.verdict is Verdict.UNCHECKED, report
    (problem,) = report.problems
    return problem


def instead(path: str, handler: Handler) -> Handler:
    """A good server but for one path."""
    good = static(FILES)

    async def lying(request: web.Request) -> web.StreamResponse:
        return await (handler if request.match_info["path"] == path else good)(request)

    return lying


@pytest.mark.parametrize("prefix", ["", "/logs/argo"])
@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_good_log_is_good_at_any_address(prefix: str, slash: str) -> None:
    async with serving(static(FILES), prefix) as address:
        walked = await check_served(
            address.rstrip("/") + slash, Reader(ONE, fake_verify), FakeClock(NOW), 60.0
        )
    assert walked.report.verdict is Verdict.GOOD


async def test_a_longer_log_is_good() -> None:
    files = files_of(LONG, signed(head_of(LONG)))
    assert (await report_of(static(files))).verdict is Verdict.GOOD


@pytest.mark.parametrize("path", FILES)
async def test_an_answer_without_end_is_cut_off(path: str) -> None:
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        response.content_length = 10_000_000_000
        await response.prepare(request)
        for _ in range(10_000):
            await response.write(bytes(1_000_000))
            sent += 1_000_000
        return response

    assert "larger than" in await problem_of(instead(path, endless))
    assert sent < 200_000_000


@pytest.mark.parametrize("path", ["checkpoint", "tile/0/000.p/11"])
async def test_an_answer_that_drips_is_not_waited_for(path: str) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"a")
            await SystemClock().sleep(0.02)

    assert "no whole answer within 0.2 s" in await problem_of(instead(path, drip), 0.2)


async def test_the_whole_check_has_an_end() -> None:
    async def stuck(_request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with serving(stuck) as address:
        walked = await check_served(address, Reader(ONE, fake_verify), SystemClock(), 0.2)
    assert walked.report.verdict is Verdict.UNCHECKED
    assert "was not read within 0.2 s" in walked.report.problems[0]


@pytest.mark.parametrize("path", FILES)
async def test_redirects_are_refused(path: str) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/other")

    assert "redirects are refused" in await problem_of(instead(path, elsewhere))


async def test_packed_answers_are_unpacked_and_bombs_are_not() -> None:
    def packed(data: bytes) -> Handler:
        async def handler(_request: web.Request) -> web.Response:
            return web.Response(body=gzip.compress(data), headers={"Content-Encoding": "gzip"})

        return handler

    path = "tile/entries/000.p/11"
    good = await report_of(instead(path, packed(FILES[path])))
    assert good.verdict is Verdict.GOOD
    assert "larger than" in await problem_of(instead(path, packed(bytes(50_000_000))))


@pytest.mark.parametrize("status", [400, 401, 403, 500, 502])
async def test_other_statuses_leave_it_unchecked(status: int) -> None:
    async def refusing(_request: web.Request) -> web.Response:
        return web.Response(status=status, body=FILES["checkpoint"])

    problem = await problem_of(instead("checkpoint", refusing))
    assert problem.endswith(f"/checkpoint: status {status}")


@pytest.mark.parametrize("status", [404, 410])
async def test_what_is_not_there_leaves_it_unchecked(status: int) -> None:
    async def gone(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    assert "has no checkpoint" in await problem_of(instead("checkpoint", gone))
    tile = "tile/0/000.p/11"
    assert f"{tile} is missing" in await problem_of(instead(tile, gone))


@pytest.mark.parametrize("status", [429, 503])
async def test_a_busy_server_is_asked_again_when_it_said(status: int) -> None:
    waits = ["0", "7", None]

    async def busy(request: web.Request) -> web.Response:
        if not waits:
            return web.Response(body=FILES["checkpoint"])
        wait = waits.pop(0)
        return web.Response(status=status, headers={} if wait is None else {"Retry-After": wait})

    slept = await _slept(instead("checkpoint", busy), Verdict.GOOD)
    assert slept == [0.0, 7.0, 4.0]


async def test_a_server_that_stays_busy_is_left_alone_after_a_while() -> None:
    asked = 0

    async def busy(_request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=429, headers={"Retry-After": "9999"})

    slept = await _slept(instead("checkpoint", busy), Verdict.UNCHECKED)
    assert (asked, slept) == (ATTEMPTS, [MAX_WAIT_S] * (ATTEMPTS - 1))


async def test_no_server_and_no_http_leave_it_unchecked() -> None:
    async with serving(static(FILES)) as address:
        pass
    async with open_shelf(address, FakeClock(NOW)) as shelf:
        with pytest.raises(Unchecked, match="no connection"):
            await shelf.read("checkpoint", 100)

    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-nonsense\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        async with open_shelf(f"http://127.0.0.1:{port}", FakeClock(NOW)) as shelf:
            with pytest.raises(Unchecked):
                await shelf.read("checkpoint", 100)


async def test_an_answer_that_breaks_off_leaves_it_unchecked() -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = 1_000
        await response.prepare(request)
        await response.write(FILES["checkpoint"][:50])
        assert request.transport is not None
        request.transport.close()
        return response

    assert "broke off" in await problem_of(instead("checkpoint", broken))


@pytest.mark.parametrize(
    "address",
    [
        "ftp://argo.example",
        "http://",
        "argo.example",
        "https://me:secret@argo.example",
        "https://argo.example/?key=secret",
        "https://argo.example/#here",
        "http://[",
    ],
)
def test_addresses_of_something_else_are_refused_without_repeating_them(address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_address(address)
    assert "secret" not in str(caught.value)


class _Hurried(FakeClock):
    """A clock on which sleeping takes no time and is written down."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


async def _slept(handler: Handler, verdict: Verdict) -> list[float]:
    clock = _Hurried()
    async with serving(handler) as address, open_shelf(address, clock) as shelf:
        report = (await walk(shelf, Reader(ONE, fake_verify), NOW)).report
    assert report.verdict is verdict
    return clock.slept
