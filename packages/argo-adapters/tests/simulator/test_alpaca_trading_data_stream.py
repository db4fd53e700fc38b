"""The simulated stream of market data: conversation, errors, and what the tape brings."""

import asyncio
import json

import pytest

from argo_adapters.simulator.alpaca.trading import data_stream
from argo_adapters.simulator.simulation import KEY

AUTH = {"action": "auth", "key": KEY, "secret": KEY}
HEADERS = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": KEY}
EVERYTHING = {
    "action": "subscribe",
    "trades": ["AAA"],
    "quotes": ["AAA"],
    "bars": ["*"],
    "statuses": ["*"],
}


async def said(socket):
    return json.loads(await socket.receive_str(timeout=5))


async def exchanged(socket, words):
    await socket.send_json(words)
    return await said(socket)


async def refusal(socket, words):
    [row] = await exchanged(socket, words)
    assert row["T"] == "error"
    return row["code"], row["msg"]


@pytest.fixture
async def fresh(desk):
    async with desk.connected("/v2/iex") as socket:
        assert await said(socket) == [{"T": "success", "msg": "connected"}]
        yield socket


@pytest.fixture
async def feed(fresh):
    assert await exchanged(fresh, AUTH) == [{"T": "success", "msg": "authenticated"}]
    return fresh


async def test_keys_may_come_with_the_handshake(desk):
    async with desk.connected("/v2/iex", HEADERS) as socket:
        assert [(await said(socket))[0]["msg"] for _ in range(2)] == ["connected", "authenticated"]


async def test_a_subscription_is_confirmed_as_a_whole(feed):
    [row] = await exchanged(feed, EVERYTHING)
    assert row == {
        "T": "subscription",
        "trades": ["AAA"],
        "quotes": ["AAA"],
        "bars": ["*"],
        "updatedBars": [],
        "dailyBars": [],
        "statuses": ["*"],
        "lulds": [],
        "corrections": ["AAA"],
        "cancelErrors": ["AAA"],
    }
    [row] = await exchanged(feed, {"action": "subscribe", "trades": ["BRK.B"]})
    assert row["trades"] == ["AAA", "BRK.B"]
    [row] = await exchanged(feed, {"action": "unsubscribe", "trades": ["AAA"]})
    assert (row["trades"], row["quotes"]) == (["BRK.B"], ["AAA"])


async def test_errors_before_keys_are_shown(fresh):
    assert await refusal(fresh, EVERYTHING) == (401, "not authenticated")
    assert await refusal(fresh, {"action": "dance"}) == (400, "invalid syntax")
    assert await refusal(fresh, AUTH | {"secret": "wrong"}) == (402, "auth failed")
    assert await refusal(fresh, {"action": "auth"}) == (402, "auth failed")


async def test_errors_after_keys_are_shown(feed):
    assert await refusal(feed, AUTH) == (403, "already authenticated")
    many = [f"S{number}" for number in range(31)]
    too_many = {"action": "subscribe", "trades": many[:20], "quotes": many[20:]}
    assert await refusal(feed, too_many) == (405, "symbol limit exceeded")
    every = {"action": "subscribe", "quotes": ["*"]}
    assert await refusal(feed, every) == (405, "symbol limit exceeded")
    for nonsense in ({"quotes": "AAA"}, {"quotes": [1]}, {"prices": ["AAA"]}):
        words = {"action": "subscribe"} | nonsense
        assert await refusal(feed, words) == (400, "invalid syntax")
    assert await refusal(feed, {"action": "unsubscribe", "quotes": 1}) == (400, "invalid syntax")
    await feed.send_str("no json")
    assert (await said(feed))[0]["code"] == 400


async def test_a_second_connection_is_refused_and_a_later_one_is_not(desk, feed):
    async with desk.connected("/v2/iex") as second:
        await said(second)
        assert await refusal(second, AUTH) == (406, "connection limit exceeded")
        assert (await second.receive()).type.name in {"CLOSE", "CLOSING", "CLOSED"}
    desk.control.kill_streams()
    async with desk.connected("/v2/iex") as third:
        await said(third)
        assert (await exchanged(third, AUTH))[0]["msg"] == "authenticated"


async def test_whoever_shows_no_keys_is_sent_away(desk, monkeypatch):
    monkeypatch.setattr(data_stream, "PATIENCE_S", 0.05)
    async with desk.connected("/v2/iex") as socket:
        await said(socket)
        [row] = await said(socket)
    assert (row["code"], row["msg"]) == (404, "auth timeout")


async def test_the_tapes_events_come_as_time_passes(desk, feed, clock):
    desk.control.unquote("AAA")
    await exchanged(feed, EVERYTHING)
    rows = []
    for _ in range(30):
        await clock.advance(5)
        rows += await said(feed)
    kinds = [row["T"] for row in rows if row["S"] == "AAA"]
    assert kinds.count("q") == 30
    assert kinds.count("t") > 10
    minutes = [row for row in rows if row["T"] == "b" and row["S"] == "AAA"]
    assert [row["t"] for row in minutes] == ["2024-11-25T15:10:00Z", "2024-11-25T15:11:00Z"]
    stamps = [row["t"] for row in rows if row["T"] == "t"]
    assert stamps == sorted(set(stamps))
    query = {"symbols": "AAA", "timeframe": "1Min", "feed": "iex", "start": "2024-11-25T15:10:00Z"}
    bars = (await desk.get("/v2/stocks/bars", **query))["bars"]["AAA"]
    assert [{"T": "b", "S": "AAA"} | bar for bar in bars] == minutes


async def test_only_what_was_wished_for_is_told(desk, feed, clock):
    await exchanged(feed, {"action": "subscribe", "bars": ["BRK.B"]})
    await clock.advance(180)
    rows = await said(feed)
    assert {(row["T"], row["S"]) for row in rows} == {("b", "BRK.B")}


async def test_a_client_that_was_away_is_told_the_newest_only(desk, feed, clock):
    await exchanged(feed, {"action": "subscribe", "quotes": ["AAA"]})
    # Nobody of the simulator's gets a turn in between.
    desk.control.quote("AAA", "1", "2")
    desk.control.quote("AAA", "3", "4")
    [row] = await said(feed)
    assert (row["T"], row["bp"], row["ap"]) == ("q", 3, 4)


async def test_halts_are_told(desk, feed):
    await exchanged(feed, EVERYTHING)
    desk.control.halt("AAA")
    desk.control.resume("AAA")
    rows = []
    while len(rows) < 2:
        rows += [row for row in await said(feed) if row["T"] == "s"]
    assert [(row["S"], row["sc"]) for row in rows] == [("AAA", "H"), ("AAA", "T")]
    assert rows[0]["rc"] == "T1"


async def test_the_simulator_says_how_many_listen(desk, feed):
    counts = (await desk.ask("GET", "/../")).json()["trading"]
    assert (counts["data_connections"], counts["listeners"], counts["orders"]) == (1, 0, 0)


async def test_a_client_that_leaves_makes_room(desk):
    for _ in range(3):
        async with desk.connected("/v2/iex") as socket:
            await said(socket)
            assert (await exchanged(socket, AUTH))[0]["msg"] == "authenticated"
        async with asyncio.timeout(5):
            while (await desk.ask("GET", "/../")).json()["trading"]["data_connections"]:
                pass
