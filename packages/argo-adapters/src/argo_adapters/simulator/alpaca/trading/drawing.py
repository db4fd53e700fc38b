"""Orders drawn up from what a client asks for."""

from decimal import Decimal

from argo_adapters.simulator.alpaca.trading.order import (
    BUY,
    HELD,
    PENDING_NEW,
    SELL,
    Order,
    Times,
)
from argo_adapters.simulator.alpaca.trading.register import Register
from argo_adapters.simulator.alpaca.trading.ticket import Ticket


def drawn(ticket: Ticket, register: Register, at: int, expires: int | None) -> Order:
    """The order with its legs, which are held."""
    number, order_id = register.next_id("order")
    order = Order(
        id=order_id,
        number=number,
        client_id=ticket.client_id or order_id,
        symbol=ticket.symbol,
        side=ticket.side,
        type=ticket.type,
        tif=ticket.tif,
        quantity=ticket.quantity,
        order_class=ticket.order_class,
        status=PENDING_NEW,
        times=Times(at, at, expires=expires),
        limit=ticket.limit,
        stop=ticket.stop,
        extended=ticket.extended,
        opens=ticket.side == BUY,
    )
    # The order itself is the half of an OCO that takes the profit.
    if ticket.take_profit is not None and ticket.order_class != "oco":
        order.legs.append(_leg(order, register, "limit", ticket.take_profit, None))
    if (loss := ticket.stop_loss) is not None:
        kind = "stop" if loss.limit is None else "stop_limit"
        order.legs.append(_leg(order, register, kind, loss.limit, loss.stop))
    return order


def _leg(
    order: Order, register: Register, kind: str, limit: Decimal | None, stop: Decimal | None
) -> Order:
    number, leg_id = register.next_id("order")
    opposite = SELL if order.side == BUY else BUY
    return Order(
        id=leg_id,
        number=number,
        client_id=leg_id,
        symbol=order.symbol,
        side=order.side if order.order_class == "oco" else opposite,
        type=kind,
        tif=order.tif,
        quantity=order.quantity,
        order_class=order.order_class,
        status=HELD,
        times=Times(order.times.created, order.times.created, expires=order.times.expires),
        limit=limit,
        stop=stop,
        opens=False,
        parent=order,
    )
