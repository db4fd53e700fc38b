"""The paper broker and the trading journal of a day that is played: in memory, and at once.

The books are those of `PaperHouse`, which the live paper broker keeps in a file.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime
from typing import TypeVar

from argo_core.market.quote import Quote
from argo_core.market.session import Session
from argo_core.ports import Clock
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.fact import Fact, Numbered, order_of
from argo_core.trading.order import OrderRequest
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import new_account

T = TypeVar("T")


class DayBroker:
    """The port `Broker`; `tell` hears of every change as soon as it happens, `updates` tells none.

    A day has no splits: none are recorded, so prices of a split day are not for it.
    """

    def __init__(
        self, clock: Clock, settings: PaperSettings, tell: Callable[[BrokerUpdate], None]
    ) -> None:
        self.name = settings.name
        self._house = PaperHouse(settings, new_account(settings.name, settings))
        self._clock = clock
        self._tell = tell

    def observe(self, quotes: Sequence[Quote], *, regular: bool) -> None:
        """Fill what these prices fill; `regular` says whether the regular session is on."""
        now = self._clock.now()
        for quote in quotes:
            self._say(self._house.on_quote(quote, None, now, regular=regular))

    def close_day(self) -> None:
        """The session's official close."""
        self._say(self._house.close_day(self._clock.now()))

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        return self._answer(self._house.submit(request, self._clock.now()))

    async def cancel(self, broker_id: str) -> None:
        self._house.cancel(broker_id, self._clock.now())
        self._say(self._house.said())

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        return self._answer(self._house.replace(broker_id, request, self._clock.now()))

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        return self._house.order(id)

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        return self._house.orders(since)

    async def positions(self) -> tuple[BrokerPosition, ...]:
        return self._house.positions()

    async def account(self) -> BrokerAccount:
        return self._house.account()

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        return self._house.flows(since)

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        return None

    async def splits(self, symbols: Sequence[object], first: date, last: date) -> tuple[Split, ...]:
        return ()

    async def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        """Only that something may have been missed before, as every stream begins."""
        yield StreamGap(self._clock.now())

    def _answer(self, answer: T) -> T:
        self._say(self._house.said())
        return answer

    def _say(self, updates: Sequence[BrokerUpdate]) -> None:
        for update in updates:
            self._tell(update)


class DayJournal:
    """The port `TradingJournal`: it lasts as long as the day."""

    def __init__(self) -> None:
        self._facts: list[Numbered] = []

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        numbered = tuple(Numbered(n, one) for n, one in enumerate(facts, len(self._facts) + 1))
        self._facts += numbered
        return numbered

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        first = max(0, after)
        return tuple(self._facts[first : first + max(0, limit)])

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        return tuple(one for one in self._facts if order_of(one.fact) == order_id)
