"""Events from their commit to every one of some thousand listeners."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import median

from attrs import field, frozen
from benchmarks._bare import bare
from benchmarks._child import Child, child
from benchmarks._listening import Listen, listen
from benchmarks._machine import cpu_s, quantile, spread
from benchmarks._people import Subscriber
from benchmarks._service import Alpine

from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.feed.canonical import encode
from alpine_service.domain.signals.event import Audience, EventKind, NewEvent
from alpine_service.testing.deliveries import tell_events
from alpine_service.testing.members import signal_members

# Beyond any log of the benchmark, because one entry tells one thing once.
FIRST_INDEX = 10**9
PROCESSES = 2
_WORTH_ANOTHER = 100
_PATIENCE_S = 10.0
_CONNECTING_S = 120.0
_LOG_S = 10.0


@frozen
class StreamSize:
    """So many listeners; so many commits of so many events, one every so many seconds."""

    clients: int
    broadcasts: int
    events: int = 4
    every_s: float = 0.4


@frozen
class _Times:
    """For each broadcast, how late each listener had its last event, in ms."""

    late_ms: list[list[float]] = field(repr=False)

    def figures(self, name: str) -> dict[str, object]:
        every = [one for each in self.late_ms for one in each]
        own = [quantile(each, 99) for each in self.late_ms]
        return {
            f"{name}p50_ms": round(median(every), 1),
            f"{name}p99_ms": round(quantile(every, 99), 1),
            f"{name}broadcast_p99_ms": {
                "median": round(median(own), 1),
                "spread": spread(own),
            },
        }


async def streamed(
    alpine: Alpine, database: Database, people: Sequence[Subscriber], size: StreamSize
) -> dict[str, object]:
    """`p..` is from the start of a broadcast, `commit_p..` from when its commit was sent.

    The start of a broadcast is what the service's own log says of it. `bare_p..` is bare aiohttp
    with the same listeners, bytes and pace.
    """
    host, port = alpine.address
    keys = tuple(each.key for each in people)
    last = int(await database.fetchval("SELECT number FROM stream_head"))
    async with AsyncExitStack() as stack:
        began = time.perf_counter()
        ears = await _ears(stack, host, port, keys, size.clients, last)
        connected_s = time.perf_counter() - began
        busy, committed = cpu_s(alpine.pid), {}
        for number in range(size.broadcasts):
            await asyncio.sleep(size.every_s)
            told = events(FIRST_INDEX + last + number * size.events, size.events)
            # Before the commit is sent, so that all of it is counted.
            sent_ns = time.monotonic_ns()
            committed[(await tell_events(database, told))[-1]] = sent_ns
        heard = await _heard(ears, set(committed), size)
        busy = cpu_s(alpine.pid) - busy
    begun = await _broadcasts(alpine, set(committed))
    writes = size.broadcasts * size.clients
    return {
        "clients": size.clients,
        **_late(heard, begun).figures(""),
        **_late(heard, committed).figures("commit_"),
        **(await _bare_figures(size)),
        "cpu_us_per_client": round(1e6 * busy / writes, 1),
        "connected_s": round(connected_s, 2),
    }


async def _ears(  # noqa: PLR0917 - all of it is needed to connect
    stack: AsyncExitStack, host: str, port: int, keys: tuple[str, ...], clients: int, since: int
) -> list[Child]:
    ears: list[Child] = []
    processes = PROCESSES if clients >= _WORTH_ANOTHER else 1
    for number in range(processes):
        ear = await stack.enter_async_context(child(listen))
        mine = clients // processes + (number < clients % processes)
        # Keys of its own, so that no account has more streams than its plan lets it.
        ear.tell(Listen(host, port, keys[number::processes] or keys, mine, since))
        ears.append(ear)
    for ear in ears:
        async with asyncio.timeout(_CONNECTING_S):
            await ear.answer()
    return ears


def events(first: int, count: int) -> list[NewEvent]:
    """What a batch of signals tells, with as many bytes as signals have."""
    at_us = time.time_ns() // 1_000
    return [
        NewEvent(
            EventKind.SIGNAL_PUBLISHED,
            Audience.EVERYBODY,
            index,
            "alpha",
            encode(signal_members(f"signal-{index}")),
            at_us,
            "AAPL",
            f"signal-{index}",
        )
        for index in range(first, first + count)
    ]


async def _heard(
    ears: Sequence[Child], numbers: set[int], size: StreamSize
) -> dict[int, list[int]]:
    """When each listener had the last event of each broadcast; all must have all."""
    heard: dict[int, list[int]] = {number: [] for number in numbers}
    until = time.monotonic() + _PATIENCE_S
    while True:
        for ear in ears:
            found, at_ns, problems = await ear.ask("heard")
            assert not problems, problems[:3]
            for number, at in zip(found, at_ns, strict=True):
                if number in heard:
                    heard[number].append(at)
        if all(len(each) == size.clients for each in heard.values()):
            return heard
        assert time.monotonic() < until, "somebody did not hear everything"
        await asyncio.sleep(0.2)


async def _broadcasts(alpine: Alpine, numbers: set[int]) -> dict[int, int]:
    """When the service began to tell each, in monotonic nanoseconds.

    A service that is late tells several commits at once, and its log may come after its listeners.
    """
    offset_ns = time.time_ns() - time.monotonic_ns()
    until = time.monotonic() + _LOG_S
    while True:
        told = alpine.told("stream.told")
        upto = [int(str(each["upto"])) for each in told]
        if upto and upto[-1] >= max(numbers):
            break
        assert time.monotonic() < until, "the service's log does not tell of the last broadcast"
        await asyncio.sleep(0.05)
    at_ns = [round(float(str(each["at_s"])) * 1e9) - offset_ns for each in told]
    return {each: at_ns[bisect_left(upto, each)] for each in numbers}


def _late(heard: dict[int, list[int]], since_ns: dict[int, int]) -> _Times:
    return _Times([[(at - since_ns[number]) / 1e6 for at in heard[number]] for number in heard])


async def _bare_figures(size: StreamSize) -> dict[str, object]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(child(bare))
        port = await server.answer()
        ears = await _ears(stack, "127.0.0.1", port, ("nobody",), size.clients, 0)
        begun: dict[int, int] = {}
        for turn in range(size.broadcasts):
            await asyncio.sleep(size.every_s)
            first = turn * size.events + 1
            wire = b"".join(
                b"id: %d\nevent: signal.published\ndata: %s\n\n" % (first + place, event.data)
                for place, event in enumerate(events(FIRST_INDEX + first, size.events))
            )
            begun[first + size.events - 1] = await server.ask(("tell", wire))
        heard = await _heard(ears, set(begun), size)
    return _late(heard, begun).figures("bare_")
