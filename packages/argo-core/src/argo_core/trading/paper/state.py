"""All that the paper broker knows, as a value."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import field, frozen

from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.broker_view import BrokerOrder, CashFlow, Split
from argo_core.trading.order import OrderRequest, Side
from argo_core.trading.paper.fills import touch
from argo_core.trading.paper.order import PaperOrder
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.position import Position

ZERO = Decimal(0)


@frozen
class PaperMoney:
    """The account apart from what it holds; `orders` and `executions` count those there were.

    `account` begins every id that the broker gives, so ids of two accounts are never the same.
    """

    account: str
    cash: Decimal
    last_equity: Decimal
    orders: int = 0
    executions: int = 0


@frozen
class PaperState:
    """Orders by the broker's id, in order of age; what was held once stays as a flat position.

    `splits` are those that were applied.
    """

    money: PaperMoney
    orders: Mapping[str, PaperOrder] = field(factory=dict)
    positions: Mapping[Symbol, Position] = field(factory=dict)
    quotes: Mapping[Symbol, Quote] = field(factory=dict)
    flows: tuple[CashFlow, ...] = ()
    splits: frozenset[Split] = frozenset()


def new_account(account: str, settings: PaperSettings) -> PaperState:
    """An account with its capital, and nothing else."""
    return PaperState(PaperMoney(account, settings.capital, settings.capital))


def shares_held(orders: Iterable[PaperOrder], symbol: Symbol, but: str = "") -> Decimal:
    """Shares that open orders may still sell; the two legs of a bracket hold the same ones.

    Legs that wait for their entry hold nothing. The group `but` does not count.
    """
    groups: dict[str, Decimal] = {}
    for one in orders:
        if one.works and (one.order.symbol, one.order.side) == (symbol, Side.SELL):
            groups[one.group] = max(groups.get(one.group, ZERO), one.remaining)
    groups.pop(but, None)
    return sum(groups.values(), ZERO)


def reserve_price(asked: BrokerOrder | OrderRequest, ask: Decimal, cushion: Decimal) -> Decimal:
    """What a share bought by that order is reckoned to cost."""
    if asked.limit is not None:
        return asked.limit
    return max(ask, asked.stop or ZERO) * (1 + cushion)


def reserved(
    orders: Iterable[PaperOrder], quotes: Mapping[Symbol, Quote], settings: PaperSettings
) -> Decimal:
    """Cash that open orders to buy may still need."""
    total = ZERO
    for one in orders:
        if one.order.side is Side.BUY:
            quote = quotes.get(one.order.symbol)
            ask = ZERO if quote is None else touch(quote, settings.spread).ask
            total += one.remaining * reserve_price(one.order, ask, settings.cushion)
    return total


def marked(
    positions: Mapping[Symbol, Position], quotes: Mapping[Symbol, Quote], settings: PaperSettings
) -> Decimal:
    """What is held, at the middle of its last quote; at what it cost where there was none."""

    def mark(symbol: Symbol) -> Decimal:
        quote = quotes.get(symbol)
        return positions[symbol].average if quote is None else touch(quote, settings.spread).mid

    values = (one.quantity * mark(symbol) for symbol, one in positions.items() if one.quantity)
    return sum(values, ZERO)
