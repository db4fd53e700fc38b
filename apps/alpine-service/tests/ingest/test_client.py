"""The client of the log's server: what it asks, what it waits for, what it refuses to take."""

from contextlib import aclosing

import pytest
from aiohttp import web

from alpine_service.adapters.log_http.client import open_log
from alpine_service.adapters.log_http.limits import LIMITS, Limits
from alpine_service.domain.feed.tile import Bundle, Tile
from alpine_service.errors import FeedAway, FeedRefused, Malformed
from alpine_service.testing.log_server import Handler
from alpine_service.testing.members import signal_members
from alpine_service.testing.reader import HASTY
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.tricks import TRICKS

KEYS = {"secret": frozenset({"read", "realtime"})}


async def test_what_is_public_is_asked_without_the_key() -> None:
    seen: list[str | None] = []

    async def note(request: web.Request, honest: Handler) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization"))
        assert request.headers["Accept-Encoding"] == "identity"
        assert "secret" not in request.path_qs
        return await honest(request)

    async with SmallLog(api_keys=KEYS) as log, open_log(log.url, "secret") as feed:
        await log.append(signal_members("one"))
        log.server.tricks["/"] = note
        assert await feed.checkpoint() == log.checkpoint
        assert await feed.tile(Tile(0, 0, 1)) == log.record.hashes(Tile(0, 0, 1))
        assert await feed.bundle(Bundle(0, 1)) == log.record.bundle(Bundle(0, 1))
        await feed.bodies(0)
        assert seen == [None, None, None, "Bearer secret"]
        assert "secret" not in repr(feed)


async def test_a_wrong_key_is_for_the_operator() -> None:
    async with SmallLog(api_keys=KEYS) as log, open_log(log.url, "wrong") as feed:
        with pytest.raises(FeedRefused):
            await feed.bodies(0)


async def test_no_cookie_is_kept() -> None:
    cookies: list[str | None] = []

    async def bake(request: web.Request, honest: Handler) -> web.StreamResponse:
        cookies.append(request.headers.get("Cookie"))
        response = await honest(request)
        response.set_cookie("follow", "me")
        return response

    async with SmallLog() as log, open_log(log.url) as feed:
        log.server.tricks["/"] = bake
        await feed.checkpoint()
        await feed.checkpoint()
    assert cookies == [None, None]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("endless", Malformed),
        ("bomb", Malformed),
        ("redirecting", Malformed),
        ("garbled", Malformed),
        ("huge", Malformed),
        ("slow", FeedAway),
        ("silent", FeedAway),
        ("stalled", FeedAway),
        ("truncated", FeedAway),
        ("reset", FeedAway),
        ("absent", FeedAway),
        ("failing", FeedAway),
    ],
)
async def test_each_way_to_misbehave_is_an_error_of_ours(name: str, error: type[Exception]) -> None:
    limits = HASTY if name in {"slow", "silent", "stalled"} else LIMITS
    async with SmallLog() as log, open_log(log.url, limits=limits) as feed:
        await log.append(*(signal_members(f"{number}") for number in range(3)))
        log.server.tricks["/"] = TRICKS[name]
        with pytest.raises(error):
            await feed.checkpoint()


async def test_nobody_there_is_away() -> None:
    async with open_log("http://127.0.0.1:9") as feed:
        with pytest.raises(FeedAway):
            await feed.checkpoint()


@pytest.mark.parametrize(
    ("header", "wish_s"), [("7", 7.0), ("99999", 3600.0), ("soon", None), ("", None)]
)
async def test_when_to_come_back_is_read_in_seconds_only(header: str, wish_s: float | None) -> None:
    async def later(request: web.Request, honest: Handler) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": header})

    async with SmallLog() as log, open_log(log.url) as feed:
        log.server.tricks["/"] = later
        with pytest.raises(FeedAway) as caught:
            await feed.checkpoint()
    assert caught.value.retry_after_s == wish_s


async def test_a_status_that_nobody_expects_is_refused() -> None:
    async def teapot(request: web.Request, honest: Handler) -> web.StreamResponse:
        return web.Response(status=418)

    async with SmallLog() as log, open_log(log.url) as feed:
        log.server.tricks["/"] = teapot
        with pytest.raises(Malformed):
            await feed.checkpoint()


async def test_a_hint_comes_with_each_checkpoint_and_the_end_is_an_error() -> None:
    async with SmallLog(api_keys=KEYS) as log, open_log(log.url, "secret") as feed:
        await log.append(signal_members("one"))
        async with aclosing(feed.hints(0)) as hints:
            await anext(hints)
            await log.append(signal_members("two"))
            await anext(hints)
            await log.server.stop()
            with pytest.raises(FeedAway):
                await anext(hints)


async def test_a_line_of_the_stream_has_an_end() -> None:
    limits = Limits(line=1000)
    async with SmallLog() as log, open_log(log.url, limits=limits) as feed:
        log.server.tricks["/api/v1/stream"] = TRICKS["endless"]
        async with aclosing(feed.hints(0)) as hints:
            with pytest.raises(Malformed):
                await anext(hints)


async def test_a_stream_that_falls_silent_is_away() -> None:
    async with (
        SmallLog() as log,
        open_log(log.url, limits=HASTY) as feed,
        aclosing(feed.hints(0)) as hints,
    ):
        with pytest.raises(FeedAway):
            await anext(hints)


async def test_hints_need_a_key_that_counts() -> None:
    async with (
        SmallLog(api_keys=KEYS) as log,
        open_log(log.url, "wrong") as feed,
        aclosing(feed.hints(0)) as hints,
    ):
        with pytest.raises(FeedRefused):
            await anext(hints)
