"""What an order must pass before the exchange takes it."""

from collections.abc import Iterable
from decimal import Decimal

from argo_adapters.simulator.alpaca.trading.decimals import CENT, text
from argo_adapters.simulator.alpaca.trading.order import BUY, HELD, SELL, Order
from argo_adapters.simulator.alpaca.trading.prices import Quote
from argo_adapters.simulator.alpaca.trading.refusals import (
    invalid,
    no_buying_power,
    no_shares,
    no_shorts,
    wash_trade,
)
from argo_adapters.simulator.alpaca.trading.ticket import Ticket


def check_bracket(ticket: Ticket, quote: Quote) -> None:
    """The legs lie on their sides of the entry: of its limit, or of the last price."""
    if ticket.order_class not in {"bracket", "oto"}:
        return
    base = ticket.limit or quote.last
    up = 1 if ticket.side == BUY else -1
    if (target := ticket.take_profit) is not None and (target - base) * up < CENT:
        bound = ">= base_price + 0.01" if up > 0 else "<= base_price - 0.01"
        invalid(f"take_profit.limit_price must be {bound}", base_price=text(base))
    if ticket.stop_loss is not None and (base - ticket.stop_loss.stop) * up < CENT:
        bound = "<= base_price - 0.01" if up > 0 else ">= base_price + 0.01"
        invalid(f"stop_loss.stop_price must be {bound}", base_price=text(base))


def check_shares(symbol: str, asked: Decimal, owned: Decimal, working: Iterable[Order]) -> None:
    """A sale needs shares that no other order holds; nobody may sell short."""
    if owned <= 0:
        no_shorts()
    held = shares_held(working)
    if asked > owned - held:
        no_shares(symbol, asked, owned, min(held, owned))


def shares_held(working: Iterable[Order]) -> Decimal:
    """Shares that open sales hold; of rivals only one can be filled, so they hold once."""
    groups: dict[int, Decimal] = {}
    for order in working:
        if order.side == SELL and order.status != HELD:
            numbers = [order.number, *(one.number for one in order.rivals() if one.is_open)]
            group = min(numbers)
            groups[group] = max(groups.get(group, Decimal(0)), order.left)
    return sum(groups.values(), Decimal(0))


def check_wash(ticket: Ticket, working: Iterable[Order]) -> None:
    """A simple order must not be able to meet an open one of the other side.

    Only two limits that do not cross can never meet. Complex orders are exempt, as the refusal's
    own words advise.
    """
    if ticket.order_class != "simple":
        return
    for order in working:
        if order.side == ticket.side or order.status == HELD:
            continue
        if ticket.type == "limit" and order.type == "limit":
            limits = ticket.limit, order.limit
            bid, offer = limits if ticket.side == BUY else limits[::-1]
            if bid is not None and offer is not None and bid < offer:
                continue
        wash_trade(order.type, order.id)


def check_money(available: Decimal, price: Decimal, quantity: Decimal) -> None:
    """A purchase must be paid for."""
    cost = price * quantity
    if cost > available:
        no_buying_power(available, cost)
