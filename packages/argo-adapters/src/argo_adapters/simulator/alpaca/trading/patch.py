"""What a client may change about an open order, and the order that then takes its place."""

from collections.abc import Mapping
from decimal import Decimal

from attrs import evolve, frozen

from argo_adapters.simulator.alpaca.trading.order import (
    ACCEPTED,
    HELD,
    PENDING_CANCEL,
    PENDING_NEW,
    PENDING_REPLACE,
    Order,
    Times,
)
from argo_adapters.simulator.alpaca.trading.refusals import invalid, malformed
from argo_adapters.simulator.alpaca.trading.ticket import client_id, positive, price

_UNREADY = frozenset({ACCEPTED, PENDING_NEW, PENDING_CANCEL, PENDING_REPLACE})


@frozen
class Patch:
    """The body of `PATCH /v2/orders/{id}`; None where nothing is to change.

    `quantity` is what is still wanted: the new order begins with nothing filled.
    """

    quantity: Decimal | None
    limit: Decimal | None
    stop: Decimal | None
    tif: str | None
    client_id: str | None


def patch(fields: Mapping[str, object]) -> Patch:
    """The change in the body, or 422."""
    quantity = positive(fields, "qty")
    if quantity is not None and quantity != quantity.to_integral_value():
        invalid("qty must be a whole number to replace an order")
    tif = fields.get("time_in_force")
    if tif not in {None, "day", "gtc"}:
        malformed("invalid time_in_force")
    if fields.get("trail") is not None:
        invalid("trail is only for trailing_stop orders")
    limit, stop = price(fields, "limit_price"), price(fields, "stop_price")
    return Patch(quantity, limit, stop, None if tif is None else str(tif), client_id(fields))


def check_patch(order: Order, change: Patch) -> None:
    """Whether the order can be changed, and so."""
    if not order.is_open:
        invalid(f'order is already in "{order.status}" state')
    if order.status in _UNREADY:
        invalid(f"cannot replace order in {order.status} status")
    if change.limit is not None and order.limit is None:
        invalid(f"limit_price is not allowed for {order.type} orders")
    if change.stop is not None and order.stop is None:
        invalid(f"stop_price is not allowed for {order.type} orders")
    before = order.left, order.limit, order.stop, order.tif
    after = change.quantity, change.limit, change.stop, change.tif
    if all(new is None or new == old for old, new in zip(before, after, strict=True)):
        invalid("order parameters are not changed")


def successor(order: Order, change: Patch, order_id: str, number: int, at: int) -> Order:
    """The order that will take the place of this one, as yet tied to none of its relatives."""
    return evolve(
        order,
        id=order_id,
        number=number,
        client_id=change.client_id or order_id,
        quantity=change.quantity or order.left,
        limit=change.limit or order.limit,
        stop=change.stop or order.stop,
        tif=change.tif or order.tif,
        reserved=(change.limit or change.stop or order.reserved) if order.reserved else Decimal(0),
        status=HELD if order.status == HELD else PENDING_NEW,
        times=Times(at, at),
        filled=Decimal(0),
        cost=Decimal(0),
        triggered=False,
        replaces=order.id,
        replaced_by=None,
        parent=None,
        legs=[],
    )


def take_over(old: Order, new: Order) -> None:
    """The new order stands where the old one stood among its relatives."""
    for leg in old.legs:
        leg.parent = new
        # One that was made smaller by hand before keeps a share at least.
        leg.quantity = max(Decimal(1), leg.quantity + new.quantity - old.left)
    new.legs, old.legs = old.legs, []
    if (parent := old.parent) is not None:
        parent.legs = [new if leg is old else leg for leg in parent.legs]
        new.parent = parent
