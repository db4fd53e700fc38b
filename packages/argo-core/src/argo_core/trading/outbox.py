"""Trades on their way into the signal log: each once, in order, until the log has it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from argo_core.trading.book_order import BookOrder, Fill
from argo_core.trading.order import Status
from argo_core.trading.trade import Trade, TradeEvent

PER_FACT = 4
"""One fact tells four things at most: submitted, filled, ended, and another order replaced."""

_ENDED: Mapping[Status, TradeEvent] = {
    Status.CANCELLED: TradeEvent.CANCELLED,
    Status.REPLACED: TradeEvent.CANCELLED,
    Status.EXPIRED: TradeEvent.EXPIRED,
    Status.REJECTED: TradeEvent.REJECTED,
}


class Outbox:
    """`waiting` are the trades that the log does not have, by number.

    `newest_index` is the greatest index at which the log has one.
    """

    def __init__(self, broker: str) -> None:
        self.waiting: dict[int, Trade] = {}
        self.newest_index = -1
        self._broker = broker

    def told(
        self, before: BookOrder, now: BookOrder, fill: Fill | None, number: int, at: datetime
    ) -> None:
        """What became of an order between two looks at it."""
        first = number * PER_FACT
        is_new = before.broker_id is None and now.broker_id is not None
        stillborn = now.status is Status.REJECTED and not now.filled
        if is_new and not stillborn:
            self._put(first, now, TradeEvent.SUBMITTED, now.request.quantity, at)
        if fill is not None:
            self.waiting[first + 1] = Trade(
                number=first + 1,
                order_id=now.id,
                symbol=fill.symbol,
                side=fill.side,
                event=TradeEvent.FILLED,
                quantity=fill.quantity,
                broker=self._broker,
                at=fill.at,
                price=fill.price,
                fee=fill.fee,
                signal_index=now.signal_index,
                execution_id=fill.execution_id,
            )
        if (before.is_open or before.may_rise) and now.status in _ENDED:
            self._put(first + 2, now, _ENDED[now.status], now.request.quantity - now.filled, at)

    def replaced(self, before: BookOrder, now: BookOrder, number: int, at: datetime) -> None:
        """An order has a successor, which the same fact is about."""
        if before.is_open and not now.is_open:
            left = now.request.quantity - now.filled
            self._put(number * PER_FACT + 3, now, TradeEvent.CANCELLED, left, at)

    def recorded(self, indices: Mapping[int, int]) -> None:
        """The log has these trades, by their numbers."""
        for number, index in indices.items():
            self.waiting.pop(number, None)
            self.newest_index = max(self.newest_index, index)

    def _put(
        self, number: int, order: BookOrder, event: TradeEvent, quantity: Decimal, at: datetime
    ) -> None:
        request = order.request
        self.waiting[number] = Trade(
            number=number,
            order_id=order.id,
            symbol=request.symbol,
            side=request.side,
            event=event,
            quantity=quantity,
            broker=self._broker,
            at=at,
            price=request.limit or request.stop,
            signal_index=order.signal_index,
        )
