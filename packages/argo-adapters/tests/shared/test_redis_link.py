"""Whatever the server does, a call ends within its timeout and says what was the matter."""

import asyncio
import os
import signal
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.link import MOST_CONNECTIONS, RedisLink, SharedFull
from argo_adapters.redis.script import SERVER_NOW, Script
from argo_core.errors import InvalidInput, SharedAway
from argo_core.events import SharedStateChanged
from argo_core.testing.fake_observer import FakeObserver

Start = Callable[..., Awaitable[PrivateServer]]
Connect = Callable[..., RedisLink]

ECHO = Script("return ARGV[1]")
SLOW_S = 0.2


async def took(call: Awaitable[Any]) -> float:
    """Seconds until the call said that the server is away."""
    begun = time.perf_counter()
    with pytest.raises(SharedAway):
        await call
    return time.perf_counter() - begun


async def is_never_long(calls: Callable[[], Awaitable[Any]], count: int = 6) -> None:
    """The quickest shows the rule; a loaded machine may be late with the others, but never long."""
    times = [await took(calls()) for _ in range(count)]
    assert min(times[:3]) < 0.07
    assert max(times) < SLOW_S * 2


async def until_back(link: RedisLink) -> None:
    """Ask until the breaker has let a probe through that went well."""
    async with asyncio.timeout(20):
        while True:
            try:
                await link.command("PING")
            except SharedAway:
                await SystemClock().sleep(0.05)
            else:
                return


async def test_commands_and_scripts_are_answered(link: RedisLink, namespace: str) -> None:
    assert await link.command("SET", namespace, b"\x00\xff")
    assert await link.command("GET", namespace) == b"\x00\xff"
    assert await link.run(ECHO, [], ["said"]) == b"said"
    now_s = await link.run(Script(SERVER_NOW + "return now"), [], []) / 1e6
    assert abs(now_s - time.time()) < 60  # noqa: TID251 - the server is on this machine


async def test_a_script_is_sent_again_to_a_server_that_forgot_it(link: RedisLink) -> None:
    await link.run(ECHO, [], ["a"])
    await link.command("SCRIPT", "FLUSH")
    assert await link.run(ECHO, [], ["b"]) == b"b"


async def test_a_killed_server_is_away_and_comes_back(
    start: Start, connect: Connect, observer: FakeObserver
) -> None:
    server = await start()
    link = connect(server.url)
    await link.command("PING")
    os.kill(server.pid, signal.SIGKILL)
    await is_never_long(lambda: link.command("PING"))
    assert not link.within_reach
    (gone,) = observer.of(SharedStateChanged)
    assert not gone.within_reach
    assert "ConnectionError" in gone.problem


async def test_a_stopped_server_delays_nobody_and_is_noticed_when_it_goes_on(
    start: Start, connect: Connect, observer: FakeObserver
) -> None:
    server = await start()
    link = connect(server.url)
    await link.command("PING")
    os.kill(server.pid, signal.SIGSTOP)
    await is_never_long(lambda: link.run(ECHO, [], [""]))
    # No connection was made yet: connecting is no longer than asking.
    await is_never_long(lambda: connect(server.url).command("PING"), count=3)
    os.kill(server.pid, signal.SIGCONT)
    await until_back(link)
    assert link.within_reach
    changes = observer.of(SharedStateChanged)
    assert [one.within_reach for one in changes] == [False, True]
    assert changes[0].problem == "no answer within 50 ms"


async def test_a_slow_server_delays_nobody(
    server: PrivateServer, proxy: Any, connect: Connect
) -> None:
    proxy.lead_to(server)
    link = connect(proxy.url)
    await link.command("PING")
    proxy.delay_s = SLOW_S
    await is_never_long(lambda: link.command("PING"))
    proxy.delay_s = 0
    await until_back(link)
    # The late replies went to connections that are gone, and not to whoever asks now.
    assert [await link.run(ECHO, [], [n]) for n in range(5)] == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_full_server_refuses_and_stays_within_reach(
    start: Start, connect: Connect, observer: FakeObserver
) -> None:
    link = connect((await start(maxmemory=2_000_000)).url, timeout_s=5.0)

    async def fill() -> None:
        for n in range(1_000):
            await link.command("SET", f"key {n}", b"x" * 10_000)

    for _ in range(10):
        with pytest.raises(SharedFull):
            await fill()
    assert link.within_reach
    assert await link.command("GET", "key 0") == b"x" * 10_000
    assert observer.of(SharedStateChanged) == []


