"""Clock, calendar, assets and daily bars of the simulated Alpaca."""

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.simulator.alpaca.trading.hours import CLOSES, OPENS, Hours
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import DAY, nanoseconds
from argo_core.testing.fake_clock import FakeClock

EVENING = datetime(2024, 11, 25, 22, tzinfo=UTC)


async def test_the_clock_speaks_new_yorks_time(desk):
    assert await desk.get("/v2/clock") == {
        "timestamp": "2024-11-25T10:10:12-05:00",
        "is_open": True,
        "next_open": "2024-11-26T09:30:00-05:00",
        "next_close": "2024-11-25T16:00:00-05:00",
    }


async def test_the_clock_knows_the_evening(opened):
    async with opened(clock=FakeClock(EVENING)) as caller:
        row = (await caller.get("alpaca", "/v2/clock")).json()
    assert (row["is_open"], row["next_open"]) == (False, "2024-11-26T09:30:00-05:00")


def test_a_tape_of_pairs_alone_has_an_exchange_that_opens_no_more(tape):
    pairs = tuple(one for one in tape.instruments if "/" in one.symbol)
    bars = {one.symbol: tape.bars[one.symbol] for one in pairs}
    hours = Hours(Market(evolve(tape, instruments=pairs, bars=bars, sessions=())))
    now = nanoseconds(EVENING)
    assert not hours.extended(now)
    assert hours.next_open(now) == hours.next_close(now) == now + 365 * DAY


async def test_the_calendar_writes_times_in_two_ways(desk):
    rows = await desk.get("/v2/calendar", start="2024-11-22", end="2024-11-26")
    assert [row["date"] for row in rows] == ["2024-11-22", "2024-11-25", "2024-11-26"]
    assert rows[0] == {
        "date": "2024-11-22",
        "open": "09:30",
        "close": "16:00",
        "session_open": "0400",
        "session_close": "2000",
        "settlement_date": "2024-11-25",
    }


@pytest.fixture
def hours(tape):
    return Hours(Market(tape), load_session_table().sessions)


def test_days_without_a_tape_come_from_the_list(hours):
    days = {day.open // 86_400_000_000_000 for day in hours.days}
    thanksgiving = datetime(2024, 11, 28, 15, tzinfo=UTC)
    assert nanoseconds(thanksgiving) // 86_400_000_000_000 not in days
    assert hours.regular(nanoseconds(thanksgiving + timedelta(days=1)))
    assert not hours.regular(nanoseconds(thanksgiving + timedelta(days=1, hours=4)))
    assert list(hours.days) == sorted(hours.days, key=lambda day: day.open)


def test_without_a_list_weekdays_are_sessions(tape):
    hours = Hours(Market(tape))
    saturday = datetime(2024, 11, 30, 15, tzinfo=UTC)
    assert hours.regular(nanoseconds(saturday - timedelta(days=1)))
    assert not hours.extended(nanoseconds(saturday))


def test_edges_come_in_order_and_once(hours, tape):
    start, end = tape.sessions[0].pre, tape.sessions[1].post
    whole = list(hours.edges(nanoseconds(start), nanoseconds(end)))
    assert [what for _, what in whole] == [OPENS, CLOSES] * 2
    parts, at = [], start
    while at < end:
        following = min(at + timedelta(minutes=30), end)
        parts += hours.edges(nanoseconds(at), nanoseconds(following))
        at = following
    assert parts == whole


async def test_assets_are_the_tapes_stocks(desk):
    rows = await desk.get("/v2/assets", status="active", asset_class="us_equity")
    assert [(row["symbol"], row["tradable"]) for row in rows] == [("AAA", True), ("BRK.B", True)]
    assert await desk.get("/v2/assets/AAA") == rows[0]
    assert await desk.get(f"/v2/assets/{rows[1]['id']}") == rows[1]
    assert await desk.get("/v2/assets", status="inactive") == []
    assert await desk.get("/v2/assets", asset_class="crypto") == []


async def test_daily_bars_are_the_days_of_the_tape(desk):
    query = {"symbols": "AAA", "feed": "iex", "start": "2024-11-22T00:00:00Z"}
    days = (await desk.get("/v2/stocks/bars", timeframe="1Day", **query))["bars"]["AAA"]
    minutes = (await desk.get("/v2/stocks/bars", timeframe="1Min", **query))["bars"]["AAA"]
    assert [day["t"] for day in days] == ["2024-11-22T05:00:00Z", "2024-11-25T05:00:00Z"]
    friday = [one for one in minutes if one["t"] < "2024-11-23"]
    assert days[0]["v"] == sum(one["v"] for one in friday)
    assert days[0]["h"] == max(one["h"] for one in friday)
    assert (days[0]["o"], days[0]["c"]) == (friday[0]["o"], friday[-1]["c"])
