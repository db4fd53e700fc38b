"""A book with the journal that it follows from, and short words for the facts that reach it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from argo_core.market.instrument import Symbol
from argo_core.trading.book import Book
from argo_core.trading.broker_view import BrokerAccount, BrokerOrder, Execution
from argo_core.trading.fact import Accounted, Fact, Intended, Numbered, Told
from argo_core.trading.holding import Holding
from argo_core.trading.order import (
    Bracket,
    GoodTill,
    Leg,
    OrderRequest,
    OrderType,
    Side,
)
from argo_core.trading.orders_kept import is_ours

OPENING = datetime(2026, 11, 23, 15, tzinfo=UTC)
AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")
CASH = Decimal(100_000)


def account(cash: Decimal = CASH, equity: Decimal | None = None) -> BrokerAccount:
    """What the broker says of an account that holds nothing, or is worth `equity`."""
    worth = cash if equity is None else equity
    return BrokerAccount("paper-1", cash, worth, worth, cash)


def entry_of(
    id_: str,
    quantity: Decimal,
    limit: Decimal,
    *,
    symbol: Symbol = AAPL,
    side: Side = Side.BUY,
    bracketed: bool = True,
) -> OrderRequest:
    """An entry whose bracket's legs lie five to either side of its limit."""
    away = 5 * side.sign
    return OrderRequest(
        id=id_,
        symbol=symbol,
        side=side,
        quantity=quantity,
        type=OrderType.LIMIT,
        limit=limit,
        bracket=Bracket(limit - away, limit + away) if bracketed else None,
        good_till=GoodTill.CANCELLED,
    )


def plan_of(request: OrderRequest, signal_id: str, until: datetime) -> Holding:
    """The plan that goes with such an entry."""
    limit, away = request.limit or Decimal(100), 5 * request.side.sign
    return Holding(
        symbol=request.symbol,
        side=request.side,
        signal_id=signal_id,
        signal_index=7,
        stop=limit - away,
        target=limit + away,
        until=until,
        best=limit,
    )


class BookRig:
    """`now` goes on by `wait` alone."""

    def __init__(self) -> None:
        self.book = Book("paper")
        self.journal: list[Numbered] = []
        self.now = OPENING
        self.note(Accounted(self.now, account()))

    def note(self, *facts: Fact) -> None:
        """Write down, then know."""
        for fact in facts:
            numbered = Numbered(len(self.journal) + 1, fact)
            self.journal.append(numbered)
            self.book.apply(numbered)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        self.now += timedelta(seconds=seconds)

    def intend(
        self,
        request: OrderRequest,
        leg: Leg = Leg.ENTRY,
        signal_id: str = "signal",
        *,
        planned: bool = True,
    ) -> None:
        """Write down that an order is about to be sent, an entry with its plan."""
        until = self.now + timedelta(days=1)
        plan = plan_of(request, signal_id, until) if leg.opens and planned else None
        self.note(Intended(self.now, request, leg, signal_id, 7, plan))

    def hear(self, said: BrokerOrder, execution: Execution | None = None) -> bool:
        """What the broker says of an order; whether it is one of ours."""
        book = self.book
        if not is_ours(book, said):
            return False
        leg = None
        if said.id not in book.orders:
            before = book.order_at(said.replaces or "")
            leg = Leg.STOP if said.type is OrderType.STOP else Leg.TARGET
            leg = before.leg if before else leg
        self.note(Told(self.now, said, leg, execution))
        return True
