"""The simulator as a whole: how it is made, served, counted, limited and broken."""

import asyncio
import math
import statistics
from datetime import timedelta

import aiohttp
import pytest
from attrs import evolve

from argo_adapters.simulator.app import VENDORS, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.massive.vendor import MASSIVE
from argo_adapters.simulator.relabel import relabel
from argo_adapters.simulator.simulation import Simulation
from argo_adapters.simulator.wire import Limit
from argo_core.errors import InvalidInput
from argo_core.testing.fake_clock import FakeClock

STATUS = "/v1/marketstatus/now"


async def statuses(vendors, count):
    return [(await vendors.get("massive", STATUS)).status for _ in range(count)]


async def test_everything_says_that_it_is_simulated(vendors, tape):
    got = await vendors.get("massive", STATUS)
    assert got.headers["X-Simulated"] == "simulated vendors, recorded prices"
    about = (await vendors.follow(vendors.simulator.url("").rstrip("/"))).json()
    assert about["says"] == "simulated vendors, recorded prices"
    assert (about["tape"], about["origin"]) == (tape.name, tape.origin)
    assert about["requests"] == {"massive": 1}


async def test_requests_are_counted_by_vendor_endpoint_and_status(vendors):
    await statuses(vendors, 2)
    await vendors.get("massive", STATUS, key="wrong")
    vendors.simulator.break_vendor("grok", Fault.DROPPED)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        # Not a GET, which aiohttp asks again by itself.
        await vendors.post("grok", "/v1/responses", {})
    counts = vendors.simulator.counts
    assert (counts.requests("massive"), counts.requests("sonar"), counts.requests()) == (3, 0, 4)
    assert counts.answered == {
        ("massive", STATUS, 200): 2,
        ("massive", STATUS, 401): 1,
        ("grok", "/v1/responses", 0): 1,
    }


async def test_a_limit_is_on_the_tapes_time(opened, clock):
    async with opened(plans={"massive": Limit(2, 60)}) as vendors:
        assert await statuses(vendors, 3) == [200, 200, 429]
        await clock.advance(59)
        assert await statuses(vendors, 1) == [429]
        await clock.advance(1)
        assert await statuses(vendors, 2) == [200, 200]


async def test_limits_can_be_switched_off(opened):
    async with opened(limits=False, plans={"massive": Limit(1, 60)}) as vendors:
        assert await statuses(vendors, 3) == [200, 200, 200]


async def test_documented_limits_hold_by_default(vendors):
    got = await statuses(vendors, 101)
    assert (got.count(200), got.count(429)) == (100, 1)


async def test_random_faults_come_at_their_rate_and_again_with_the_same_seed(opened):
    faults = {"massive": {Fault.BAD_GATEWAY: 0.2, Fault.NOT_ENTITLED: 0.1}}
    runs = []
    for seed in (1, 1, 2):
        async with opened(faults=faults, seed=seed, limits=False) as vendors:
            runs.append(await statuses(vendors, 200))
    assert runs[0] == runs[1] != runs[2]
    # Five deviations of a binomial on either side.
    assert runs[0].count(502) == pytest.approx(40, abs=28)
    assert runs[0].count(403) == pytest.approx(20, abs=21)
    assert set(runs[0]) == {200, 403, 502}


async def test_one_broken_vendor_leaves_the_others_alone(vendors):
    vendors.simulator.break_vendor("sonar", Fault.TIMEOUT)
    assert await statuses(vendors, 1) == [200]


async def test_a_hanging_request_ends_when_the_simulator_does(tape, clock):
    async with aiohttp.ClientSession() as session:
        async with serving(simulate(tape, clock, latency_scale=10_000)) as simulator:
            simulator.break_vendor("massive", Fault.TIMEOUT)
            asking = asyncio.create_task(session.get(simulator.url("massive") + STATUS))
            while not simulator.counts.requests("massive"):
                await asyncio.wait({asking}, timeout=0.01)
            assert not asking.done()
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_a_vendor_is_as_late_as_its_latency(opened):
    async with opened(latency_scale=4) as vendors:
        began = asyncio.get_running_loop().time()
        await statuses(vendors, 1)
        # 30 ms at the median; the quickest of a hundred million takes a quarter of that.
        assert asyncio.get_running_loop().time() - began > 0.0075


async def test_a_very_long_address_is_refused(vendors):
    got = await vendors.get("massive", "/v3/snapshot", **{"ticker.any_of": "A" * 9_000})
    assert (got.status, got.headers["Content-Type"]) == (414, "text/html")


