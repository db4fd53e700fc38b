"""What reaches the trader from others, until it gets to it: bounded, and nobody waits."""

import asyncio
from asyncio import Event, Future
from collections import deque

from attrs import define, field, frozen

from argo_core.engine.seen import Seen
from argo_core.errors import ArgoError, InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import BrokerUpdate, StreamGap

MOST_UPDATES = 10_000
MOST_SIGNALS = 1_000
MOST_ORDERS = 100


@frozen
class Order:
    """What an operator asks for: `what` is halt, resume or flatten; answered when it is done."""

    what: str
    reason: str
    symbol: Symbol | None
    done: "Future[tuple[str, ...]]" = field(repr=False)

    def answer(self, result: tuple[str, ...]) -> None:
        """It is done; who does not wait any more is not told."""
        if not self.done.done():
            self.done.set_result(result)

    def refuse(self, error: ArgoError) -> None:
        """It cannot be done."""
        if not self.done.done():
            self.done.set_exception(error)


@define
class Inbox:
    """`lost` says that messages did not fit in, so that the broker's books have to be read."""

    updates: deque[BrokerUpdate | StreamGap] = field(factory=deque)
    seen: deque[Seen] = field(factory=deque)
    quotes: dict[Symbol, Quote] = field(factory=dict)
    orders: deque[Order] = field(factory=deque)
    logged: deque[dict[int, int]] = field(factory=deque)
    lost: bool = False
    woken: Event = field(factory=Event)

    def update(self, update: BrokerUpdate | StreamGap) -> None:
        """A message of the broker's."""
        if len(self.updates) >= MOST_UPDATES:
            self.updates.clear()
            self.lost = True
        self.updates.append(update)
        self.woken.set()

    def see(self, seen: Seen) -> None:
        """A cycle of the engine; of those not looked at yet only the newest are kept."""
        self.seen.append(seen)
        while len(self.seen) > MOST_SIGNALS:
            self.seen.popleft()
        self.woken.set()

    def quote(self, quote: Quote) -> None:
        """A price from a stream."""
        self.quotes[quote.symbol] = quote
        self.woken.set()

    def log(self, indices: dict[int, int]) -> None:
        """What the signal log has taken."""
        self.logged.append(indices)
        self.woken.set()

    async def order(self, what: str, reason: str, symbol: Symbol | None = None) -> tuple[str, ...]:
        """Have an operator's wish carried out, and wait until it is.

        Raises:
            InvalidInput: too many wait already, or it makes no sense.
            JournalError: trading has stopped.
        """
        if len(self.orders) >= MOST_ORDERS:
            problem = f"{MOST_ORDERS} wishes wait already"
            raise InvalidInput("orders", problem, "wait until the broker answers again")
        done: Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        self.orders.append(Order(what, reason, symbol, done))
        self.woken.set()
        return await done
