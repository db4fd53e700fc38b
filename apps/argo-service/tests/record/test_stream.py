"""`GET /api/v1/stream`: every published entry once, in order, whatever the connection does."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from random import Random
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from attrs import define, field

from argo_adapters.clocks.system import SystemClock
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.errors import LogUnavailable
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.entry import decode_entry, encode_entry
from argo_core.ledger.note import parse_note
from argo_core.ledger.record import Batch
from argo_core.testing.entries import tiny_capsule, tiny_signal, tiny_trade
from argo_core.testing.fake_clock import FakeClock
from argo_service.address import reserve
from argo_service.api import feed as feeding
from argo_service.api import keys
from argo_service.api.app import Served, build_app
from argo_service.api.frames import HEARTBEAT, HELLO, checkpoint_frame, entry_frame
from argo_service.api.keyring import Keyring
from argo_service.api_keys import Scope, key_id
from argo_service.cli.listen import listening as listening_on
from argo_service.config.tree import Api, Listen
from argo_service.tally import Tally

WAIT_S = 10.0


@define
class Event:
    """A server-sent event as a browser would hand it out."""

    kind: str
    data: bytes
    last_id: str


@define
class Reader:
    """Reads events as WHATWG HTML, section 9.2.6, tells to."""

    buffer: bytes = b""
    last_id: str = ""
    comments: int = 0
    events: list[Event] = field(factory=list)

    def feed(self, data: bytes) -> None:
        self.buffer += data
        while b"\n\n" in self.buffer:
            block, _, self.buffer = self.buffer.partition(b"\n\n")
            kind, lines = "message", []
            for line in block.split(b"\n"):
                name, _, value = line.partition(b":")
                value = value.removeprefix(b" ")
                if name == b"":
                    self.comments += 1
                if name == b"id":
                    self.last_id = value.decode()
                if name == b"event":
                    kind = value.decode()
                if name == b"data":
                    lines.append(value)
            if lines:
                self.events.append(Event(kind, b"\n".join(lines), self.last_id))


async def read_until(response: Any, reader: Reader, count: int, kind: str = "") -> None:
    """Read until there are so many events, of that kind if one is named."""
    async with asyncio.timeout(WAIT_S):
        while sum(not kind or event.kind == kind for event in reader.events) < count:
            reader.feed(await response.content.readany())


@asynccontextmanager
async def listening(desk: Any, query: str = "", **headers: str) -> AsyncIterator[Any]:
    async with desk.client.get(f"/api/v1/stream{query}", headers=headers) as response:
        assert response.status == 200, await response.text()
        yield response


async def test_entries_come_as_they_are_and_then_the_checkpoint(desk: Any) -> None:
    await desk.write(3)
    await desk.commit(0)
    await desk.press.publish(cosigned_at=1_700_000_001)
    reader = Reader()
    async with listening(desk, "?since=0") as response:
        assert response.headers["Content-Type"] == "text/event-stream"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["X-Request-ID"]
        assert "RateLimit" in response.headers
        await read_until(response, reader, 5)
    *entries, checkpoint = reader.events
    assert [event.data for event in entries] == await desk.every_entry()
    assert [event.last_id for event in entries] == ["0", "1", "2", "3"]
    assert [event.kind for event in entries] == ["signal"] * 3 + ["commit"]
    # The checkpoint leaves the last id as it was, so that asking again goes on behind the entries.
    assert (checkpoint.kind, checkpoint.last_id) == ("checkpoint", "3")
    assert checkpoint.data == desk.press.published.note.encode()
    assert parse_checkpoint(parse_note(checkpoint.data).text).size == 4


async def test_trades_come_among_the_others(desk: Any) -> None:
    await desk.write(1)
    trade = tiny_trade(1, signal_index=0)
    await desk.log.append(Batch(1, (trade,)))
    await desk.press.publish()
    reader = Reader()
    async with listening(desk, "?since=0") as response:
        await read_until(response, reader, 3)
    assert [event.kind for event in reader.events] == ["signal", "trade", "checkpoint"]
    assert reader.events[1].data == trade


async def test_without_a_wish_only_what_is_new_comes(desk: Any) -> None:
    await desk.write(3)
    await desk.press.publish()
    reader = Reader()
    async with listening(desk) as response:
        await read_until(response, reader, 1)
        await desk.write(2)
        await desk.press.publish()
        await read_until(response, reader, 4)
    kinds = [event.kind for event in reader.events]
    assert kinds == ["checkpoint", "signal", "signal", "checkpoint"]
    assert reader.last_id == "4"


async def test_nothing_is_sent_before_it_is_published(desk: Any) -> None:
    await desk.write(2)
    await desk.press.publish()
    await desk.write(5)
    reader = Reader()
    async with listening(desk, "?since=0") as response:
        await read_until(response, reader, 3)
        await desk.clock.advance(15)
        while not reader.comments:
            reader.feed(await response.content.readany())
        assert [event.kind for event in reader.events] == ["signal", "signal", "checkpoint"]
        await desk.press.publish()
        await read_until(response, reader, 9)
    assert parse_checkpoint(parse_note(reader.events[-1].data).text).size == 7


async def test_before_anything_is_published_there_are_signs_of_life(desk: Any) -> None:
    reader = Reader()
    async with listening(desk) as response:
        assert await response.content.readexactly(len(HELLO)) == HELLO
        await desk.clock.advance(31)
        async with asyncio.timeout(WAIT_S):
            while reader.comments < 2:
                reader.feed(await response.content.readany())
        await desk.write(1)
        await desk.press.publish()
        await read_until(response, reader, 2)
    assert reader.events[0].last_id == "0"


async def test_a_cosignature_that_comes_late_is_told_with_the_next_sign_of_life(desk: Any) -> None:
    await desk.write(1)
    await desk.press.publish(pending=True)
    reader = Reader()
    async with listening(desk) as response:
        await read_until(response, reader, 1)
        await desk.press.publish(cosigned_at=1_700_000_001)
        await desk.clock.advance(15)
        await read_until(response, reader, 2)
    assert reader.events[1].data == desk.press.published.note.encode()


@pytest.mark.parametrize("seed", range(5))
async def test_over_broken_connections_every_entry_comes_once_in_order(
    desk: Any, seed: int
) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    total, received, last = 700, list[Event](), ""
    await desk.write(1)
    await desk.press.publish()

    async def write_on() -> None:
        while (size := (await desk.log.head()).size) < total:
            await desk.write(min(chance.randint(1, 90), total - size))
            await desk.press.publish()
            await desk.clock.settle()

    writing, reader = asyncio.create_task(write_on()), Reader()
    async with asyncio.timeout(WAIT_S):
        while len(received) < total:
            headers = {"Last-Event-ID": last} if last else {}
            # Who asks again repeats the address; the header goes before it.
            async with listening(desk, "?since=0", **headers) as response:
                reader = Reader(last_id=last)
                budget = chance.randint(1, 200_000)
                while budget > 0 and len(received) + len(signals(reader)) < total:
                    data = await response.content.read(min(budget, chance.randint(1, 9_000)))
                    budget -= len(data)
                    reader.feed(data)
                # Cut off in the middle of whatever it was.
                response.close()
            received += signals(reader)
            last = reader.last_id or last
    await writing
    assert [event.data for event in received] == await desk.every_entry()
    assert [int(event.last_id) for event in received] == list(range(total))


def signals(reader: Reader) -> list[Event]:
    return [event for event in reader.events if event.kind == "signal"]


@pytest.mark.parametrize(
    ("query", "last", "field"),
    [
        ("?since=-1", "", "since"),
        ("?since=", "", "since"),
        ("?since=x", "", "since"),
        ("?since=01", "", "since"),
        ("?since=4", "", "since"),
        ("?since=99999999999999999999", "", "since"),
        ("?since=1&since=2", "", "since"),
        ("?from=1", "", "from"),
        ("", "x", "Last-Event-ID"),
        ("", "-1", "Last-Event-ID"),
        ("", "3", "Last-Event-ID"),
        ("?since=0", "9223372036854775807", "Last-Event-ID"),
    ],
)
async def test_a_malformed_or_impossible_beginning_is_refused(
    desk: Any, query: str, last: str, field: str
) -> None:
    await desk.write(3)
    await desk.press.publish()
    headers = {"Last-Event-ID": last} if last else {}
    response = await desk.client.get(f"/api/v1/stream{query}", headers=headers)
    assert response.status == 400
    assert (await response.json(content_type=None))["field"] == field


async def test_who_has_more_than_is_published_again_waits_for_it(desk: Any) -> None:
    # After a restart what was published before is published again, a moment later.
    await desk.write(3)
    reader = Reader()
    async with listening(desk, **{"Last-Event-ID": "1"}) as response:
        await desk.press.publish()
        await read_until(response, reader, 2)
    assert [event.last_id for event in reader.events] == ["2", "2"]


async def test_a_head_request_does_not_wait(desk: Any) -> None:
    response = await desk.client.head("/api/v1/stream")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"


async def test_the_stream_needs_the_scope_read(desk: Any) -> None:
    header = await desk.key(Scope.REALTIME)
    assert (await desk.client.get("/api/v1/stream")).status == 401
    assert (await desk.client.get("/api/v1/stream", headers=header)).status == 403
    async with listening(desk, **await desk.key(Scope.READ)):
        pass


async def test_all_listeners_are_sent_the_same_bytes_read_once(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.write(1)
    await desk.press.publish()
    reads, honest = list[tuple[int, int]](), desk.log.entries

    async def counted(start: int, stop: int) -> Any:
        reads.append((start, stop))
        return await honest(start, stop)

    monkeypatch.setattr(desk.log, "entries", counted)
    readers = [Reader() for _ in range(10)]
    async with many([listening(desk) for _ in readers]) as responses:
        for reader, response in zip(readers, responses, strict=True):
            await read_until(response, reader, 1)
        await desk.write(3)
        await desk.press.publish()
        for reader, response in zip(readers, responses, strict=True):
            await read_until(response, reader, 5)
    assert reads == [(1, 4)]
    assert all(reader.events == readers[0].events for reader in readers)


@asynccontextmanager
async def many(managers: list[Any]) -> AsyncIterator[list[Any]]:
    """Many context managers as one."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(one) for one in managers]


