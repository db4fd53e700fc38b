"""Who executes orders, and where it is written down."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Protocol

from argo_core.market.instrument import Symbol
from argo_core.market.session import Session
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.fact import Fact, Numbered
from argo_core.trading.order import OrderRequest


class Broker(Protocol):
    """Who executes orders. Asking twice for the same id never makes two orders."""

    @property
    def name(self) -> str:
        """What the record calls it: a word such as `paper` or `alpaca-paper`."""
        ...

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        """Place the order; one with the same id that is there already is returned as it is.

        Raises:
            BrokerAway: nobody knows whether it was placed; look for its id.
            BrokerThrottled: it was not placed.
            BrokerRefused: it will not be placed.
            BrokerGarbled: as if no answer had come.
        """
        ...

    async def cancel(self, broker_id: str) -> None:
        """Ask for an open order's end; it may still be filled until its status says otherwise.

        Raises:
            BrokerRefused: it is not open any more, or there is no such order.
            BrokerError: nobody knows, or not now.
        """
        ...

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        """Ask for an open order to be replaced by one with other quantity and prices; the new one.

        Only `id`, `quantity`, `limit` and `stop` may differ. Until the old one's status says
        REPLACED either may be filled; repeating it finds the new one by its id.

        Raises:
            BrokerRefused: it cannot be replaced now, or at all.
            BrokerError: nobody knows, or not now.
        """
        ...

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        """The order with that client's id, or None if the broker has none.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        """Every open order, and those that changed after `since`; legs as orders of their own.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def positions(self) -> tuple[BrokerPosition, ...]:
        """What is held, by symbol; nothing that is flat.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def account(self) -> BrokerAccount:
        """Money and standing.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        """Money that came in or went out after `since`, not by an order, oldest first.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        """The sessions of these days by the broker's calendar; None where it has none of its own.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        """Splits of these symbols that take effect on these days.

        Raises:
            BrokerError: it does not say.
        """
        ...

    def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        """What happens, as it does, beginning with a `StreamGap`, and another after every break.

        Messages may come late, twice, in another order or never. Ends only when it is closed.
        """
        ...


class TradingJournal(Protocol):
    """The facts of trading, one after the other; one writer, nothing is ever changed.

    Once nobody can say whether a batch was written, every call fails until it is opened again:
    what is in it then is what happened.
    """

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        """Write all of them durably, or none, and number them.

        Raises:
            JournalError: it was not written, or nobody can say.
            InvalidInput: a fact has a value that cannot be written down; nothing was written.
        """
        ...

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        """At most so many facts with a greater number, in order.

        Raises:
            JournalError: it cannot be read.
        """
        ...

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        """Every fact about the order, in order.

        Raises:
            JournalError: it cannot be read.
        """
        ...
