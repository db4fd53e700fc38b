"""What everyone who works for the trader shares."""

from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

from attrs import define

from argo_core.engine.untraced import UNTRACED
from argo_core.errors import BrokerAway
from argo_core.events import Event
from argo_core.execution.bookkeeper import Bookkeeper
from argo_core.execution.market import Market
from argo_core.execution.policy import TradingPolicy
from argo_core.ports import Broker, Clock, Observer, Tracer
from argo_core.trading.book import Book
from argo_core.trading.fact import Fact

T = TypeVar("T")


@define(eq=False)
class Office:
    """The broker, the keeper of the book, the market, and by what everything is done.

    The `policy` may be exchanged; whoever decides looks at it anew for every decision.
    """

    broker: Broker
    keeper: Bookkeeper
    market: Market
    policy: TradingPolicy
    clock: Clock
    observer: Observer
    tracer: Tracer = UNTRACED

    @property
    def book(self) -> Book:
        return self.keeper.book

    async def ask(self, answer: Awaitable[T]) -> T:
        """The broker's answer, waited for `call_s` wall seconds at most.

        Raises:
            BrokerAway: none came in time.
            BrokerError: as the broker says.
        """
        try:
            async with self.clock.timeout(self.policy.call_s):
                return await answer
        except TimeoutError as error:
            problem = f"no answer within {self.policy.call_s:g} s"
            raise BrokerAway(self.broker.name, problem) from error

    def now(self) -> datetime:
        """The market's time."""
        return self.clock.now()

    async def note(self, *facts: Fact) -> None:
        """Write these down durably, all or none; only then they are so.

        Raises:
            JournalError: nothing was written and nothing is known.
        """
        await self.keeper.note(*facts)

    def notice(self, event: Event) -> None:
        """Tell whoever watches."""
        self.observer.notice(event)