async def test_one_caller_has_so_many_streams_and_no_more(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "MOST_OF_ONE_CALLER", 2)
    other = await desk.key(Scope.READ)
    async with many([listening(desk, **other) for _ in range(2)]) as responses:
        refused = await desk.client.get("/api/v1/stream", headers=other)
        assert refused.status == 429
        assert int(refused.headers["Retry-After"]) >= 1
        third = await desk.key(Scope.READ)
        async with listening(desk, **third):
            pass
        # A place is free as soon as its reader hangs up, before anything is written to it.
        responses[0].close()
        async with asyncio.timeout(WAIT_S):
            while (await desk.client.get("/api/v1/stream", headers=other)).status != 200:
                await desk.clock.settle()


async def test_the_metrics_say_how_many_listen(desk: Any) -> None:
    async def told() -> str:
        text = await (await desk.client.get("/metrics")).text()
        return next(line for line in text.splitlines() if line.startswith("argo_streams "))

    assert await told() == "argo_streams 0.0"
    async with many([listening(desk) for _ in range(3)]) as responses:
        assert await told() == "argo_streams 3.0"
        responses[0].close()
        async with asyncio.timeout(WAIT_S):
            while await told() != "argo_streams 2.0":
                await desk.clock.settle()


async def test_when_every_place_is_taken_others_are_asked_to_come_back(
    desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "MOST_LISTENERS", 2)
    async with many([listening(desk) for _ in range(2)]):
        refused = await desk.client.get("/api/v1/stream")
        assert refused.status == 503
        assert refused.headers["Retry-After"] == "1"
        assert (await refused.json(content_type=None))["type"] == "/docs#problem-crowded"


