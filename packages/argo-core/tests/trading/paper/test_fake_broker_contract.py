"""The fake broker keeps what every broker promises, with fees and partial fills and without."""

from datetime import datetime
from decimal import Decimal

import pytest

from argo_core.market.instrument import Symbol
from argo_core.ports import Broker
from argo_core.testing.broker_contract import BrokerContract
from argo_core.testing.broker_world import BrokerWorld
from argo_core.testing.fake_broker import FakeBroker
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.paper.fees import NO_FEES, FeeSchedule
from argo_core.trading.paper.settings import PaperSettings

PLENTY = Decimal(1_000_000)


class FakeWorld:
    """The fake broker, and the clock that it shares with its market."""

    def __init__(self, fees: FeeSchedule, *, rations: bool) -> None:
        self.fees = fees != NO_FEES
        self.rations = rations
        self._clock = FakeClock()
        self._fake = FakeBroker(self._clock, PaperSettings(fees=fees))

    @property
    def broker(self) -> Broker:
        return self._fake

    @property
    def capital(self) -> Decimal:
        return self._fake.settings.capital

    def now(self) -> datetime:
        return self._clock.now()

    async def quote(
        self, symbol: Symbol, bid: Decimal, ask: Decimal, at_most: Decimal | None = None
    ) -> None:
        shares = at_most if self.rations and at_most is not None else PLENTY
        volume = shares / self._fake.settings.participation
        self._fake.quote(symbol, str(bid), str(ask), volume)

    async def settle(self) -> None:
        await self._clock.settle()

    async def pass_s(self, seconds: float) -> None:
        await self._clock.advance(seconds)

    async def restart(self) -> None:
        self._fake = FakeBroker(self._clock, self._fake.settings, self._fake.house.dump())


class TestFakeBroker(BrokerContract):
    @pytest.fixture(params=[True, False], ids=["rationed", "not rationed"])
    def world(self, request: pytest.FixtureRequest) -> BrokerWorld:
        rations: bool = request.param
        dear = FeeSchedule(per_share=Decimal("0.005"), minimum=Decimal(1))
        return FakeWorld(dear if rations else NO_FEES, rations=rations)
