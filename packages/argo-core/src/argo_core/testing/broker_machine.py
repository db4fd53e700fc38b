"""Drives the paper broker with whatever may happen, next to a plain count of what it says."""
# ruff: noqa: S101 - a machine is made of assertions

from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal

from attrs import evolve
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from argo_core.errors import BrokerRefused, InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.broker_tally import LONG_AGO, Tally
from argo_core.testing.fake_clock import BEGINNING
from argo_core.trading.broker_view import BrokerOrder, Split
from argo_core.trading.order import Bracket, GoodTill, OrderRequest, OrderType, Side, Status
from argo_core.trading.paper.fees import NO_FEES, FeeSchedule
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import PaperState, new_account

D = Decimal
ZERO = D(0)
SYMBOLS = (Symbol("AAPL"), Symbol("MSFT"))

_symbols = st.sampled_from(SYMBOLS)
_sides = st.sampled_from(Side)
# Few prices and quantities, so that orders meet quotes and each other.
_prices = st.integers(94, 106).map(D)
_shares = st.integers(1, 12).map(D)
_picks = st.integers(0, 30)
_schedules = st.sampled_from([NO_FEES, FeeSchedule(per_share=D("0.01"), minimum=D("0.35"))])


class BrokerMachine(RuleBasedStateMachine):
    """Inherit it as it is, or let `opened` give another broker of the kind."""

    def opened(self, settings: PaperSettings, state: PaperState) -> PaperHouse:
        """The broker under test with those books."""
        return PaperHouse(settings, state)

    @initialize(slow=st.booleans(), fees=_schedules, capital=st.sampled_from([3_000, 100_000]))
    def start(self, slow: bool, fees: FeeSchedule, capital: int) -> None:
        self.settings = PaperSettings(
            capital=D(capital), quote_size=D(5), fees=fees, slow_cancels=slow
        )
        state = new_account("machine", self.settings)
        self.house, self.kept = self.opened(self.settings, state), state
        self.now = BEGINNING
        self.number = 0
        self.tally = Tally(D(capital))
        self.tell_quote(SYMBOLS[0], D(100), D("0.10"), None)
        self.tell_quote(SYMBOLS[1], D(100), D("0.10"), None)
        self._submit(OrderRequest(self._id(), SYMBOLS[0], Side.BUY, D(1)))

    @rule(
        symbol=_symbols,
        mid=_prices,
        spread=st.sampled_from([ZERO, D("0.10"), D(2)]),
        volume=st.none() | st.integers(0, 200).map(D),
    )
    def tell_quote(
        self, symbol: Symbol, mid: Decimal, spread: Decimal, volume: Decimal | None
    ) -> None:
        bid, ask = mid - spread / 2, mid + spread / 2
        before = {one.broker_id: one for one in self.house.orders()}
        quote = Quote(symbol, mid, self.now, self.now, "machine", bid, ask)
        told = self.house.on_quote(quote, volume, self.now)
        self.tally.mids[symbol] = mid
        room = D(5) if volume is None else (volume / 10).to_integral_value(ROUND_FLOOR)
        fills = [one for one in told if one.execution is not None]
        assert sum(one.execution.quantity for one in fills if one.execution) <= room
        for one in fills:
            assert one.execution is not None
            order, price = before[one.order.broker_id], one.execution.price
            assert order.symbol == symbol
            assert order.status in {Status.WORKING, Status.CANCELLING}
            market = ask if order.side is Side.BUY else bid
            # Nothing is better than the market, and a limit never worse than itself.
            assert (price - market) * order.side.sign >= 0
            assert order.limit is None or (price - order.limit) * order.side.sign <= 0
            assert order.limit is not None or price == market
        self.tally.hear(told)

    @rule(symbol=_symbols, mid=_prices)
    def tell_an_old_quote(self, symbol: Symbol, mid: Decimal) -> None:
        quote = Quote(symbol, mid, LONG_AGO, self.now, "machine", mid, mid)
        assert self.house.on_quote(quote, None, self.now) == ()

    @rule(
        symbol=_symbols,
        side=_sides,
        quantity=_shares,
        type_=st.sampled_from(OrderType),
        price=_prices,
        good_till=st.sampled_from(GoodTill),
    )
    def submit(
        self,
        *,
        symbol: Symbol,
        side: Side,
        quantity: Decimal,
        type_: OrderType,
        price: Decimal,
        good_till: GoodTill,
    ) -> None:
        limit = price if type_ is OrderType.LIMIT else None
        stop = price if type_ is OrderType.STOP else None
        self._submit(
            OrderRequest(self._id(), symbol, side, quantity, type_, limit, stop, None, good_till)
        )

    @rule(
        symbol=_symbols,
        quantity=_shares,
        price=st.sampled_from([None, D(98), D(100), D(102)]),
        below=st.integers(1, 4),
        above=st.none() | st.integers(1, 4),
        good_till=st.sampled_from(GoodTill),
    )
    def submit_a_bracket(
        self,
        *,
        symbol: Symbol,
        quantity: Decimal,
        price: Decimal | None,
        below: int,
        above: int | None,
        good_till: GoodTill,
    ) -> None:
        base = price or self.tally.mids[symbol]
        bracket = Bracket(base - below, None if above is None else base + above)
        type_ = OrderType.MARKET if price is None else OrderType.LIMIT
        self._submit(
            OrderRequest(
                self._id(), symbol, Side.BUY, quantity, type_, price, None, bracket, good_till
            )
        )

    @rule(symbol=_symbols, mid=_prices, quantity=st.integers(3, 5).map(D))
    def enter(self, symbol: Symbol, mid: Decimal, quantity: Decimal) -> None:
        """A bracket that is filled at once, so that live legs are no rarity."""
        self.tell_quote(symbol, mid, ZERO, None)
        bracket = Bracket(mid - 1, mid + 1)
        self._submit(OrderRequest(self._id(), symbol, Side.BUY, quantity, bracket=bracket))
        self.tell_quote(symbol, mid, ZERO, None)

    @rule(pick=_picks)
    def submit_again(self, pick: int) -> None:
        orders = self.house.orders(LONG_AGO)
        order = orders[pick % len(orders)]
        request = OrderRequest(order.id, SYMBOLS[0], Side.BUY, D(1))
        assert self.house.submit(request, self.now) == order
        assert self.house.said() == ()

    @rule(pick=_picks, only_open=st.booleans())
    def cancel(self, pick: int, only_open: bool) -> None:
        order = self._pick(pick, only_open=only_open)
        if order is None:
            return
        try:
            self.house.cancel(order.broker_id, self.now)
        except BrokerRefused:
            assert order.status.is_end
            return
        assert order.status.is_open
        self.tally.hear(self.house.said())
        assert self.tally.seen[order.broker_id].status in {Status.CANCELLED, Status.CANCELLING}

    @rule(pick=_picks, quantity=_shares, price=_prices)
    def replace(self, pick: int, quantity: Decimal, price: Decimal) -> None:
        order = self._pick(pick, only_open=True)
        if order is None:
            return
        good_till = self.house.dump().orders[order.broker_id].good_till
        request = OrderRequest(
            self._id(),
            order.symbol,
            order.side,
            quantity,
            order.type,
            None if order.limit is None else price,
            None if order.stop is None else price,
            None,
            good_till,
        )
        try:
            new = self.house.replace(order.broker_id, request, self.now)
        except BrokerRefused:
            assert self.house.order(request.id) is None
            return
        self.tally.hear(self.house.said())
        assert self.tally.seen[order.broker_id].status is Status.REPLACED
        assert self.tally.seen[order.broker_id].replaced_by == new.broker_id
        assert self.house.replace(order.broker_id, request, self.now) == new

    @rule(amount=st.integers(-4_000, 1_000).map(D))
    def move_money(self, amount: Decimal) -> None:
        try:
            self.house.deposit(amount, self.now)
        except InvalidInput:
            assert amount <= 0
            assert amount == 0 or -amount > self.house.account().buying_power
            return
        self.tally.pay(amount)

    @rule()
    def close_the_day(self) -> None:
        self.tally.hear(self.house.close_day(self.now))
        account = self.house.account()
        assert account.last_equity == account.equity
        for id_, one in self.house.dump().orders.items():
            works = one.order.status in {Status.WORKING, Status.CANCELLING}
            assert not works or one.good_till is GoodTill.CANCELLED, id_

    @rule(symbol=_symbols, ratio=st.sampled_from([(2, 1), (3, 2), (1, 2), (1, 10), (2, 3)]))
    def split(self, symbol: Symbol, ratio: tuple[int, int]) -> None:
        new, old = map(D, ratio)
        # Of another moment than every one before, and told twice.
        self.now += timedelta(seconds=1)
        for _ in range(2):
            self.house.split(Split(symbol, self.now, new, old), self.now)
        self.tally.split(symbol, new, old)
        self.tally.hear(self.house.said())

    @rule()
    def begin_anew_with_the_same_books(self) -> None:
        state = self.house.dump()
        self.house = self.opened(self.settings, state)
        assert self.house.dump() == state

    @rule()
    def begin_anew_with_what_was_kept(self) -> None:
        self.house = self.opened(self.settings, self.kept)

    @rule(seconds=st.integers(1, 3))
    def pass_time(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_broker_has_what_it_told(self) -> None:
        self.tally.agrees_with(self.house)

    @invariant()
    def nothing_is_sold_twice_or_short(self) -> None:
        held: dict[Symbol, dict[str, Decimal]] = {symbol: {} for symbol in SYMBOLS}
        for one in self.house.orders():
            if one.side is Side.SELL and one.status is not Status.HELD:
                group = held[one.symbol]
                left, name = one.quantity - one.filled, one.parent or one.broker_id
                group[name] = max(left, group.get(name, ZERO))
        for symbol, groups in held.items():
            assert sum(groups.values(), ZERO) <= self.tally.shares.get(symbol, ZERO)

    @invariant()
    def legs_sell_no_more_than_their_entry_bought(self) -> None:
        for entry in self.tally.seen.values():
            legs = [one for one in self.tally.seen.values() if one.parent == entry.broker_id]
            if any(one.status is Status.HELD for one in legs):
                assert all(one.filled == 0 for one in legs)
                assert entry.status.is_open
            sold = sum((one.filled for one in legs), ZERO)
            assert not sold or (sold <= entry.filled == entry.quantity)

    @invariant()
    def what_is_kept_by_changes_is_the_whole(self) -> None:
        changes, kept = self.house.changes(), self.kept
        self.kept = evolve(
            kept,
            money=changes.money,
            orders={**kept.orders, **changes.orders},
            positions={**kept.positions, **changes.positions},
            quotes={**kept.quotes, **changes.quotes},
            flows=kept.flows + changes.flows,
            splits=kept.splits | changes.splits,
        )
        state = self.house.dump()
        assert self.kept == state
        assert list(self.kept.orders) == list(state.orders)

    def _id(self) -> str:
        self.number += 1
        return f"order-{self.number}"

    def _submit(self, request: OrderRequest) -> None:
        try:
            order = self.house.submit(request, self.now)
        except BrokerRefused:
            assert self.house.order(request.id) is None
            return
        self.tally.hear(self.house.said())
        assert self.tally.seen[order.broker_id] == order
        if request.side is Side.BUY and request.limit is not None:
            assert self.house.account().buying_power >= 0

    def _pick(self, pick: int, *, only_open: bool = False) -> BrokerOrder | None:
        orders = self.house.orders(None if only_open else LONG_AGO)
        return orders[pick % len(orders)] if orders else None