async def test_a_reader_that_left_is_noticed_at_the_next_word(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="argo.stream")
    app = another_app(desk, SystemClock())
    feed = app[keys.FEED]
    with reserve(Listen(port=0)) as reserved:
        port = reserved.getsockname()[1]
        async with listening_on(app, reserved):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await reader.readuntil(HELLO)
            assert feed.listeners == 1
            writer.close()
            async with asyncio.timeout(WAIT_S):
                while feed.listeners:
                    await desk.clock.settle()
            # It counts for nobody any more, though it has not been told.
            assert len(feed._seats) == 1
            await desk.write(1)
            await desk.press.publish()
            async with asyncio.timeout(WAIT_S):
                while feed._seats:
                    await desk.clock.settle()
    assert "has left" in caplog.text


async def test_a_reader_that_takes_nothing_is_cut_and_can_go_on(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="argo.stream")
    # More than the buffers of both kernels hold.
    for _ in range(14):
        await desk.write(1_000)
    await desk.press.publish()
    listener, writer = await asyncio.open_connection("127.0.0.1", desk.client.port, limit=1_024)
    writer.write(b"GET /api/v1/stream?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await writer.drain()
    # It reads the head, and then nothing for ten seconds.
    head = await listener.readuntil(b"\r\n\r\n")
    assert b"200 OK" in head
    feed = desk.app[keys.FEED]
    async with asyncio.timeout(WAIT_S):
        while feed._seats:
            await desk.clock.advance(5)
            await asyncio.sleep(0.01)  # noqa: TID251 - lets the kernel's buffers fill
    assert "its reader took nothing for 10 s" in caplog.text
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await listener.readexactly(1 << 30)
    writer.close()
    reader = Reader()
    async with listening(desk, "?since=13990") as response:
        await read_until(response, reader, 11)


@pytest.mark.timed
async def test_streams_end_at_once_when_the_service_stops(desk: Any) -> None:
    await desk.write(2)
    await desk.press.publish()
    reader = Reader()
    async with listening(desk, "?since=0") as response:
        await read_until(response, reader, 3)
        async with asyncio.timeout(1):
            await desk.client.server.close()
            # Ended, not cut: the last chunk is there.
            assert await response.content.read() == b""


@pytest.mark.timed
async def test_a_service_that_stops_waits_for_no_reader(desk: Any) -> None:
    # One reader listens, one takes nothing; neither may keep the process for a second.
    for _ in range(14):
        await desk.write(1_000)
    await desk.press.publish()
    clock = SystemClock()
    with reserve(Listen(port=0)) as reserved:
        port = reserved.getsockname()[1]
        app = another_app(desk, clock)
        service = listening_on(app, reserved)
        await service.__aenter__()
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
        idle_writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await idle.readuntil(b"checkpoint")
        stuck, stuck_writer = await asyncio.open_connection("127.0.0.1", port, limit=1_024)
        stuck_writer.write(b"GET /api/v1/stream?since=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await stuck.readuntil(b"\r\n\r\n")
        began = clock.monotonic()
        await service.__aexit__(None, None, None)
        assert clock.monotonic() - began < 1
        assert (await idle.read()).endswith(b"\r\n0\r\n\r\n")
        for writer in (idle_writer, stuck_writer):
            writer.close()


def another_app(desk: Any, clock: SystemClock) -> web.Application:
    tally, metrics = Tally(clock), PrometheusMetrics()
    served = Served(
        desk.engine, desk.log, desk.log, clock, metrics, tally, (), publication=desk.press
    )
    return build_app(served, Keyring(desk.keys, clock), Api())


async def test_a_stream_ends_when_its_key_is_revoked(desk: Any) -> None:
    await desk.write(1)
    await desk.press.publish()
    header = await desk.key(Scope.READ)
    await desk.key(Scope.READ)
    reader = Reader()
    async with listening(desk, "?since=0", **header) as response:
        await read_until(response, reader, 2)
        number = key_id(header["Authorization"].removeprefix("Bearer "))
        assert await asyncio.to_thread(desk.keys.revoke, number, desk.clock.now())
        await desk.keyring.refresh()
        await desk.write(1)
        await desk.press.publish()
        # What is new is not sent any more.
        assert await response.content.read() == b""
    assert (await desk.client.get("/api/v1/stream", headers=header)).status == 401


async def test_a_stream_without_a_key_ends_when_the_first_is_made(desk: Any) -> None:
    reader = Reader()
    async with listening(desk) as response:
        assert await response.content.readexactly(len(HELLO)) == HELLO
        await desk.key(Scope.READ)
        await desk.write(1)
        await desk.press.publish()
        assert await response.content.read() == b""
    assert reader.events == []


async def test_a_log_that_fails_ends_the_stream_and_the_next_goes_on(desk: Any) -> None:
    await desk.write(2)
    await desk.press.publish()
    reader = Reader()
    async with listening(desk, "?since=0") as response:
        await read_until(response, reader, 3)
        await desk.write(1)
        await desk.press.publish()
        desk.log.failing = LogUnavailable("locked")
        assert await response.content.read() == b""
    desk.log.failing = None
    async with listening(desk, **{"Last-Event-ID": reader.last_id}) as response:
        await read_until(response, reader, 5)
    assert [event.last_id for event in reader.events if event.kind == "signal"] == ["0", "1", "2"]


async def test_a_log_that_does_not_answer_at_first_is_a_problem(desk: Any) -> None:
    desk.log.failing = LogUnavailable("locked")
    response = await desk.client.get("/api/v1/stream?since=0")
    assert response.status == 503


def test_frames_are_what_browsers_read(desk_free_entry: bytes) -> None:
    reader = Reader()
    reader.feed(HELLO + HEARTBEAT + entry_frame(7, desk_free_entry))
    assert reader.events == [Event("signal", desk_free_entry, "7")]
    assert reader.comments == 1
    assert re.fullmatch(rb"retry: [0-9]+\n\n", HELLO)


def test_a_checkpoint_is_read_back_to_the_byte(some_note: Any) -> None:
    reader = Reader()
    reader.feed(checkpoint_frame(some_note))
    assert reader.events == [Event("checkpoint", some_note.encode(), "")]


def long_signal(seq: int) -> bytes:
    fields = decode_entry(tiny_signal(seq, capsule=tiny_capsule(0))).fields
    return encode_entry({**fields, "reasoning": "x" * 60_000})


async def test_long_entries_are_sent_a_few_at_a_time(desk: Any) -> None:
    capsule = tiny_capsule(0)
    entries = tuple(map(long_signal, range(12)))
    await desk.log.append(Batch(0, entries, {sha256_hex(capsule): capsule}))
    await desk.press.publish()
    feed, sizes = desk.app[keys.FEED], list[int]()
    async with aclosing(feed.follow(0)) as frames:
        async for data in frames:
            sizes.append(len(data))
            if data.startswith(b"event: checkpoint"):
                break
    # Five of 60 kB pass the bound of a page; so 5, 5 and 2.
    assert [size // 60_000 for size in sizes] == [0, 5, 5, 2, 0]


async def test_pages_are_forgotten_when_there_are_many(desk: Any) -> None:
    await desk.write(128 * 20)
    await desk.press.publish()
    feed, count = desk.app[keys.FEED], 0
    async with aclosing(feed.follow(0)) as frames:
        async for data in frames:
            count += data.count(b"event: signal")
            if data.startswith(b"event: checkpoint"):
                break
    assert count == 128 * 20
    assert len(feed._pages) == 16


async def test_without_a_publication_nothing_of_the_log_is_shown(desk: Any) -> None:
    await desk.write(3)
    clock, tally, metrics = FakeClock(), Tally(FakeClock()), PrometheusMetrics()
    served = Served(desk.engine, desk.log, desk.log, clock, metrics, tally, ())
    app = build_app(served, Keyring(desk.keys, clock), Api())
    async with TestClient(TestServer(app)) as client:
        body = await (await client.get("/api/v1/signals")).json()
        assert body["signals"] == []
        assert body["log"]["size"] == 0
        for path in ("/checkpoint", "/tile/0/000.p/1", "/api/v1/entries/0", "/proof/0.tlog-proof"):
            assert (await client.get(path)).status == 404
        async with client.get("/api/v1/stream?since=0") as response:
            assert await response.content.readexactly(len(HELLO)) == HELLO
            await clock.advance(15)
            assert await response.content.readexactly(len(HEARTBEAT)) == HEARTBEAT
