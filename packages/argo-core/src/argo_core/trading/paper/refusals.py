"""Why the paper broker will not take an order: what a broker would say, one rule after another."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.order import OrderRequest, OrderType, Side
from argo_core.trading.paper.fills import tick, touch
from argo_core.trading.paper.order import PaperOrder
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import reserve_price, reserved, shares_held
from argo_core.trading.position import Position

ZERO = Decimal(0)
FLAT = Position()


@frozen
class Refusal:
    """`code` is a word for programs, `problem` a sentence for people."""

    code: str
    problem: str


@frozen
class Books:
    """What the broker looks at before it takes an order; `orders` are the open ones.

    An order that is to be replaced is among them, and named as `old`.
    """

    settings: PaperSettings
    cash: Decimal
    orders: tuple[PaperOrder, ...]
    positions: Mapping[Symbol, Position]
    quotes: Mapping[Symbol, Quote]

    def refusal(self, request: OrderRequest, old: PaperOrder | None = None) -> Refusal | None:
        """The first rule that is against it, None if it is welcome."""
        said = (rule(self, request, old) for rule in RULES)
        return next((one for one in said if one is not None), None)

    def ask(self, symbol: Symbol) -> Decimal | None:
        """What a share costs now, as far as anybody has said."""
        quote = self.quotes.get(symbol)
        return None if quote is None else touch(quote, self.settings.spread).ask


def same_order(_: Books, request: OrderRequest, old: PaperOrder | None) -> Refusal | None:
    """A replacement has the symbol, side, type and time in force of what it replaces."""
    if old is None:
        return None
    before = (old.order.symbol, old.order.side, old.order.type, old.good_till, old.extended)
    after = (request.symbol, request.side, request.type, request.good_till, request.extended)
    if before != after:
        return Refusal("other_order", "only quantity, limit and stop of an order can be replaced")
    return None


def known_symbol(books: Books, request: OrderRequest, _: PaperOrder | None) -> Refusal | None:
    """There must be a market in it, as far as the broker can see."""
    symbols = books.quotes if books.settings.symbols is None else books.settings.symbols
    if request.symbol not in symbols:
        return Refusal("unknown_symbol", f"{request.symbol} is not traded here")
    if request.limit is None and request.symbol not in books.quotes:
        return Refusal("no_price", f"{request.symbol} has no price yet; give a limit")
    return None


def whole_ticks(_: Books, request: OrderRequest, __: PaperOrder | None) -> Refusal | None:
    """Prices have cents, or hundredths of them below a dollar."""
    bracket = request.bracket
    legs = () if bracket is None else (bracket.stop, bracket.target)
    for price in (request.limit, request.stop, *legs):
        if price is not None and price % tick(price):
            return Refusal("sub_penny", f"{price} has more decimals than prices have")
    return None


def simple_enough(books: Books, request: OrderRequest, _: PaperOrder | None) -> Refusal | None:
    """Brackets begin with a purchase by market or limit, above their stop, in regular hours."""
    if request.extended and request.type is not OrderType.LIMIT:
        return Refusal("extended_hours", "only limit orders work outside the regular session")
    if request.bracket is None:
        return None
    if request.type is OrderType.STOP or request.extended:
        return Refusal("bracket", "a bracket begins with a market or limit order in regular hours")
    base = request.limit or books.ask(request.symbol)
    if request.side is Side.BUY and base is not None and request.bracket.stop >= base:
        return Refusal("bracket", f"its stop {request.bracket.stop} is not below {base}")
    return None


def enough_shares(books: Books, request: OrderRequest, old: PaperOrder | None) -> Refusal | None:
    """Only shares that are there and that no other order holds are sold: nothing is sold short.

    A bracket's leg sells no more than it or the other leg has left: shares of its entry, no others.
    """
    if request.side is Side.BUY:
        return None
    owned = books.positions.get(request.symbol, FLAT).quantity
    if old is not None and old.order.parent is not None:
        free = max(one.remaining for one in books.orders if one.group == old.group)
    elif request.bracket is not None or not owned:
        return Refusal("short_selling", "the account is not allowed to sell short")
    else:
        free = owned - shares_held(books.orders, request.symbol, "" if old is None else old.group)
    if request.quantity > free:
        problem = f"{free} shares are free of {owned}, {request.quantity} are asked for"
        return Refusal("insufficient_shares", problem)
    return None


def enough_money(books: Books, request: OrderRequest, old: PaperOrder | None) -> Refusal | None:
    """A purchase is paid with cash that no other open purchase has reserved."""
    if request.side is Side.SELL:
        return None
    others = (one for one in books.orders if one is not old)
    free = books.cash - reserved(others, books.quotes, books.settings)
    price = reserve_price(request, books.ask(request.symbol) or ZERO, books.settings.cushion)
    if request.quantity * price > free:
        problem = f"{request.quantity * price} is needed, {free} is there"
        return Refusal("insufficient_buying_power", problem)
    return None


def no_wash_trade(books: Books, request: OrderRequest, old: PaperOrder | None) -> Refusal | None:
    """Nobody trades with himself: no order meets an open one of the other side.

    Market and stop orders may meet whatever is there; two limits meet when their prices cross. A
    bracket's legs do not meet each other, and those that wait for their entry meet nobody.
    """
    if old is not None and old.order.parent is not None:
        return None
    for one in books.orders:
        theirs = one.order
        if one.works and theirs.symbol == request.symbol and theirs.side is not request.side:
            if request.limit is None or theirs.limit is None:
                return Refusal("wash_trade", "an order of the other side is open")
            if (request.limit - theirs.limit) * request.side.sign >= 0:
                return Refusal("wash_trade", "the limit crosses an open order of the other side")
    return None


Rule = Callable[[Books, OrderRequest, PaperOrder | None], Refusal | None]

RULES: tuple[Rule, ...] = (
    same_order,
    known_symbol,
    whole_ticks,
    simple_enough,
    enough_shares,
    enough_money,
    no_wash_trade,
)
