"""Whatever goes wrong, at the end the books are equal and every position has its stop.

So many bad days as `ARGO_TORTURE_KILLS` says; a few by default.
"""

import os
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest
from attrs import define, field

from argo_core.market.session import SessionTable
from argo_core.testing.fake_broker import FakeBroker, Fault
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_journal import FakeJournal
from argo_core.testing.trading_audit import Truth
from argo_core.testing.trading_stage import CALENDAR
from argo_core.testing.trading_storm import Storm
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.paper.settings import PaperSettings

DAYS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "12"))  # noqa: TID251 - how long to torture
FREE = FeeSchedule(per_share=Decimal(0), minimum=Decimal(0), sec=Decimal(0), taf=Decimal(0))
SETTINGS = PaperSettings(
    name="fake", fees=FREE, quote_size=Decimal(100_000), participation=Decimal(1)
)
TROUBLES = {
    "away before": Fault.AWAY_BEFORE,
    "away after": Fault.AWAY_AFTER,
    "garbled": Fault.GARBLED_AFTER,
    "throttled": Fault.THROTTLED,
    "refused": Fault.REFUSED,
}


@define
class FakeWorld:
    """The paper broker in memory."""

    clock: FakeClock = field(factory=FakeClock)
    journal: FakeJournal = field(factory=FakeJournal)
    broker: FakeBroker = field(init=False)
    calendar: SessionTable = CALENDAR
    troubles = (*TROUBLES, "drop", "double", "hold", "backwards", "gap")

    def __attrs_post_init__(self) -> None:
        self.broker = FakeBroker(self.clock, SETTINGS)

    def connect(self) -> FakeBroker:
        return self.broker

    async def reopen(self) -> FakeJournal:
        self.journal = self.journal.reopened()
        return self.journal

    async def leave(self, broker: FakeBroker) -> None:
        await self.clock.settle()

    def trouble(self, name: str) -> None:
        broker = self.broker
        match name:
            case "drop":
                broker.dropping = True
            case "double":
                broker.doubling = True
            case "hold":
                broker.holding = True
            case "backwards":
                broker.holding = False
                broker.release(backwards=True)
            case "gap":
                broker.break_stream()
            case _:
                broker.fail(TROUBLES[name], 2)

    def heal(self) -> None:
        self.broker.heal()

    async def quote(self, symbol: str, mid: Decimal, shares: Decimal | None) -> None:
        self.broker.quote(symbol, f"{mid - Decimal('0.05')}", f"{mid + Decimal('0.05')}", shares)

    async def advance(self, seconds: float) -> None:
        await self.clock.advance(seconds)
        await self.clock.settle()

    async def truth(self) -> Truth:
        house = self.broker.house
        positions = {one.symbol: one.quantity for one in house.positions()}
        orders = tuple(house.orders(BEGINNING - timedelta(days=1)))
        return Truth(self.clock.now(), orders, positions, house.account().cash)


@pytest.mark.parametrize("seed", range(DAYS))
async def test_after_a_storm_the_books_are_equal_and_every_position_has_its_stop(seed):
    storm = Storm(seed, FakeWorld())
    await storm.rage(80)
    await storm.calm(180)
    assert await storm.audit() == []
    await storm.end()


async def test_a_calm_begins_with_a_trader_who_lives():
    storm = Storm(0, FakeWorld())
    await storm.rage(1)
    lives = storm.lives
    storm.trader.abandon()
    await storm.calm(10)
    assert storm.lives == lives + 1
    assert not storm.trader.is_over
    await storm.end()


async def test_what_an_auditor_finds_counts_if_it_is_still_so_a_minute_later():
    storm = Storm(0, FakeWorld())
    await storm.rage(1)
    await storm.calm(60)
    storm.world.broker.sneak("MSFT", "5", "100")
    assert any("positions: ours" in one for one in await storm.audit())
    storm.world.broker.sneak("MSFT", "0", "0")
    assert await storm.audit() == []
    await storm.end()
