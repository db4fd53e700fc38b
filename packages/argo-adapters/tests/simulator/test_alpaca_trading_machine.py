"""Whatever clients, prices and time do, the simulated exchange keeps its books straight."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
)

from argo_adapters.simulator.alpaca.trading.account import Account
from argo_adapters.simulator.alpaca.trading.asks import Asked
from argo_adapters.simulator.alpaca.trading.checks import shares_held
from argo_adapters.simulator.alpaca.trading.exchange import Exchange
from argo_adapters.simulator.alpaca.trading.floor import Floor
from argo_adapters.simulator.alpaca.trading.hours import Hours
from argo_adapters.simulator.alpaca.trading.order import ENDS, FILLED, HELD
from argo_adapters.simulator.alpaca.trading.patch import patch
from argo_adapters.simulator.alpaca.trading.portions import Portions
from argo_adapters.simulator.alpaca.trading.prices import Prices
from argo_adapters.simulator.alpaca.trading.register import Register
from argo_adapters.simulator.alpaca.trading.ticket import ticket
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import HOUR, SECOND, nanoseconds
from argo_adapters.simulator.wire import RefusedError

CASH = Decimal(10_000)
PRICES = st.integers(95, 105)
LEGS = {"take_profit": {"limit_price": "104"}, "stop_loss": {"stop_price": "96"}}
KINDS = (
    {"type": "market"},
    {"type": "limit", "limit_price": "100"},
    {"type": "stop", "stop_price": "99"},
    {"type": "stop_limit", "stop_price": "99", "limit_price": "98"},
    {"type": "limit", "limit_price": "101", "order_class": "bracket"} | LEGS,
    {"type": "limit", "order_class": "oco"} | LEGS,
    {"type": "market", "order_class": "oto", "stop_loss": {"stop_price": "96"}},
)


class Floors(RuleBasedStateMachine):
    """One stock, prices around a hundred dollars, a handful of shares at a time."""

    made = Bundle("made")

    @initialize(seed=st.integers(0, 3), rate=st.sampled_from([0, 0.5, 1]))
    def begin(self, seed, rate):
        market = Market(self.tape)
        now = nanoseconds(self.tape.starts) + HOUR
        self.told = []
        self.floor = Floor(
            prices=Prices(market),
            hours=Hours(market),
            account=Account("id", CASH, CASH, 1, now),
            portions=Portions(seed, rate, 2 * SECOND),
            register=Register(seed),
            tell=self.hear,
            now=now,
        )
        self.floor.prices.script("AAA", Decimal(100), Decimal(101))
        self.exchange = Exchange(self.floor)
        self.ended = {}

    def hear(self, event, order, fill):
        self.told.append((event, order.id, fill))

    @rule(
        target=made,
        kind=st.sampled_from(KINDS),
        side=st.sampled_from(["buy", "sell"]),
        qty=st.integers(1, 6),
        tif=st.sampled_from(["day", "gtc"]),
    )
    def submit(self, kind, side, qty, tif):
        fields = {"symbol": "AAA", "qty": qty, "side": side, "time_in_force": tif} | kind
        try:
            order = self.exchange.submit(ticket(fields))
        except RefusedError:
            return multiple()
        self.look(0)
        return multiple(order, *order.legs)

    @rule(order=made)
    def cancel(self, order):
        try:
            self.exchange.cancel(order)
        except RefusedError:
            assert order.status in {*ENDS, "pending_cancel"}
        self.look(0)

    @rule(target=made, order=made, qty=st.integers(1, 6), price=PRICES)
    def replace(self, order, qty, price):
        prices = {"limit_price": order.limit and price, "stop_price": order.stop and price}
        try:
            new = self.exchange.replace(order, patch({"qty": qty} | prices))
        except RefusedError:
            return multiple()
        self.look(0)
        return new

    @rule(price=PRICES)
    def quote(self, price):
        self.floor.prices.script("AAA", Decimal(price), Decimal(price + 1))
        self.look(0)

    @rule(what=st.sets(st.sampled_from(list(Asked))))
    def stall(self, what):
        self.exchange.asks.stalled = frozenset(what)
        self.look(0)

    @rule(seconds=st.sampled_from([1, 3, 3_600, 86_400]))
    def wait(self, seconds):
        self.look(seconds)

    def look(self, seconds):
        self.exchange.look(self.floor.now + seconds * SECOND)

    @invariant()
    def money_and_shares_are_what_was_executed(self):
        fills = self.floor.fills
        signed = [one.quantity * (1 if one.side == "buy" else -1) for one in fills]
        spent = sum((each * one.price for each, one in zip(signed, fills, strict=True)), Decimal(0))
        assert self.exchange.account.cash == CASH - spent
        assert self.exchange.account.held("AAA") == sum(signed, Decimal(0))

    @invariant()
    def nothing_is_spent_or_sold_that_is_not_there(self):
        held = self.exchange.account.held("AAA")
        assert held >= 0
        assert shares_held(self.floor.register.working("AAA")) <= held
        # A market order may pay more than it was reckoned at, by no more than the whole range.
        assert self.exchange.account.cash >= -12 * 6

    @invariant()
    def an_order_is_filled_by_its_executions_and_never_beyond_its_quantity(self):
        for order in self.floor.register.orders.values():
            own = [one for one in self.floor.fills if one.order_id == order.id]
            assert order.filled == sum((one.quantity for one in own), Decimal(0))
            assert order.filled <= order.quantity
            if order.is_open or order.status == FILLED:
                assert (order.status == FILLED) == (order.left == 0)
            for one in own:
                assert order.limit is None or (order.limit - one.price) * order.sign >= 0

    @invariant()
    def legs_are_held_exactly_while_their_entry_may_still_be_filled(self):
        for order in self.floor.register.orders.values():
            for leg in order.legs:
                if order.order_class != "oco" and leg.is_open:
                    assert (leg.status == HELD) == order.is_open
                if not order.is_open and order.status != FILLED:
                    assert not leg.is_open

    @invariant()
    def what_has_ended_stays_as_it_was(self):
        for order in self.floor.register.orders.values():
            if order.id in self.ended:
                assert self.ended[order.id] == (order.status, order.filled)
            elif not order.is_open:
                self.ended[order.id] = order.status, order.filled

    @invariant()
    def executions_are_told_once_and_every_end_too(self):
        fills = [fill.id for _, _, fill in self.told if fill]
        assert fills == [one.id for one in self.floor.fills]
        ends = [who for event, who, _ in self.told if event in {"fill", *ENDS} - {FILLED}]
        assert len(ends) == len(set(ends))
        assert set(ends) == {
            one.id for one in self.floor.register.orders.values() if not one.is_open
        }


def test_the_books_are_straight_after_whatever_happens(tape):
    class Taped(Floors):
        pass

    Taped.tape = tape
    Taped.TestCase.settings = settings(deadline=None)
    Taped.TestCase().runTest()
