"""The cache while its server is killed, stopped, slow, full, restarted or replaced.

Time for entries is a fake clock's, so that they do not age while a server is restarted.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.cache import RedisCache
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.link import TIMEOUT_S, RedisLink
from argo_core.codec.stored import StoredCodec
from argo_core.resilience.freshness import Freshness, Slot
from argo_core.testing.cache_contract import SOON, number, slot_of
from argo_core.testing.fake_clock import FakeClock

Start = Callable[..., Awaitable[PrivateServer]]
Connect = Callable[..., RedisLink]

NUMBERS = StoredCodec("number", int)
ROOM = "argo:{test}:number.1:"

# Long enough for a loaded machine, where how long it takes is not what is tested.
PATIENT_S = 0.5


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cached(connect: Connect, clock: FakeClock) -> Callable[..., RedisCache[int]]:
    """A cache as another process has it, with a link of its own."""

    def made(url: str, *, timeout_s: float = PATIENT_S, most: int = 1_000) -> RedisCache[int]:
        link = connect(url, timeout_s=timeout_s)
        return RedisCache(link, NUMBERS, clock=clock, namespace="test", most=most)

    return made


Cached = Callable[..., RedisCache[int]]


async def generation_of(cache: RedisCache[int], key: str = "A") -> int:
    return (await slot_of(cache, key)).generation


async def until_back(cache: RedisCache[int]) -> None:
    """Look until the server has answered again, as a beat does."""
    async with asyncio.timeout(20):
        while not cache._link.within_reach:
            await cache.get(["nothing"])
            await SystemClock().sleep(0.05)
    await cache.get(["nothing"])


async def until_gone(cache: RedisCache[int]) -> None:
    while cache._link.within_reach:
        await cache.get(["nothing"])


async def seconds(call: Awaitable[Any]) -> float:
    begun = time.perf_counter()
    await call
    return time.perf_counter() - begun


async def keeps_the_beat(cache: RedisCache[int], known: dict[str, int]) -> None:
    """Every operation ends in time, and what was known is still served."""
    generation = known["A"]
    took = []
    for n in range(4):
        took.append(await seconds(cache.get(["A", "B"])))
        took.append(await seconds(cache.put({"B": number(n, generation, as_of_s=n)})))
        took.append(await seconds(cache.invalidate({f"C{n}": generation})))
    # Three calls wait for the timeout, then the breaker spares all but a probe each half second.
    assert sum(each > TIMEOUT_S / 2 for each in took) <= 3 + sum(took) // 0.5
    assert min(sorted(took)[-3:]) < TIMEOUT_S + 0.02
    assert max(took) < 0.4
    found = await cache.get(["A", "B"])
    assert found["A"].entry == number(7, generation)
    assert found["B"].entry == number(3, generation, as_of_s=3)
    assert found["A"].state(SOON) is Freshness.FRESH


async def stocked(cache: RedisCache[int]) -> dict[str, int]:
    generation = await generation_of(cache)
    await cache.put({"A": number(7, generation)})
    return {"A": generation}


async def test_killed_the_server_is_missed_by_nobody(start: Start, cached: Cached) -> None:
    server = await start()
    cache = cached(server.url, timeout_s=TIMEOUT_S)
    known = await stocked(cache)
    os.kill(server.pid, signal.SIGKILL)
    await keeps_the_beat(cache, known)


async def test_stopped_the_server_is_missed_by_nobody(start: Start, cached: Cached) -> None:
    server = await start()
    cache = cached(server.url, timeout_s=TIMEOUT_S)
    known = await stocked(cache)
    os.kill(server.pid, signal.SIGSTOP)
    await keeps_the_beat(cache, known)


async def test_slow_the_server_is_missed_by_nobody(
    start: Start, cached: Cached, proxy: Any
) -> None:
    proxy.lead_to(await start())
    cache = cached(proxy.url, timeout_s=TIMEOUT_S)
    known = await stocked(cache)
    proxy.delay_s = 0.2
    await keeps_the_beat(cache, known)


async def test_full_the_server_is_read_and_memory_keeps_what_it_refuses(
    start: Start, cached: Cached
) -> None:
    server = await start()
    cache, other = cached(server.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    await cache._link.command("CONFIG", "SET", "maxmemory", "1")
    for _ in range(5):
        await cache.put({"B": number(1, generation)})
        assert (await slot_of(cache, "B")).entry == number(1, generation)
    assert (await slot_of(other, "B")).entry is None
    assert (await slot_of(other, "A")).state(SOON) is Freshness.FRESH
    # What has moved is not fresh here, whether the server takes note of it or not.
    await cache.invalidate({"A": generation})
    for _ in range(3):
        assert (await slot_of(cache, "A")).state(SOON) is Freshness.STALE_REVALIDATE
    await cache._link.command("CONFIG", "SET", "maxmemory", "0")
    await cache.get([])
    assert (await slot_of(other, "A")).state(SOON) is Freshness.STALE_REVALIDATE
    await cache.put({"A": number(8, generation + 1)})
    assert (await slot_of(other, "A")).entry == number(8, generation + 1)
    assert cache._link.within_reach


async def test_full_what_was_invalidated_is_stale_even_when_it_is_fetched_again(
    start: Start, cached: Cached
) -> None:
    cache = cached((await start()).url, most=1)
    generation = (await stocked(cache))["A"]
    await cache._link.command("CONFIG", "SET", "maxmemory", "1")
    await cache.invalidate({"A": generation})
    await cache.get(["B"])
    slot = await slot_of(cache, "A")
    assert slot.entry == number(7, generation)
    assert slot.state(SOON) is Freshness.STALE_REVALIDATE


async def test_a_full_server_that_was_never_used_leaves_memory_alone(
    start: Start, cached: Cached
) -> None:
    cache = cached((await start(maxmemory=1)).url)
    generation = await generation_of(cache)
    await cache.put({"A": number(1, generation)})
    assert (await slot_of(cache, "A")).entry == number(1, generation)
    assert cache._link.within_reach


async def test_full_what_others_changed_wins_over_what_memory_kept(
    start: Start, cached: Cached
) -> None:
    server = await start()
    cache, other = cached(server.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    await cache._link.command("CONFIG", "SET", "maxmemory", "1")
    await cache.put({"B": number(1, generation)})
    await cache._link.command("CONFIG", "SET", "maxmemory", "0")
    await other.put({"B": number(2, generation, as_of_s=1)})
    assert (await slot_of(cache, "B")).entry == number(2, generation, as_of_s=1)


async def test_the_near_copy_is_flushed_on_reconnection(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    proxy.lead_to(server)
    cache, other = cached(proxy.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    proxy.target = "/nowhere"
    proxy.drop()
    await cache.put({"A": number(8, generation, as_of_s=1), "B": number(1, generation)})
    assert (await slot_of(cache, "A")).entry == number(8, generation, as_of_s=1)
    await until_gone(cache)
    await other.put({"A": number(9, generation, as_of_s=2)})
    proxy.lead_to(server)
    await until_back(cache)
    assert (await slot_of(cache, "A")).entry == number(9, generation, as_of_s=2)
    # Nobody else knows it, so it may contradict what others did meanwhile.
    assert (await slot_of(cache, "B")).entry is None


async def test_a_lost_connection_flushes_the_near_copy_without_anybody_failing(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    proxy.lead_to(server)
    cache = cached(proxy.url)
    generation = (await stocked(cache))["A"]
    assert (await slot_of(cache, "A")).entry == number(7, generation)
    # A server that comes back from an older copy of its file knows less, under the same name.
    await cache._link.command("DEL", f"{ROOM}b:A", f"{ROOM}s:A")
    proxy.drop()
    await SystemClock().sleep(0.05)
    await cache.get(["A"])
    assert (await slot_of(cache, "A")).entry is None


async def test_what_was_invalidated_meanwhile_is_told_on_reconnection(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    proxy.lead_to(server)
    cache, other = cached(proxy.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    proxy.target = "/nowhere"
    proxy.drop()
    await cache.invalidate({"A": generation, "unseen": generation})
    assert (await slot_of(cache, "A")).state(SOON) is Freshness.STALE_REVALIDATE
    await until_gone(cache)
    proxy.lead_to(server)
    await until_back(cache)
    for each in (cache, other):
        found = await each.get(["A", "unseen"])
        assert {slot.generation for slot in found.values()} == {generation + 1}
        assert found["A"].state(SOON) is Freshness.STALE_REVALIDATE


async def test_a_flight_between_two_moves_while_away_does_not_land_afterwards(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    proxy.lead_to(server)
    cache, other = cached(proxy.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    proxy.target = "/nowhere"
    proxy.drop()
    await cache.invalidate({"A": generation})
    flight = number(1, await generation_of(cache), as_of_s=1)
    await cache.invalidate({"A": generation + 1})
    await until_gone(cache)
    proxy.lead_to(server)
    await until_back(cache)
    await cache.put({"A": flight})
    for each in (cache, other):
        slot = await slot_of(each, "A")
        assert slot.generation == generation + 2
        assert slot.entry == number(7, generation)
        assert slot.state(SOON) is Freshness.STALE_REVALIDATE


async def test_memory_never_outlives_the_server(
    start: Start, cached: Cached, clock: FakeClock
) -> None:
    server = await start()
    cache, other = cached(server.url), cached(server.url)
    generation = (await stocked(cache))["A"]
    # As if most of its time were over when the other process comes to see it.
    await cache._link.command("PEXPIRE", f"{ROOM}b:A", 60_000)
    assert (await slot_of(other, "A")).entry == number(7, generation)
    await clock.advance(59)
    await cache._link.command("DEL", f"{ROOM}b:A")
    assert (await slot_of(other, "A")).entry == number(7, generation)
    await clock.advance(2)
    assert (await slot_of(other, "A")).entry is None


async def test_what_is_served_is_never_older_than_its_last_use(
    start: Start, cached: Cached, clock: FakeClock
) -> None:
    server = await start()
    cache = cached(server.url)
    generation = (await stocked(cache))["A"]
    await clock.advance(299)
    assert (await slot_of(cache, "A")).state(clock.now()) is Freshness.STALE_IF_ERROR
    os.kill(server.pid, signal.SIGKILL)
    assert (await slot_of(cache, "A")).state(clock.now()) is Freshness.STALE_IF_ERROR
    await clock.advance(1)
    assert (await slot_of(cache, "A")).state(clock.now()) is Freshness.MISS
    # What is over already is not worth storing.
    await cache.put({"B": number(1, generation)})
    assert (await slot_of(cache, "B")).state(clock.now()) is Freshness.MISS


async def test_what_is_over_is_not_sent_to_the_server(
    start: Start, cached: Cached, clock: FakeClock
) -> None:
    cache = cached((await start()).url)
    generation = await generation_of(cache)
    await clock.advance(300)
    for _ in range(5):
        await cache.put({"A": number(1, generation)})
    assert (await slot_of(cache, "A")).entry is None
    assert cache._link.within_reach


async def restarted(start: Start, proxy: Any, old: PrivateServer, **options: Any) -> PrivateServer:
    """The same address, answered by a new process."""
    # Asked to end, it writes down all it was told; killed, it may lose the last second.
    os.kill(old.pid, signal.SIGTERM)
    await gone(old)
    server = await start(**options)
    proxy.lead_to(server)
    return server


async def gone(server: PrivateServer) -> None:
    """Its socket is the last that it tidies up."""
    socket = Path(server.url.removeprefix("unix://"))
    async with asyncio.timeout(20):
        while await asyncio.to_thread(socket.exists):
            await SystemClock().sleep(0.02)


async def test_restarted_empty_nothing_of_before_is_served_or_taken(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    proxy.lead_to(server)
    cache = cached(proxy.url)
    flight = number(8, (await stocked(cache))["A"], as_of_s=1)
    await cache.invalidate({"A": flight.generation})
    await restarted(start, proxy, server)
    await until_back(cache)
    assert (await slot_of(cache, "A")).entry is None
    # The slot was invalidated, and the server no longer knows.
    await cache.put({"A": flight})
    slot = await slot_of(cache, "A")
    assert slot.entry is None
    assert slot.generation > flight.generation + 1
    await cache.put({"A": number(9, slot.generation)})
    assert (await slot_of(cached(proxy.url), "A")).entry == number(9, slot.generation)


async def test_restarted_warm_a_new_process_starts_warm(
    start: Start, cached: Cached, proxy: Any, tmp_path: Path
) -> None:
    server = await start(folder=tmp_path)
    proxy.lead_to(server)
    cache = cached(proxy.url)
    generation = (await stocked(cache))["A"]
    await cache.invalidate({"moved": generation})
    await restarted(start, proxy, server, folder=tmp_path)
    await until_back(cache)
    for each in (cache, cached(proxy.url)):
        found = await each.get(["A", "moved"])
        assert found["A"].entry == number(7, generation)
        assert found["A"].state(SOON) is Freshness.FRESH
        assert found["moved"].generation == generation + 1


async def test_failing_over_to_an_empty_server_nothing_of_before_is_served_or_taken(
    start: Start, cached: Cached, proxy: Any
) -> None:
    first, second = await start(), await start()
    proxy.lead_to(first)
    cache = cached(proxy.url)
    generation = (await stocked(cache))["A"]
    assert (await slot_of(cached(second.url), "A")).entry is None
    proxy.lead_to(second)
    proxy.drop()
    await SystemClock().sleep(0.05)
    await cache.get(["A"])
    assert (await slot_of(cache, "A")).entry is None
    await cache.put({"A": number(8, generation, as_of_s=1)})
    for each in (cache, cached(second.url)):
        assert (await slot_of(each, "A")).entry is None


async def test_a_server_that_forgot_everything_is_noticed_over_the_same_connection(
    start: Start, cached: Cached
) -> None:
    cache = cached((await start()).url)
    generation = (await stocked(cache))["A"]
    await cache.put({"A": number(8, generation)})
    assert (await slot_of(cache, "A")).entry == number(8, generation)
    await cache._link.command("FLUSHALL")
    slot = await slot_of(cache, "A")
    assert slot.entry is None
    assert slot.generation > generation


async def test_bytes_that_nobody_can_read_are_absent_counted_and_dropped(
    start: Start, cached: Cached
) -> None:
    server = await start()
    cache = cached(server.url)
    generation = (await stocked(cache))["A"]
    later = StoredCodec("number", int).encode(number(9, generation)).replace(b"/1/", b"/2/")
    for count, body in enumerate((b"\x80\x04pickle", b"", later, later[:-1]), start=1):
        await cache._link.command("SET", f"{ROOM}b:A", body)
        await cache._link.command("HSET", f"{ROOM}s:A", "a", 2**52)
        reader = cached(server.url)
        assert await slot_of(reader, "A") == Slot(None, generation)
        assert reader.garbled == 1
        assert await cache._link.command("EXISTS", f"{ROOM}b:A") == 0
        entry = number(count, generation, as_of_s=count)
        await reader.put({"A": entry})
        assert (await slot_of(reader, "A")).entry == entry


async def test_what_is_near_is_bounded(start: Start, cached: Cached) -> None:
    cache = cached((await start()).url, most=10)
    generation = await generation_of(cache)
    entries = {f"key {n}": number(n, generation) for n in range(300)}
    await cache.put(entries)
    found = await cache.get(list(entries))
    assert {key: slot.entry for key, slot in found.items()} == entries
    await cache.invalidate(dict.fromkeys(entries, generation))
    assert len(cache._near) <= 10


async def test_everything_on_the_server_ends_by_itself(start: Start, cached: Cached) -> None:
    cache = cached((await start()).url)
    generation = (await stocked(cache))["A"]
    # The slot outlives its answer: an older one must not be taken for new meanwhile.
    assert await cache._link.command("PTTL", f"{ROOM}s:A") > 86_000_000
    await cache.invalidate({"A": generation})
    keys = await cache._link.command("KEYS", "*")
    left_ms = {key.decode(): await cache._link.command("PTTL", key) for key in keys}
    assert left_ms.keys() == {ROOM + part for part in ("clock", "changes", "s:A", "b:A")}
    assert 0 < left_ms[f"{ROOM}b:A"] <= 300_000
    assert left_ms[f"{ROOM}b:A"] < left_ms[f"{ROOM}s:A"] <= 86_400_000
    assert all(0 < ms <= 7 * 86_400_000 for ms in left_ms.values())


async def test_who_missed_too_many_changes_starts_anew(start: Start, cached: Cached) -> None:
    server = await start()
    cache, other = cached(server.url), cached(server.url, most=5_000)
    generation = await generation_of(cache)
    entries = {f"key {n}": number(n, generation) for n in range(1_500)}
    await cache.put(entries)
    await other.get(list(entries))
    newer = {key: number(-1, generation, as_of_s=1) for key in entries}
    await cache.put(newer)
    found = await other.get(list(entries))
    assert {key: slot.entry for key, slot in found.items()} == newer


async def test_a_look_at_what_is_near_is_one_short_call(
    start: Start, cached: Cached, proxy: Any
) -> None:
    server = await start()
    cache, other = cached(server.url, most=5_000), cached(server.url, most=5_000)
    generation = await generation_of(cache)
    entries = {f"key {n}": number(n, generation) for n in range(2_000)}
    await cache.put(entries)
    await other.get(list(entries))
    for each in (cache, other):
        before = await each._link.command("INFO", "stats")
        await each.get(list(entries))
        after = await each._link.command("INFO", "stats")
        sent = after["total_net_input_bytes"] - before["total_net_input_bytes"]
        got = after["total_net_output_bytes"] - before["total_net_output_bytes"]
        assert sent < 2_000
        assert got - len(str(before)) < 2_000
