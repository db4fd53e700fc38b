"""Risk limits and rate limits read again: all of them take effect, or none does."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from argo_core.consensus.opinion import GROK
from argo_core.errors import InvalidSetting
from argo_core.market.instrument import Symbol
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.trading_stage import CALENDAR
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Leg
from argo_service.api import keys as app_keys
from argo_service.config.trading import Limits, Trading
from argo_service.config.tree import Settings
from argo_service.reloading import APPLIED, REFUSED, UNCHANGED, Adjustable, Reloader
from argo_service.settings import read_configuration
from argo_service.trading.limits_in_force import LimitsInForce
from argo_service.trading.opened import Outlook, opened_trading
from argo_service.turnstiles import Turnstiles, build_turnstiles

PLAIN = Settings()


class File:
    """The settings file: what it says, or why it cannot be meant."""

    def __init__(self) -> None:
        self.says: Settings | Exception = PLAIN

    async def read(self) -> Settings:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def limits(self, **limits: Any) -> None:
        own = evolve(PLAIN.trading, limits=Limits(**limits))
        self.says = evolve(PLAIN, trading=own)


@pytest.fixture
def file() -> File:
    return File()


@pytest.fixture
def turnstiles(clock: FakeClock) -> Turnstiles:
    return build_turnstiles(PLAIN, clock, chance=lambda: 0.0, observer=FakeObserver())


@pytest.fixture
def limits() -> LimitsInForce:
    return LimitsInForce(RiskLimits())


@pytest.fixture
def reloader(station: Any, file: File, turnstiles: Turnstiles, limits: LimitsInForce) -> Reloader:
    app = station.client.server.app
    return Reloader(
        PLAIN,
        file.read,
        Adjustable(
            engine=station.engine,
            turnstiles=turnstiles,
            allowances=app[app_keys.ALLOWANCES],
            public_allowances=app[app_keys.PUBLIC_ALLOWANCES],
            clock=station.clock,
            observer=FakeObserver(),
            risk=limits,
        ),
    )


async def test_other_risk_limits_bind_the_next_decision_and_no_exit(
    reloader: Reloader, file: File, limits: LimitsInForce, floor: Any
) -> None:
    with limits.binding(floor.trader):
        await floor.buy("AAPL")
        file.limits(positions=1, symbol_share=Decimal("0.000001"))
        told = await reloader.reload()
        assert (told.result, told.problem) == (APPLIED, "")
        assert told.changed == ("trading.limits.symbol_share", "trading.limits.positions")
        await floor.buy("MSFT")
        entries = [one for one in floor.trader.book.orders.values() if one.leg is Leg.ENTRY]
        assert [one.request.symbol for one in entries] == ["AAPL"]
        floor.trader.observe(floor.quotes[Symbol("AAPL")])
        # Its stop is at 98.
        await floor.price("AAPL", "97")
        await floor.wait(1)
        await floor.price("AAPL", "97")
        assert floor.trader.book.held() == {}
        assert (await reloader.reload()).result == UNCHANGED


async def test_where_anything_is_refused_no_limit_changes(
    reloader: Reloader, file: File, limits: LimitsInForce, turnstiles: Turnstiles, station: Any
) -> None:
    file.limits(positions=1)
    assert isinstance(file.says, Settings)
    faster = evolve(PLAIN.api, requests_per_minute=7)
    grok = evolve(PLAIN.sources.grok, limits=("1/s",))
    file.says = evolve(
        file.says, api=faster, sources=evolve(PLAIN.sources, grok=grok), database=Path("another")
    )
    before = turnstiles[GROK].tokens
    told = await reloader.reload()
    assert told.result == REFUSED
    assert "database: restart needed" in told.problem
    assert limits.now == RiskLimits()
    assert reloader.settings == PLAIN
    assert turnstiles[GROK].tokens == before
    assert station.client.server.app[app_keys.ALLOWANCES].per_minute == 600


async def test_limits_that_contradict_each_other_are_refused(
    reloader: Reloader, file: File, limits: LimitsInForce, tmp_path: Path
) -> None:
    text = "[trading.limits]\npositions = 1\ndaily_loss_reduce = 0.02\ndaily_loss_halt = 0.01\n"
    await asyncio.to_thread((tmp_path / "argo.toml").write_text, text)
    with pytest.raises(InvalidSetting) as refused:
        await asyncio.to_thread(read_configuration, tmp_path / "argo.toml", {})
    file.says = refused.value
    told = await reloader.reload()
    assert told.result == REFUSED
    assert "daily_loss_halt" in told.problem
    assert limits.now == RiskLimits()


async def test_what_nobody_foresaw_is_refused_and_the_next_reload_is_heard(
    reloader: Reloader, file: File, limits: LimitsInForce
) -> None:
    file.says = RuntimeError("canary in a text of somebody's")
    told = await reloader.reload()
    assert (told.result, told.problem) == (REFUSED, "it was not foreseen: RuntimeError")
    file.limits(positions=1)
    assert (await reloader.reload()).result == APPLIED
    assert limits.now.positions == 1


async def test_rate_limits_take_effect_at_once(
    reloader: Reloader, file: File, turnstiles: Turnstiles, station: Any
) -> None:
    grok = evolve(PLAIN.sources.grok, limits=("5/s burst 50",))
    api = evolve(PLAIN.api, requests_per_minute=7, public_requests_per_minute=8)
    file.says = evolve(PLAIN, sources=evolve(PLAIN.sources, grok=grok), api=api)
    assert (await reloader.reload()).result == APPLIED
    await station.clock.advance(60)
    assert turnstiles[GROK].tokens == (50.0,)
    answer = await station.client.get("/api/v1/signals")
    assert answer.headers["RateLimit-Policy"] == '"default";q=7;w=60'
    public = await station.client.get("/checkpoint")
    assert public.headers["RateLimit-Policy"] == '"public";q=8;w=60'


async def test_whoever_begins_to_trade_later_goes_by_the_limits_as_they_are_then(
    tmp_path: Path, clock: FakeClock
) -> None:
    settings = Settings(
        symbols=("AAPL",), database=tmp_path / "argo.sqlite3", trading=Trading(enabled=True)
    )
    limits = LimitsInForce(settings.trading.limits.rules())
    outlook = Outlook(clock=clock, observer=FakeObserver(), calendar=CALENDAR, limits=limits)
    # As a process does that stands by, gets the lease, loses it and gets it again.
    limits.relimit(RiskLimits(positions=2))
    async with opened_trading(settings, outlook) as first:
        assert first.trader.limits.positions == 2
        limits.relimit(RiskLimits(positions=3))
        assert first.trader.limits.positions == 3
    limits.relimit(RiskLimits(positions=4))
    assert first.trader.limits.positions == 3
    async with opened_trading(settings, outlook) as second:
        assert second.trader.limits.positions == 4
