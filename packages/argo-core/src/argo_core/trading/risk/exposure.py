"""What is at stake in each symbol: what is held, and what the open orders would add to it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.trading.risk.case import Added
from argo_core.trading.views import AccountView, OpenOrder

_NONE = Decimal(0)


@frozen
class Exposure:
    """X_s in quote currency: |position| at its mark, and all orders that would add to it.

    An order adds if it opens, or goes the way the position goes; what only closes does not. `value`
    is None where something is held that has no mark.
    """

    symbol: Symbol
    sector: str
    value: Decimal | None


def exposures(account: AccountView, added: Added | None = None) -> tuple[Exposure, ...]:
    """Every symbol with something at stake, by name; `added` is in its symbol's."""
    sectors = dict(account.sectors)
    orders = _reserved(account)
    if added is not None:
        sectors[added.symbol] = added.sector
        orders[added.symbol] = orders.get(added.symbol, _NONE) + added.value
    held = {symbol for symbol, quantity in account.positions.items() if quantity}
    return tuple(
        Exposure(symbol, sectors.get(symbol, "unknown"), _value(account, symbol, orders))
        for symbol in sorted(held | orders.keys())
    )


def total(exposures: Iterable[Exposure]) -> Decimal | None:
    """Their sum; None where one of them is not known."""
    values = [each.value for each in exposures]
    known = [value for value in values if value is not None]
    return sum(known, _NONE) if len(known) == len(values) else None


def reserves(account: AccountView) -> Decimal:
    """What the open orders that add to positions will cost if all are filled."""
    return sum(_reserved(account).values(), _NONE)


def _reserved(account: AccountView) -> dict[Symbol, Decimal]:
    reserved: dict[Symbol, Decimal] = {}
    for order in account.orders:
        if order.remaining and _adds(account, order):
            cost = order.remaining * order.price
            reserved[order.symbol] = reserved.get(order.symbol, _NONE) + cost
    return reserved


def _adds(account: AccountView, order: OpenOrder) -> bool:
    held = account.positions.get(order.symbol, _NONE)
    return order.opens or held * order.side.sign > 0


def _value(
    account: AccountView, symbol: Symbol, orders: Mapping[Symbol, Decimal]
) -> Decimal | None:
    held = abs(account.positions.get(symbol, _NONE))
    mark = account.marks.get(symbol)
    if held and mark is None:
        return None
    return orders.get(symbol, _NONE) + (held * mark if mark is not None else _NONE)
