"""Books made from the same fills are equal; what is put wrong in one is what is found."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from attrs import define, evolve, field, frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.market.instrument import Symbol
from argo_core.trading.book_order import BookOrder
from argo_core.trading.book_view import BookView, OwnOrder
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, BrokerPosition
from argo_core.trading.drift import DriftKind
from argo_core.trading.order import Leg, OrderRequest, OrderType, Side, Status
from argo_core.trading.position import Position
from argo_core.trading.reconcile import Tolerance, reconcile

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
LONG, SHORT, MIXED, NEW = (Symbol(name) for name in ("NVR", "TDG", "AZO", "BKNG"))
ZERO, START = Decimal(0), Decimal(100_000)
SHARP = Tolerance(fee=ZERO)
ENDS = (Status.CANCELLED, Status.EXPIRED)


@frozen
class Plan:
    """An order's life: fills of (shares, cents, cents of fees), of which we heard `heard`.

    `end` is its last status if it is not filled completely, and `news` says that we missed that.
    """

    number: int
    symbol: Symbol
    side: Side
    fills: tuple[tuple[int, int, int], ...]
    rest: int
    end: Status
    heard: int
    news: bool

    @property
    def id(self) -> str:
        return f"order-{self.number}"

    @property
    def quantity(self) -> Decimal:
        return Decimal(sum(shares for shares, _, _ in self.fills) + self.rest)

    @property
    def status(self) -> Status:
        return self.end if self.rest else Status.FILLED

    def request(self) -> OrderRequest:
        return OrderRequest(self.id, self.symbol, self.side, self.quantity)

    def said(self, count: int, status: Status) -> BrokerOrder:
        some = self.fills[:count]
        shares = Decimal(sum(one for one, _, _ in some))
        cost = Decimal(sum(one * price for one, price, _ in some)) / 100
        return BrokerOrder(
            *(self.id, f"b{self.number}", self.symbol, self.side, OrderType.MARKET),
            *(self.quantity, status, NOON + timedelta(seconds=self.number)),
            filled=shares,
            average=cost / shares if shares else None,
            fees=Decimal(sum(fee for _, _, fee in some)) / 100,
        )


@define
class Book:
    """As much of a book as is told here, by the orders that the real one has."""

    orders: dict[str, BookOrder] = field(factory=dict)
    positions: dict[Symbol, Position] = field(factory=dict)
    cash: Decimal = START

    def intend(self, plan: Plan) -> None:
        self.orders[plan.id] = BookOrder(
            *(plan.id, plan.request(), Leg.EXIT, Status.INTENDED, NOON, NOON, "s", None)
        )

    def tell(self, said: BrokerOrder) -> None:
        self.orders[said.id], fill = self.orders[said.id].told(said, None, 1, NOON)
        if fill is not None:
            held = self.positions.get(fill.symbol, Position())
            held = held.after(fill.side, fill.quantity, fill.price, fill.fee)
            self.positions[fill.symbol] = held
            self.cash -= fill.quantity * fill.price * fill.side.sign + fill.fee

    def view(self) -> BookView:
        orders = {name: OwnOrder.of(one) for name, one in self.orders.items()}
        return BookView("acc", self.cash, orders, dict(self.positions), frozenset(orders))


@define
class Broker:
    """What the broker answers."""

    orders: list[BrokerOrder]
    positions: list[BrokerPosition]
    account: BrokerAccount


@st.composite
def plans(draw: st.DrawFn, *, lagging: bool) -> list[Plan]:
    """Orders one after the other; only where all go one way do we miss something of them.

    Averages depend on the order of fills where they open and close, and totals do not tell it.
    """
    found = []
    for number in range(draw(st.integers(0, 6))):
        symbol = draw(st.sampled_from([LONG, SHORT, MIXED]))
        sides = {LONG: [Side.BUY], SHORT: [Side.SELL], MIXED: list(Side)}[symbol]
        shares = st.tuples(st.integers(1, 4), st.integers(9_000, 11_000), st.integers(0, 5))
        fills = tuple(draw(st.lists(shares, max_size=3)))
        rest = draw(st.integers(0, 3)) if fills else 1
        missed = lagging and symbol is not MIXED
        heard = draw(st.integers(0, len(fills))) if missed else len(fills)
        found.append(
            Plan(
                number=number,
                symbol=symbol,
                side=draw(st.sampled_from(sides)),
                fills=fills,
                rest=rest,
                end=draw(st.sampled_from([Status.WORKING, Status.CANCELLING, *ENDS])),
                heard=heard,
                news=heard < len(fills) or (missed and draw(st.booleans())),
            )
        )
    return found


def books(every: Sequence[Plan]) -> tuple[Book, Broker]:
    ours, truth = Book(), Book()
    for one in every:
        truth.intend(one)
        for count in range(len(one.fills) + 1):
            truth.tell(one.said(count, Status.WORKING))
        ours.intend(one)
        for count in range(one.heard + 1):
            ours.tell(one.said(count, Status.WORKING))
        if not one.news:
            ours.tell(one.said(one.heard, one.status))
    account = BrokerAccount("acc", truth.cash, truth.cash, truth.cash, truth.cash)
    held = [
        BrokerPosition(symbol, one.quantity, one.average)
        for symbol, one in truth.positions.items()
        if one.quantity
    ]
    return ours, Broker([one.said(len(one.fills), one.status) for one in every], held, account)


@given(plans(lagging=False))
def test_books_of_the_same_fills_are_equal(every: list[Plan]) -> None:
    ours, theirs = books(every)
    found = reconcile(ours.view(), theirs.orders, theirs.positions, theirs.account, tolerance=SHARP)
    assert found.certain
    assert (found.updates, found.unknown_orders, found.adopted) == ((), (), {})


@given(plans(lagging=True), st.randoms(use_true_random=False))
def test_what_we_missed_is_no_difference_and_told_once_it_is_known(
    every: list[Plan], chance: object
) -> None:
    ours, theirs = books(every)
    shuffled = list(theirs.orders)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    world = theirs.positions, theirs.account
    found = reconcile(ours.view(), shuffled, *world, tolerance=SHARP)
    assert found.certain
    moved = {one.id for one in every if one.news and (one.status, one.heard) != _heard(one)}
    assert {one.id for one in found.updates} == moved
    for one in found.updates:
        ours.tell(one)
    again = reconcile(ours.view(), shuffled, *world, tolerance=SHARP, before=found)
    assert again.certain
    assert again.updates == ()


def _heard(one: Plan) -> tuple[Status, int]:
    """What we know of an order whose news we missed, if it is all there is to know."""
    return Status.WORKING, len(one.fills)


class World:
    """Two books that are equal, and the hand that puts them wrong."""

    def __init__(self, every: list[Plan], draw: st.DrawFn) -> None:
        ours, self.theirs = books(every)
        self.view, self.draw = ours.view(), draw
        self.untouched = {one.id for one in every if not one.news}
        self.whole = {one.symbol for one in self.theirs.positions}
        self.wrong: set[tuple[DriftKind, Symbol | None, str | None]] = set()
        self.missing: set[str] = set()

    def said(self, name: str) -> int:
        return next(at for at, one in enumerate(self.theirs.orders) if one.id == name)

    def pick(self, wanted: set[str]) -> str | None:
        found = sorted(wanted & self.untouched)
        if not found:
            return None
        name = self.draw(st.sampled_from(found))
        self.untouched.remove(name)
        return name

    def position(self) -> int | None:
        found = sorted(self.whole)
        if not found:
            return None
        symbol = self.draw(st.sampled_from(found))
        self.whole.remove(symbol)
        return next(at for at, one in enumerate(self.theirs.positions) if one.symbol == symbol)

    def change(self, name: str, kind: DriftKind, **how: object) -> None:
        at = self.said(name)
        self.wrong.add((kind, self.view.orders[name].symbol, name))
        self.theirs.orders[at] = evolve(self.theirs.orders[at], **how)

    def stranger(self) -> None:
        said = evolve(Plan(99, NEW, Side.BUY, (), 2, Status.WORKING, 0, news=False).said(0, OPEN))
        self.theirs.orders.append(said)
        self.wrong.add((DriftKind.UNKNOWN_ORDER, NEW, said.id))

    def unknown(self) -> None:
        self.theirs.positions.append(BrokerPosition(NEW, Decimal(-3), Decimal(10)))
        self.wrong.add((DriftKind.UNKNOWN_POSITION, NEW, None))

    def shares(self) -> None:
        at = self.position()
        if at is not None:
            one = self.theirs.positions[at]
            more = self.draw(st.sampled_from([-one.quantity, Decimal(1), Decimal(-1), START]))
            self.theirs.positions[at] = evolve(one, quantity=one.quantity + more)
            self.wrong.add((DriftKind.QUANTITY, one.symbol, None))

    def average(self) -> None:
        at = self.position()
        if at is not None:
            one = self.theirs.positions[at]
            off = self.draw(st.sampled_from(["0.9998", "1.0002", "3"]))
            self.theirs.positions[at] = evolve(one, average=one.average * Decimal(off))
            self.wrong.add((DriftKind.AVERAGE, one.symbol, None))

    def money(self) -> None:
        off = self.draw(st.sampled_from(["-0.02", "0.02", "5000"]))
        account = self.theirs.account
        self.theirs.account = evolve(account, cash=account.cash + Decimal(off))
        self.wrong.add((DriftKind.CASH, None, None))

    def other_side(self) -> None:
        name = self.pick(set(self.view.orders))
        if name is not None:
            side = self.view.orders[name].side.opposite
            self.change(name, DriftKind.ORDER, side=side)

    def back(self) -> None:
        name = self.pick({name for name, own in self.view.orders.items() if own.filled})
        if name is not None:
            left = self.view.orders[name].filled - 1
            self.change(
                name,
                DriftKind.FILL_BACKWARDS,
                filled=left,
                average=Decimal(100) if left else None,
            )

    def gone(self) -> None:
        name = self.pick({n for n, own in self.view.orders.items() if own.status.is_open})
        if name is not None:
            self.theirs.orders.pop(self.said(name))
            self.missing.add(name)

    def risen(self) -> None:
        name = self.pick({n for n, own in self.view.orders.items() if own.status in ENDS})
        if name is not None:
            self.change(name, DriftKind.RISEN, status=OPEN)


OPEN = Status.WORKING
ERRORS = (
    World.stranger,
    World.unknown,
    World.shares,
    World.average,
    World.money,
    World.other_side,
    World.back,
    World.gone,
    World.risen,
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    world = World(draw(plans(lagging=True)), draw)
    for put_wrong in draw(st.lists(st.sampled_from(ERRORS), max_size=5, unique=True)):
        put_wrong(world)
    return world


@given(worlds())
def test_exactly_what_was_put_wrong_is_found_by_the_second_look_at_the_latest(
    world: World,
) -> None:
    theirs = world.theirs
    answers = theirs.orders, theirs.positions, theirs.account
    first = reconcile(world.view, *answers, tolerance=SHARP)
    assert first.about == world.wrong
    assert set(first.missing) == world.missing
    second = reconcile(world.view, *answers, tolerance=SHARP, before=first)
    assert {one.about for one in second.differences} == world.wrong
    assert second.excused == ()
    assert second.equal == (not world.wrong and not world.missing)
    assert len({one.text for one in second.differences}) == len(second.differences)


@given(worlds())
def test_looking_twice_with_the_same_eyes_says_the_same(world: World) -> None:
    theirs = world.theirs
    answers = theirs.orders, theirs.positions, theirs.account
    first = reconcile(world.view, *answers, tolerance=SHARP)
    second = reconcile(world.view, *answers, tolerance=SHARP, before=first)
    third = reconcile(world.view, *answers, tolerance=SHARP, before=second)
    assert second == third
    assert (first.updates, first.missing) == (second.updates, second.missing)