async def test_while_away_of_a_hundred_callers_one_at_most_is_kept_waiting(
    start: Start, connect: Connect
) -> None:
    server = await start()
    link = connect(server.url)
    os.kill(server.pid, signal.SIGSTOP)
    for _ in range(3):
        await took(link.command("PING"))
    await SystemClock().sleep(0.6)
    times = await asyncio.gather(*(took(link.command("PING")) for _ in range(100)))
    assert sum(seconds > 0.045 for seconds in times) <= 1


async def test_connections_are_few_however_many_ask(
    server: PrivateServer, proxy: Any, connect: Connect
) -> None:
    proxy.lead_to(server)
    link = connect(proxy.url, timeout_s=5.0)
    await asyncio.gather(*(link.run(ECHO, [], [n]) for n in range(200)))
    assert proxy.accepted <= MOST_CONNECTIONS


async def test_the_epoch_moves_on_when_a_lost_connection_is_made_anew(
    server: PrivateServer, proxy: Any, connect: Connect
) -> None:
    proxy.lead_to(server)
    link = connect(proxy.url, timeout_s=5.0)
    await asyncio.gather(*(link.command("PING") for _ in range(20)))
    assert link.epoch == 0
    proxy.drop()
    await until_back(link)
    assert link.epoch > 0
    assert link.within_reach


async def test_a_reply_that_came_while_this_process_was_busy_still_counts(
    server: PrivateServer, connect: Connect
) -> None:
    link = connect(server.url)
    await link.command("PING")
    for n in range(8):
        asking = asyncio.create_task(link.run(ECHO, [], [n]))
        await asyncio.sleep(0)  # noqa: TID251 - lets the request be sent, waits for nothing
        await asyncio.sleep(0)  # noqa: TID251 - as above
        until = time.perf_counter() + 0.1
        while time.perf_counter() < until:
            pass
        assert await asking == str(n).encode()
    # Found by fifty calls at once: being slow oneself tripped the breaker.
    assert link.within_reach


async def test_a_caller_that_gives_up_leaves_the_link_as_it_was(
    server: PrivateServer, proxy: Any, connect: Connect
) -> None:
    proxy.lead_to(server)
    link = connect(proxy.url)
    await link.command("PING")
    proxy.delay_s = 0.03
    for _ in range(30):
        asking = asyncio.create_task(link.run(ECHO, [], ["given up"]))
        await SystemClock().sleep(0.002)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    proxy.delay_s = 0
    assert link.within_reach
    assert await link.run(ECHO, [], ["wanted"]) == b"wanted"


async def test_an_error_of_the_servers_is_translated_with_its_cause(link: RedisLink) -> None:
    with pytest.raises(SharedAway, match="ResponseError") as caught:
        await link.command("NONSENSE")
    assert type(caught.value.__cause__).__name__ == "ResponseError"


async def test_a_server_that_only_follows_is_away(start: Start, connect: Connect) -> None:
    link = connect((await start()).url, timeout_s=5.0)
    await link.command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(SharedAway, match="ReadOnlyError"):
        await link.command("SET", "a", "b")
    await link.command("REPLICAOF", "NO", "ONE")
    await link.command("SET", "a", "b")
    # Another server may have had the lead meanwhile.
    assert link.epoch > 0


SECRET = "pass/word s3cret"
SPELLINGS = ("s3cret", "pass%2Fword", "pass/word")


@pytest.mark.parametrize(
    "address",
    [
        "redis://:pass%2Fword%20s3cret@127.0.0.1:1/0",
        "unix:///nowhere/argo.sock?password=pass%2Fword%20s3cret",
    ],
)
async def test_the_password_is_in_no_error_event_or_repr(
    connect: Connect, observer: FakeObserver, address: str
) -> None:
    link = connect(address)
    told = [repr(link), str(vars(link)["_redactor"])]
    for _ in range(4):
        with pytest.raises(SharedAway) as caught:
            await link.command("PING")
        told += ["".join(traceback.format_exception(caught.value)), repr(caught.value)]
    told += map(repr, observer.events)
    assert len(told) > 9
    assert not [text for text in told for spelling in SPELLINGS if spelling in text]


@pytest.mark.parametrize(
    "address",
    [
        "http://user:s3cret@host",
        "redis://:pass/word-s3cret@host:1",
        "redis://:x@host:s3cret",
        "redis://[s3cret",
        "s3cret",
        "redis://host/0?socket_timeout=s3cret",
    ],
)
async def test_what_is_no_address_is_refused_and_not_quoted(connect: Connect, address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        connect(address)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
