"""Whatever a broker's messages go through, a look at its books makes ours the same."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argo_core.errors import BrokerRefused
from argo_core.testing.book_rig import AAPL, CASH, MSFT, BookRig, entry_of
from argo_core.testing.model_broker import ModelBroker
from argo_core.trading.book import Book
from argo_core.trading.book_order import Fill
from argo_core.trading.broker_view import BrokerOrder
from argo_core.trading.fact import CancelAsked, Refused, ReplaceAsked
from argo_core.trading.order import OrderRequest, Side, Status
from argo_core.trading.trade import TradeEvent

SYMBOLS = st.sampled_from([AAPL, MSFT])
SHARES = st.integers(1, 5).map(Decimal)
PRICES = st.sampled_from(["99.50", "100", "100.03", "101.7"]).map(Decimal)
FEES = st.sampled_from(["0", "0.01", "0.35"]).map(Decimal)
CHANCE = st.integers(0, 10_000)
# Averages are rounded to 28 digits.
ROUNDING = Fraction(1, 10**15)
ENDS = {TradeEvent.CANCELLED, TradeEvent.EXPIRED, TradeEvent.REJECTED}


def known_of(book: Book) -> dict[str, object]:
    """Everything that a book knows, in a form that can be compared."""
    known = vars(book) | {"outbox": vars(book.outbox)}
    return {name: list(one) if name in DEQUES else one for name, one in known.items()}


DEQUES = {"fills", "denied", "placed", "closed"}


class BookMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.rig = BookRig()
        self.broker = ModelBroker(CASH)
        self.fills: list[Fill] = []
        self.made = 0

    def name(self) -> str:
        self.made += 1
        return f"order-{self.made}"

    @rule(
        symbol=SYMBOLS,
        quantity=SHARES,
        limit=PRICES,
        kind=st.tuples(st.sampled_from(Side), st.booleans()),
        told=st.booleans(),
    )
    def an_order_is_sent(
        self, symbol: str, quantity: Decimal, limit: Decimal, kind: tuple[Side, bool], told: bool
    ) -> None:
        side, bracketed = kind
        request = entry_of(
            *(self.name(), quantity, limit),
            symbol=symbol,
            side=side,
            bracketed=bracketed,
        )
        self.rig.intend(request, signal_id=request.id)
        try:
            said = self.broker.submit(request, self.rig.now)
        except BrokerRefused:
            self.rig.note(Refused(self.rig.now, request.id, "no"))
        else:
            if told:
                self.hear(said)

    @rule(chance=CHANCE, arrives=st.booleans())
    def an_order_is_asked_to_end(self, chance: int, arrives: bool) -> None:
        orders = [one for one in self.rig.book.open_orders() if one.broker_id]
        if not orders:
            return
        order = orders[chance % len(orders)]
        self.rig.note(CancelAsked(self.rig.now, order.id))
        if arrives:
            try:
                self.broker.cancel(order.broker_id or "", self.rig.now)
            except BrokerRefused:
                self.look_at(order.id)

    @rule(chance=CHANCE, quantity=SHARES, told=st.booleans())
    def an_order_is_to_be_replaced(self, chance: int, quantity: Decimal, told: bool) -> None:
        orders = [
            one
            for one in self.rig.book.open_orders()
            if one.broker_id and not one.leg.opens and one.status is not Status.CANCELLING
        ]
        if not orders:
            return
        old = orders[chance % len(orders)]
        request = OrderRequest(
            *(self.name(), old.request.symbol, old.request.side, quantity, old.request.type),
            limit=old.request.limit,
            stop=old.request.stop,
        )
        self.rig.note(ReplaceAsked(self.rig.now, old.id, request))
        try:
            said = self.broker.replace(old.broker_id or "", request, self.rig.now)
        except BrokerRefused:
            self.rig.note(Refused(self.rig.now, request.id, "no"))
        else:
            if told:
                self.hear(said)

    @rule(chance=CHANCE, willing=st.booleans())
    def the_market_answers(self, chance: int, willing: bool) -> None:
        if self.broker.waiting:
            name = self.broker.waiting[chance % len(self.broker.waiting)]
            self.broker.answer(name, self.rig.now, willing=willing)

    @rule(chance=CHANCE, part=SHARES, price=PRICES, fee=FEES)
    def the_market_fills(self, chance: int, part: Decimal, price: Decimal, fee: Decimal) -> None:
        orders = self.broker.fillable()
        if orders:
            one = orders[chance % len(orders)]
            part = min(part, one.quantity - one.filled)
            self.broker.fill(one.broker_id, part, price, fee, self.rig.now)

    @rule(seconds=st.integers(1, 30))
    def time_goes_by(self, seconds: int) -> None:
        self.rig.wait(seconds)

    @rule(chance=CHANCE, again=st.booleans())
    def a_message_comes(self, chance: int, again: bool) -> None:
        if self.broker.messages:
            place = chance % len(self.broker.messages)
            message = self.broker.messages[place]
            if not again:
                del self.broker.messages[place]
            self.rig.hear(message.order, message.execution)
            self.gather()

    @rule(chance=CHANCE)
    def a_message_is_lost(self, chance: int) -> None:
        if self.broker.messages:
            del self.broker.messages[chance % len(self.broker.messages)]

    @rule(chance=CHANCE)
    def an_order_is_given_up(self, chance: int) -> None:
        unheard = [one for one in self.rig.book.open_orders() if one.broker_id is None]
        if unheard:
            order = unheard[chance % len(unheard)]
            self.rig.note(Refused(self.rig.now, order.id, "not found", lost=True))

    @rule()
    def the_books_are_read(self) -> None:
        for said in self.broker.orders.values():
            self.hear(said)
        book = self.rig.book
        for said in self.broker.orders.values():
            ours = book.orders[said.id]
            # We asked for an end that the broker has not heard of, or refused.
            asked = ours.status is Status.CANCELLING and said.status in {
                Status.WORKING,
                Status.HELD,
            }
            pending = said.replaces is not None and said.broker_id in self.broker.waiting
            assert asked or pending or ours.status is said.status
            assert (ours.filled, ours.request.quantity) == (said.filled, said.quantity)
        held = {symbol: one for symbol, one in self.broker.positions.items() if one}
        assert {symbol: one.quantity for symbol, one in book.held().items()} == held
        assert abs(Fraction(book.cash) - self.broker.cash) < ROUNDING

    def look_at(self, id_: str) -> None:
        found = self.broker.find(id_)
        if found is not None:
            self.hear(found)

    def hear(self, said: BrokerOrder) -> None:
        self.rig.hear(said)
        self.gather()

    def gather(self) -> None:
        """Every fill once, beside the book."""
        last = self.fills[-1].number if self.fills else 0
        self.fills += [one for one in self.rig.book.fills if one.number > last]

    @invariant()
    def nothing_is_filled_beyond_what_was_asked_for(self) -> None:
        for one in self.rig.book.orders.values():
            assert 0 <= one.filled <= one.request.quantity
            assert one.remaining >= 0
        assert all(one.quantity > 0 for one in self.fills), "a fill was taken back"

    @invariant()
    def profit_is_what_the_fills_add_up_to(self) -> None:
        mark, book = Decimal("100.5"), self.rig.book
        for symbol, held in book.positions.items():
            fills = [one for one in self.fills if one.symbol == symbol]
            shares = sum((one.quantity * one.side.sign for one in fills), Decimal(0))
            paid = sum(
                Fraction(one.quantity) * Fraction(one.price) * one.side.sign for one in fills
            )
            assert held.quantity == shares == book.quantity(symbol)
            assert held.fees == sum((one.fee for one in fills), Decimal(0))
            won = Fraction(held.realised + held.unrealised(mark))
            assert abs(won - (Fraction(shares) * Fraction(mark) - paid)) < ROUNDING
            realised = sum((Fraction(one.realised) for one in fills), Fraction(0))
            assert abs(realised - Fraction(held.realised)) < ROUNDING
        paid = sum(
            Fraction(one.quantity) * Fraction(one.price) * one.side.sign + Fraction(one.fee)
            for one in self.fills
        )
        assert abs(Fraction(book.cash) - (Fraction(CASH) - paid)) < ROUNDING

    @invariant()
    def the_record_tells_each_order_from_its_beginning_to_its_end(self) -> None:
        trades = sorted(self.rig.book.outbox.waiting.values(), key=lambda one: one.number)
        for order in self.rig.book.orders.values():
            events = [one.event for one in trades if one.order_id == order.id]
            assert events.count(TradeEvent.SUBMITTED) <= 1
            filled = [one for one in trades if one.order_id == order.id and one.price]
            assert (
                sum(one.quantity for one in filled if one.event is TradeEvent.FILLED)
                == order.filled
            )
            if order.broker_id is not None and order.problem is None:
                assert events[:1] == [TradeEvent.SUBMITTED] or order.status is Status.REJECTED
            if order.problem is None:
                assert sum(event in ENDS for event in events) == (
                    order.status.is_end and order.status is not Status.FILLED
                ) or (order.status is Status.FILLED and events[-1] is TradeEvent.FILLED)
        names = [(one.order_id, one.execution_id) for one in trades if one.execution_id]
        assert len(set(names)) == len(names)

    def teardown(self) -> None:
        self.the_books_are_read()
        # The journal alone makes the very same book, wherever one stops and goes on.
        again, half = Book("paper"), len(self.rig.journal) // 2
        again.apply_all(self.rig.journal[:half])
        again.apply_all(self.rig.journal[half:])
        assert known_of(again) == known_of(self.rig.book)


TestBookMachine = BookMachine.TestCase
TestBookMachine.settings = settings(stateful_step_count=40)
