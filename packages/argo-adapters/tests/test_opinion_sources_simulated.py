"""Alpha Vantage, Grok and Sonar on the simulator: the port's promises, and every fault in turn."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal

import aiohttp
import pytest
from attrs import frozen

from argo_adapters.http.client import open_session
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from argo_adapters.vendors.alpha_vantage.source import AlphaVantageOpinions, AlphaVantageSettings
from argo_adapters.vendors.grok import GrokOpinions, GrokSettings, Route
from argo_adapters.vendors.sonar import SonarOpinions, SonarSettings
from argo_core.backtest.tape import Tape
from argo_core.consensus.opinion import Opinion
from argo_core.errors import (
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.market.instrument import Instrument
from argo_core.ports import Answer, Clock, OpinionSource
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.source_contract import SourceCase, SourceContract

KEY = "simulator-key"
NO_LATENCY = float("inf")
SHORT_S = 0.5

Builder = Callable[[aiohttp.ClientSession, Clock, Simulator, float, str], OpinionSource]


def alpha_vantage(
    session: aiohttp.ClientSession, clock: Clock, simulator: Simulator, wait: float, key: str
) -> OpinionSource:
    url = simulator.url("alpha_vantage")
    settings = AlphaVantageSettings(key, "realtime", url, timeout_s=wait)
    return AlphaVantageOpinions(session, clock, settings, turnstile=OpenTurnstile())


def grok(
    session: aiohttp.ClientSession, clock: Clock, simulator: Simulator, wait: float, key: str
) -> OpinionSource:
    settings = GrokSettings(key, simulator.url("grok") + "/v1", timeout_s=wait)
    return GrokOpinions(session, clock, settings, turnstile=OpenTurnstile())


def searching_grok(
    session: aiohttp.ClientSession, clock: Clock, simulator: Simulator, wait: float, key: str
) -> OpinionSource:
    url = simulator.url("grok") + "/v1"
    settings = GrokSettings(key, url, route=Route.RESPONSES, search=True, timeout_s=wait)
    return GrokOpinions(session, clock, settings, turnstile=OpenTurnstile())


def sonar(
    session: aiohttp.ClientSession, clock: Clock, simulator: Simulator, wait: float, key: str
) -> OpinionSource:
    return SonarOpinions(
        session,
        clock,
        SonarSettings(key, simulator.url("sonar"), timeout_s=wait),
        turnstile=OpenTurnstile(),
    )


BUILDERS: dict[str, tuple[str, Builder]] = {
    "alpha_vantage": ("alpha_vantage", alpha_vantage),
    "grok": ("grok", grok),
    "searching grok": ("grok", searching_grok),
    "sonar": ("sonar", sonar),
}


@pytest.fixture(scope="module")
def tape() -> Tape:
    return shipped("ordinary-day")


@frozen
class Bench:
    """A source, the simulator it asks, and the moment both live in."""

    vendor: str
    simulator: Simulator
    source: OpinionSource
    clock: FakeClock
    asked: tuple[Instrument, ...]

    @property
    def now(self) -> datetime:
        return self.clock.now()

    async def ask(self) -> Answer[Opinion]:
        return await self.source.opinions(self.asked, self.clock.now())

    def breaks(self, fault: Fault) -> None:
        self.simulator.break_vendor(self.vendor, fault)


@asynccontextmanager
async def bench_of(
    tape: Tape, name: str, wait: float = 5.0, key: str = KEY
) -> AsyncIterator[Bench]:
    clock = FakeClock(tape.starts + timedelta(minutes=45, seconds=3))
    app = simulate(tape, clock, latency_scale=NO_LATENCY)
    async with serving(app) as simulator, open_session() as session:
        vendor, build = BUILDERS[name]
        source = build(session, clock, simulator, wait, key)
        yield Bench(vendor, simulator, source, clock, tape.instruments)


@pytest.fixture(params=BUILDERS)
async def bench(request: pytest.FixtureRequest, tape: Tape) -> AsyncIterator[Bench]:
    async with bench_of(tape, request.param) as bench:
        yield bench


class TestSourcesOnTheSimulatorKeepTheirPromises(SourceContract):
    @pytest.fixture
    async def case(self, bench: Bench) -> SourceCase:
        # A model has a word about any symbol, so one that the vendor hides is the unknown one.
        bench.breaks(Fault.MISSING_SYMBOLS)
        hidden = {one.symbol for one in (await bench.ask()).missing}
        unknown = next(one for one in bench.asked if one.symbol in hidden)
        known = tuple(one for one in bench.asked if one.symbol not in hidden)

        def fail() -> None:
            bench.breaks(Fault.SERVER_ERROR)

        return SourceCase(bench.source, known, unknown, lambda: bench.now, fail)


async def test_every_instrument_of_the_day_gets_an_opinion(bench: Bench) -> None:
    answer = await bench.ask()
    assert {one.symbol for one in answer.items} == {one.symbol for one in bench.asked}
    assert any(one.strength for one in answer.items)
    assert all(one.facts for one in answer.items)


@pytest.mark.parametrize(
    ("name", "most"), [("grok", "0.01"), ("searching grok", "0.05"), ("sonar", "0.02")]
)
async def test_one_call_for_all_and_a_price_that_is_believable(
    tape: Tape, name: str, most: str
) -> None:
    async with bench_of(tape, name) as bench:
        answer = await bench.ask()
        assert answer.calls == 1
        assert Decimal("0.0001") < answer.usd < Decimal(most)


WHOLE: dict[Fault, set[type[VendorError]]] = {
    Fault.DROPPED: {VendorUnavailable},
    Fault.CUT: {VendorUnavailable},
    Fault.HUGE: {VendorGarbled},
    Fault.THROTTLED: {VendorThrottled},
    Fault.THROTTLED_RETRY_AFTER: {VendorThrottled},
    Fault.SERVER_ERROR: {VendorUnavailable},
    Fault.BAD_GATEWAY: {VendorUnavailable},
    Fault.WRONG_KEY: {VendorRefused},
    Fault.NOT_ENTITLED: {VendorRefused},
    # A daily quota comes back by itself, a paid balance does not.
    Fault.OUT_OF_CREDIT: {VendorRefused, VendorThrottled},
    Fault.REFUSED_OK: {VendorRefused, VendorThrottled, VendorUnavailable, VendorGarbled},
    Fault.EMPTY: {VendorGarbled},
    Fault.TRUNCATED: {VendorGarbled},
    Fault.MALFORMED: {VendorGarbled},
    Fault.WRONG_TYPES: {VendorGarbled},
    Fault.DUPLICATE_KEYS: {VendorGarbled},
    Fault.NOT_A_NUMBER: {VendorGarbled},
    Fault.FUTURE: {VendorGarbled},
}


@pytest.mark.parametrize("fault", WHOLE)
async def test_a_fault_of_the_whole_answer_is_an_error_and_passes_with_it(
    bench: Bench, fault: Fault
) -> None:
    bench.breaks(fault)
    with pytest.raises(VendorError) as caught:
        await bench.ask()
    assert type(caught.value) in WHOLE[fault], caught.value
    assert caught.value.source == bench.source.name
    assert KEY not in repr(caught.value)
    assert caught.value.calls >= 1

    bench.simulator.heal(bench.vendor)
    assert len((await bench.ask()).items) == len(bench.asked)


@pytest.mark.parametrize("name", BUILDERS)
@pytest.mark.parametrize("fault", [Fault.TIMEOUT, Fault.DRIP])
async def test_a_vendor_that_takes_too_long_is_unavailable(
    tape: Tape, name: str, fault: Fault
) -> None:
    async with bench_of(tape, name, wait=SHORT_S) as bench:
        bench.breaks(fault)
        with pytest.raises(VendorUnavailable):
            await bench.ask()


@pytest.mark.parametrize("name", BUILDERS)
async def test_a_wrong_key_is_refused_and_never_shown(tape: Tape, name: str) -> None:
    async with bench_of(tape, name, key="wr0ng-but-s3cret") as bench:
        with pytest.raises(VendorRefused) as caught:
            await bench.ask()
        assert "wr0ng" not in repr(caught.value)


@pytest.mark.parametrize("fault", [Fault.OUT_OF_ORDER, Fault.CROSSED])
async def test_another_order_changes_no_opinion(bench: Bench, fault: Fault) -> None:
    before = {one.symbol: one.strength for one in (await bench.ask()).items}
    bench.breaks(fault)
    after = {one.symbol: one.strength for one in (await bench.ask()).items}
    assert before == after


async def test_hidden_symbols_are_missing_and_the_others_answered(bench: Bench) -> None:
    before = {one.symbol: one.strength for one in (await bench.ask()).items}
    bench.breaks(Fault.MISSING_SYMBOLS)
    answer = await bench.ask()
    assert answer.missing
    assert all(before[one.symbol] == one.strength for one in answer.items)
    assert len(answer.items) + len(answer.missing) == len(bench.asked)


async def test_nobody_is_answered_who_was_not_asked_about(bench: Bench) -> None:
    bench.breaks(Fault.UNKNOWN_SYMBOLS)
    try:
        answer = await bench.ask()
    except VendorGarbled:
        return
    assert {one.symbol for one in answer.items} < {one.symbol for one in bench.asked}


async def test_an_old_answer_says_how_old_it_is(bench: Bench) -> None:
    bench.breaks(Fault.STALE)
    answer = await bench.ask()
    assert all(one.as_of < bench.now for one in answer.items)


async def test_asks_at_the_same_time_do_not_disturb_each_other(bench: Bench) -> None:
    one, other = await asyncio.gather(bench.ask(), bench.ask())
    assert {each.symbol: each.strength for each in one.items} == {
        each.symbol: each.strength for each in other.items
    }