async def test_large_bodies_are_packed_for_those_who_take_it(opened, tape):
    many = relabel(tape, 300)
    app = simulate(many, FakeClock(many.starts + timedelta(hours=1)), latency_scale=math.inf)
    path = "/v2/snapshot/locale/us/markets/stocks/tickers"
    async with serving(app) as simulator, aiohttp.ClientSession() as session:
        seen = {}
        for encoding in ("gzip", "identity"):
            headers = {"Authorization": "Bearer simulator-key", "Accept-Encoding": encoding}
            async with session.get(simulator.url("massive") + path, headers=headers) as response:
                seen[encoding] = await response.read()
                assert (response.headers.get("Content-Encoding") == "gzip") is (encoding == "gzip")
    assert seen["gzip"] == seen["identity"]
    assert len(seen["gzip"]) > 100_000


async def test_any_configured_key_opens_every_vendor(opened):
    async with opened(keys=("one", "two")) as vendors:
        for key, status in (("one", 200), ("two", 200), ("simulator-key", 401)):
            assert (await vendors.get("massive", STATUS, key=key)).status == status


async def test_a_served_port_can_be_chosen_and_is_free_afterwards(tape, clock):
    async with serving(simulate(tape, clock)) as first:
        port = first.port
        with pytest.raises(OSError, match=str(port)):
            async with serving(simulate(tape, clock), port):
                pytest.fail("two served on one port")
    async with serving(simulate(tape, clock), port) as second:
        assert second.url("grok") == f"http://127.0.0.1:{port}/grok"


def simulation(tape, clock, **settings):
    return Simulation(tape, clock, VENDORS, **settings)


def test_latencies_are_log_normal_around_the_vendors_and_divided_by_the_scale(tape, clock):
    for scale in (1, 60):
        made = simulation(tape, clock, latency_scale=scale)
        drawn = [made.latency_s(MASSIVE, made.chance(MASSIVE, n)) for n in range(2_000)]
        logs = [math.log(each) for each in drawn]
        assert statistics.median(drawn) == pytest.approx(0.120 / scale, rel=0.05)
        assert statistics.stdev(logs) == pytest.approx(0.25, rel=0.1)


def test_latencies_are_the_briefed_ones():
    assert {vendor.name: vendor.latency_s for vendor in VENDORS} == {
        "massive": 0.120,
        "alpha_vantage": 0.250,
        "grok": 0.900,
        "sonar": 1.200,
        "alpaca": 0.080,
        "yahoo": 0.200,
    }


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"latency_scale": 0}, "latency_scale"),
        ({"latency_scale": math.nan}, "latency_scale"),
        ({"rates": {"nobody": {}}}, "vendor"),
        ({"rates": {"grok": {Fault.CUT: 0.6, Fault.DRIP: 0.6}}}, "rates"),
        ({"rates": {"grok": {Fault.CUT: -0.1}}}, "rates"),
        ({"rates": {"grok": {Fault.CUT: math.nan}}}, "rates"),
    ],
)
def test_nonsense_is_refused_at_the_door(tape, clock, settings, field):
    with pytest.raises(InvalidInput) as refused:
        simulation(tape, clock, **settings)
    assert refused.value.field == field


def test_only_known_vendors_break(tape, clock):
    made = simulation(tape, clock)
    for attempt in (lambda: made.break_vendor("nobody", Fault.CUT), lambda: made.heal("nobody")):
        with pytest.raises(InvalidInput):
            attempt()


def test_relabelled_symbols_have_recorded_bars_in_other_sessions(tape):
    many = relabel(tape, 7)
    assert [one.symbol for one in many.instruments] == [f"SIM000{n}" for n in range(1, 8)]
    assert "invented symbols SIM0001 to SIM0007" in many.note
    assert many.note.endswith(tape.note)
    shapes = {
        symbol: tuple((bar.start, bar.open, bar.close) for bar in found)
        for symbol, found in many.bars.items()
    }
    aaa = tuple((bar.start, bar.open, bar.close) for bar in tape.bars["AAA"])
    # Two stocks over two sessions: four different histories, then the first again.
    assert shapes["SIM0001"] == shapes["SIM0005"] == aaa
    assert len({shapes[f"SIM000{n}"] for n in range(1, 5)}) == 4
    assert {price for _, price, _ in shapes["SIM0003"]} == {price for _, price, _ in aaa}
    assert all(bar.symbol == symbol for symbol, found in many.bars.items() for bar in found)


def test_relabelling_refuses_what_it_cannot_make(tape):
    for n in (0, 10_000):
        with pytest.raises(InvalidInput):
            relabel(tape, n)
    with pytest.raises(InvalidInput):
        relabel(evolve(tape, bars={"BTC/USD": tape.bars["BTC/USD"]}), 5)
