"""The controller against a slow and unreliable market: when it is quiet, all is as it shall be."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.errors import BrokerRefused
from argo_core.market.instrument import Symbol
from argo_core.testing.book_rig import AAPL, CASH, MSFT, BookRig, account, entry_of
from argo_core.testing.model_broker import ModelBroker
from argo_core.trading.book_order import BookOrder
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.fact import (
    Accounted,
    CancelAsked,
    CauseCleared,
    CauseRaised,
    ExitWanted,
    Intended,
    Refused,
    ReplaceAsked,
    Trailed,
)
from argo_core.trading.holding import ExitReason
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import Cause
from argo_core.trading.step import Cancel, Pace, Replace, Step, Submit
from argo_core.trading.steps import Steps

BOTH = (AAPL, MSFT)
SYMBOLS = st.sampled_from(BOTH)
CHANCE = st.integers(0, 10_000)
SHARES = st.integers(1, 6).map(Decimal)
SOON = st.sampled_from([True, True, True, False])
PRICE, FEE = Decimal(100), Decimal("0.01")
# What becomes of a question: it is answered, its answer is lost, or it never gets there.
FATES = st.sampled_from(["answered", "answered", "answered", "unanswered", "lost", "refused"])
# With both symbols, one order a rest would be far more than this.
MOST_IN_A_CALM = 40


class StepsMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rig = BookRig()
        self.broker = ModelBroker(CASH)
        self.steps = Steps("paper-1", Pace())
        self.open_now = True
        self.fates: list[str] = []
        self.signals = 0
        self.asked = 0

    # What happens. Most often messages come at once and the trader looks at once.

    @initialize(quantity=SHARES, filled=SHARES)
    def a_position_is_entered(self, quantity: Decimal, filled: Decimal) -> None:
        self.a_signal_comes(AAPL, quantity, "answered", soon=True)
        self.fill(self.broker.fillable()[0], filled)
        self.go_on(soon=True)

    @rule(symbol=SYMBOLS, quantity=SHARES, fate=FATES, soon=SOON)
    def a_signal_comes(self, symbol: Symbol, quantity: Decimal, fate: str, soon: bool) -> None:
        book = self.rig.book
        if book.quantity(symbol) or book.open_orders(symbol) or book.causes or not self.open_now:
            return
        self.signals += 1
        request = entry_of(f"entry-{self.signals}", quantity, PRICE, symbol=symbol)
        self.rig.intend(request, signal_id=f"signal-{self.signals}")
        self.fates.append(fate)
        self.send(request.id)
        self.go_on(soon)

    @rule(chance=CHANCE, part=SHARES, soon=SOON)
    def the_market_fills(self, chance: int, part: Decimal, soon: bool) -> None:
        orders = self.broker.fillable()
        if orders and self.open_now:
            one = orders[chance % len(orders)]
            self.fill(one, part)
            self.go_on(soon)

    @rule(chance=CHANCE, willing=st.booleans(), soon=SOON)
    def the_market_answers(self, chance: int, willing: bool, soon: bool) -> None:
        if self.broker.waiting:
            name = self.broker.waiting[chance % len(self.broker.waiting)]
            self.broker.answer(name, self.rig.now, willing=willing)
            self.go_on(soon)

    @rule(chance=CHANCE, again=st.booleans())
    def a_message_comes(self, chance: int, again: bool) -> None:
        messages = self.broker.messages
        if messages:
            message = messages[chance % len(messages)]
            if not again:
                messages.remove(message)
            self.rig.hear(message.order, message.execution)

    @rule()
    def every_message_comes(self) -> None:
        messages, self.broker.messages = self.broker.messages, []
        for one in messages:
            self.rig.hear(one.order, one.execution)

    @rule(chance=CHANCE)
    def a_message_is_lost(self, chance: int) -> None:
        if self.broker.messages:
            del self.broker.messages[chance % len(self.broker.messages)]

    @rule(symbol=SYMBOLS, reason=st.sampled_from(ExitReason), soon=SOON)
    def an_exit_is_wanted(self, symbol: Symbol, reason: ExitReason, soon: bool) -> None:
        self.rig.note(ExitWanted(self.rig.now, symbol, reason))
        self.go_on(soon)

    @rule(symbol=SYMBOLS, stop=st.sampled_from(["96", "97", "98"]).map(Decimal), soon=SOON)
    def a_stop_trails(self, symbol: Symbol, stop: Decimal, soon: bool) -> None:
        holding = self.rig.book.holdings.get(symbol)
        if holding is not None:
            self.rig.note(Trailed(self.rig.now, symbol, holding.best, stop))
            self.go_on(soon)

    @rule()
    def trading_is_halted_or_resumed(self) -> None:
        now, stands = self.rig.now, Cause.OPERATOR in self.rig.book.causes
        made = CauseCleared if stands else CauseRaised
        self.rig.note(made(now, Cause.OPERATOR, "as I like it"))

    @rule()
    def the_market_opens_or_shuts(self) -> None:
        self.open_now = not self.open_now

    @rule(seconds=st.sampled_from([1, 5, 15, 100]), soon=SOON)
    def time_goes_by(self, seconds: int, soon: bool) -> None:
        self.rig.wait(seconds)
        self.go_on(soon)

    @rule()
    def the_books_are_read(self) -> None:
        self.read()

    @rule(chance=CHANCE, soon=SOON)
    def the_broker_ends_an_order(self, chance: int, soon: bool) -> None:
        busy = {self.broker.orders[name].replaces for name in self.broker.waiting}
        busy |= set(self.broker.waiting)
        orders = [one for one in self.broker.fillable() if one.broker_id not in busy]
        if orders:
            one = orders[chance % len(orders)]
            self.broker.cancel(one.broker_id, self.rig.now)
            self.broker.answer(one.broker_id, self.rig.now)
            self.go_on(soon)

    @precondition(lambda self: self.fates == [])
    @rule(fates=st.lists(FATES, min_size=1, max_size=4))
    def questions_will_go_wrong(self, fates: list[str]) -> None:
        self.fates = fates

    # What the trader does.

    @rule()
    def the_trader_looks(self) -> None:
        self.act()

    def go_on(self, soon: bool) -> None:
        if soon:
            self.every_message_comes()
            self.act()

    def act(self) -> int:
        """Take steps until there are none; how many. There must be an end to them."""
        taken = 0
        for _ in range(20):
            steps = [one for symbol in BOTH for one in self.next(symbol)]
            if not steps:
                return taken
            for step in steps:
                self.perform(step)
                taken += 1
        raise AssertionError(f"one step follows another without end: {steps}")

    def next(self, symbol: Symbol) -> tuple[Step, ...]:
        return self.steps.next(self.rig.book, symbol, self.rig.now, open_now=self.open_now)

    def perform(self, step: Step) -> None:
        now = self.rig.now
        if isinstance(step, Submit):
            assert not self.rig.book.open_orders(step.request.symbol), "something holds the shares"
            self.rig.note(Intended(now, step.request, step.leg, step.signal_id, step.signal_index))
            self.send(step.request.id)
        elif isinstance(step, Replace):
            assert step.request.quantity == self.rig.book.quantity(step.request.symbol)
            self.rig.note(ReplaceAsked(now, step.order.id, step.request))
            self.send(step.request.id)
        elif isinstance(step, Cancel):
            self.cancel(step)
        else:
            self.rig.note(ExitWanted(now, step.symbol, step.reason, step.why))

    def send(self, id_: str) -> None:
        order, now = self.rig.book.orders[id_], self.rig.now
        old = self.rig.book.orders.get(order.replaces or "")
        fate = self.fates.pop() if self.fates else "answered"
        self.asked += 1
        if fate == "lost":
            return
        try:
            said = self.ask(order, old, fate)
        except BrokerRefused as error:
            self.rig.note(Refused(now, id_, error.problem))
            if old is not None:
                self.look(old.id)
            elif order.leg is Leg.STOP:
                self.rig.note(ExitWanted(now, order.request.symbol, ExitReason.STOP))
            return
        if fate == "answered":
            self.rig.hear(said)

    def ask(self, order: BookOrder, old: BookOrder | None, fate: str) -> BrokerOrder:
        if fate == "refused":
            raise BrokerRefused("model", "it does not like it")
        if old is None:
            return self.broker.submit(order.request, self.rig.now)
        return self.broker.replace(old.broker_id or "", order.request, self.rig.now)

    def cancel(self, step: Cancel) -> None:
        now = self.rig.now
        self.rig.note(CancelAsked(now, step.order.id))
        fate = self.fates.pop() if self.fates else "answered"
        if fate == "lost":
            return
        try:
            self.broker.cancel(step.order.broker_id or "", now)
        except BrokerRefused:
            self.look(step.order.id)

    def look(self, id_: str) -> bool:
        found = self.broker.find(id_)
        return found is not None and self.rig.hear(found)

    def read(self) -> None:
        """The broker's books, as a whole; what is not in them never got there."""
        for said in list(self.broker.orders.values()):
            assert self.rig.hear(said)
        for one in self.rig.book.open_orders():
            if one.status is Status.INTENDED and self.broker.find(one.id) is None:
                self.rig.note(Refused(self.rig.now, one.id, "it is not there", lost=True))
        self.rig.note(Accounted(self.rig.now, account(self.rig.book.cash)))

    def fill(self, one: BrokerOrder, part: Decimal) -> None:
        part = min(part, one.quantity - one.filled)
        self.broker.fill(one.broker_id, part, PRICE, FEE, self.rig.now)

    # What is promised.

    @invariant()
    def nothing_is_sold_that_is_not_there(self) -> None:
        for symbol in BOTH:
            assert self.broker.positions[symbol] >= 0
            assert self.broker.free(symbol) >= 0
            assert self.rig.book.quantity(symbol) == sum(
                one.quantity * one.side.sign for one in self.rig.book.fills if one.symbol == symbol
            )

    def teardown(self) -> None:
        self.fates = []
        self.open_now = True
        self.calm()
        for symbol in BOTH:
            self.check(symbol)
        self.wants_the_rest_closed()

    def calm(self) -> None:
        """Twenty minutes in which everything is answered and nothing is filled but what must be."""
        before = self.asked
        for _ in range(12):
            self.act()
            for name in list(self.broker.waiting):
                self.broker.answer(name, self.rig.now)
            self.every_message_comes()
            self.act()
            for one in self.broker.fillable():
                if one.type is OrderType.MARKET:
                    self.fill(one, one.quantity)
            self.every_message_comes()
            self.read()
            self.rig.wait(100)
        assert self.act() == 0, "it is quiet, and yet there is something to do"
        assert self.asked - before <= MOST_IN_A_CALM

    def check(self, symbol: Symbol) -> None:
        book, held = self.rig.book, self.broker.positions[symbol]
        orders = self.broker.open(symbol)
        assert book.quantity(symbol) == held
        assert {one.id for one in book.open_orders(symbol)} == {one.id for one in orders}
        if not held:
            assert orders == ()
            assert symbol not in book.holdings
            return
        holding = book.holdings[symbol]
        assert holding.exit is None
        (stop,) = (one for one in orders if one.type is OrderType.STOP)
        assert stop.status is Status.WORKING
        assert stop.quantity - stop.filled == held
        assert stop.filled or stop.stop == holding.stop
        for target in orders:
            assert target is stop or target.parent == stop.parent is not None

    def wants_the_rest_closed(self) -> None:
        """Whatever is left can be closed, and then nothing is left."""
        for symbol in BOTH:
            self.rig.note(ExitWanted(self.rig.now, symbol, ExitReason.FLATTEN))
        self.calm()
        for symbol in BOTH:
            assert self.broker.positions[symbol] == 0
            assert self.broker.open(symbol) == ()
        assert self.rig.now - self.rig.book.began < timedelta(days=2)  # type: ignore[operator]


TestStepsMachine = StepsMachine.TestCase
TestStepsMachine.settings = settings(stateful_step_count=30)
