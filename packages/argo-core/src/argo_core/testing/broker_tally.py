"""A plain count of what the paper broker says.

It knows executions, flows and splits, and nothing of how orders are filled; from these alone it
says what cash, shares and profit must be.
"""
# ruff: noqa: S101 - a count that finds a contradiction says so

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from argo_core.market.instrument import Symbol
from argo_core.testing.fake_clock import BEGINNING
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, Execution
from argo_core.trading.order import Status
from argo_core.trading.paper.house import PaperHouse

D = Decimal
ZERO = D(0)
LONG_AGO = BEGINNING - timedelta(days=1)
"""Before everything that happens to it."""
# A price that was split has nine decimals, and is multiplied by shares.
NEAR = D("1e-6")

# As a reader of the broker's messages may see it, written down by itself.
WAYS: Mapping[Status, frozenset[Status]] = {
    Status.HELD: frozenset({Status.HELD, Status.WORKING, Status.CANCELLED, Status.REPLACED}),
    Status.WORKING: frozenset(Status) - {Status.HELD, Status.INTENDED, Status.LOST},
    Status.CANCELLING: frozenset(
        {Status.CANCELLING, Status.FILLED, Status.CANCELLED, Status.EXPIRED}
    ),
}


class Tally:
    """Begin with the capital; `mids` are the newest prices, which have to be told to it, too."""

    def __init__(self, capital: Decimal) -> None:
        self.seen: dict[str, BrokerOrder] = {}
        self.fills: dict[str, list[Execution]] = {}
        self.cash, self.paid_in = capital, capital
        self.shares: dict[Symbol, Decimal] = {}
        self.mids: dict[Symbol, Decimal] = {}

    def pay(self, amount: Decimal) -> None:
        """Money came in, or went out."""
        self.cash += amount
        self.paid_in += amount

    def split(self, symbol: Symbol, new: Decimal, old: Decimal) -> None:
        """So many new shares are there for so many old ones."""
        held = self.shares.get(symbol, ZERO) * new / old
        self.shares[symbol] = held.quantize(D("1e-9"), ROUND_FLOOR)
        self.mids[symbol] = self.mids[symbol] * old / new

    def hear(self, updates: Sequence[BrokerUpdate]) -> None:
        """Count what is told, which must follow from what was told before."""
        for update in updates:
            order, execution = update.order, update.execution
            before = self.seen.get(order.broker_id)
            self.seen[order.broker_id] = order
            if before is None:
                assert (order.filled, execution) == (ZERO, None)
                continue
            assert order.status in WAYS[before.status], f"{before} became {order}"
            assert order.filled - before.filled == (execution.quantity if execution else ZERO)
            if execution is None:
                continue
            assert execution.quantity > 0
            fills = self.fills.setdefault(order.broker_id, [])
            fills.append(execution)
            spent = execution.quantity * execution.price * order.side.sign
            self.cash -= spent + execution.fee
            shares = self.shares.get(order.symbol, ZERO)
            self.shares[order.symbol] = shares + execution.quantity * order.side.sign
            assert sum(one.quantity for one in fills) == order.filled <= order.quantity
            assert sum(one.fee for one in fills) == order.fees
            value = sum(one.quantity * one.price for one in fills)
            assert abs(order.filled * (order.average or 0) - value) < NEAR

    def agrees_with(self, house: PaperHouse) -> None:
        """The broker has the orders, shares and money that it told of, and no others."""
        self._everything_was_told(house)
        self._execution_ids_are_told_once()
        self._money_is_what_the_executions_add_up_to(house)

    def _everything_was_told(self, house: PaperHouse) -> None:
        known = {one.broker_id: one for one in house.orders(LONG_AGO)}
        assert known == self.seen
        assert {one.broker_id for one in house.orders()} == {
            id_ for id_, one in known.items() if one.status.is_open
        }

    def _execution_ids_are_told_once(self) -> None:
        ids = [one.id for fills in self.fills.values() for one in fills]
        assert len(set(ids)) == len(ids)

    def _money_is_what_the_executions_add_up_to(self, house: PaperHouse) -> None:
        held = {symbol: shares for symbol, shares in self.shares.items() if shares}
        assert {one.symbol: one.quantity for one in house.positions()} == held
        account = house.account()
        assert account.cash == self.cash
        marked = sum((shares * self.mids[symbol] for symbol, shares in held.items()), ZERO)
        assert abs(account.equity - self.cash - marked) < NEAR
        positions = house.dump().positions
        won = sum((one.realised - one.fees for one in positions.values()), ZERO)
        open_ = sum((one.unrealised(self.mids[s]) for s, one in positions.items()), ZERO)
        assert abs(self.paid_in + won + open_ - account.equity) < NEAR
