"""Reading Alpaca's orders, positions of them and what its stream says of them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from argo_adapters.brokers.alpaca.families import Families
from argo_adapters.brokers.alpaca.statuses import status_of
from argo_adapters.brokers.alpaca.symbols import symbol_of
from argo_adapters.http.fields import Node
from argo_core.errors import VendorGarbled
from argo_core.trading.broker_view import BrokerOrder, BrokerUpdate, Execution
from argo_core.trading.order import OrderType, Side, Status

# Orders of other types than ours are somebody else's, and are shown as what they become.
_TYPES = {
    "market": OrderType.MARKET,
    "limit": OrderType.LIMIT,
    "stop": OrderType.STOP,
    "stop_limit": OrderType.STOP,
    "trailing_stop": OrderType.STOP,
}
_SIDES = {"buy": Side.BUY, "sell": Side.SELL, "sell_short": Side.SELL}
_EXECUTED = {"fill", "partial_fill"}
_ID = 128


class OrderReader:
    """Reads with a memory of which order is whose leg. All it refuses is a `VendorGarbled`."""

    def __init__(self, families: Families | None = None) -> None:
        self.families = families or Families()

    def family(
        self, node: Node, parent: str | None = None, *, nested: bool = False
    ) -> Iterator[BrokerOrder]:
        """The order, if it has a symbol, and every leg inside of it as an order of its own.

        Where legs are `nested` in their entries, what stands outside of any is known to be no leg.
        """
        broker_id = identity(node["id"])
        legs = node.get("legs")
        if parent is not None or nested:
            self.families.remember(broker_id, parent)
        # An options spread has no symbol itself; its legs have.
        if node.get("symbol") is not None or not legs:
            yield self.order(node)
        for leg in legs.rows() if legs else ():
            yield from self.family(leg, broker_id)

    def order(self, node: Node) -> BrokerOrder:
        """The order alone."""
        broker_id = identity(node["id"])
        status, problem = status_of(node["status"].text())
        filled = _count(node["filled_qty"])
        ordered = node.get("qty")
        # An order for an amount of money has no quantity.
        quantity = _count(ordered) if ordered else filled
        average = node.get("filled_avg_price")
        if filled > quantity or (status is Status.FILLED and filled < quantity):
            raise VendorGarbled(node.source, f"{node.path} is {status} with {filled} of {quantity}")
        if filled and average is None:
            raise VendorGarbled(node.source, f"{node.path} is filled at no price")
        replaces, replaced_by = node.get("replaces"), node.get("replaced_by")
        before = identity(replaces) if replaces else None
        return BrokerOrder(
            id=identity(node["client_order_id"]),
            broker_id=broker_id,
            symbol=symbol_of(node["symbol"], node.get("asset_class")),
            side=_side(node["side"]),
            type=_type(node),
            quantity=quantity,
            status=status,
            at=_changed_at(node),
            filled=filled,
            average=average.positive_price_in_text() if filled and average else None,
            limit=_price(node.get("limit_price")),
            stop=_price(node.get("stop_price")),
            parent=self.families.parent(broker_id, before),
            replaces=before,
            replaced_by=identity(replaced_by) if replaced_by else None,
            problem=problem,
        )

    def update(self, data: Node) -> BrokerUpdate | None:
        """What a message of the stream says; None where it is of a new kind and has no order."""
        event, order = data["event"].text(), data.get("order")
        if order is None and event not in _EXECUTED:
            return None
        seen = list(self.family(data["order"]))
        return BrokerUpdate(seen[0], _execution(data) if event in _EXECUTED else None)


def submitted_at(node: Node) -> datetime:
    """When the order came to Alpaca, which is what its lists are sorted by."""
    return (node.get("submitted_at") or node["created_at"]).moment_from_iso()


def created_at(node: Node) -> datetime:
    """When the order was made; a leg is made with its entry, and may be submitted much later."""
    return (node.get("created_at") or node["submitted_at"]).moment_from_iso()


def identity(node: Node) -> str:
    """This string, as somebody's id."""
    text = node.text()
    if not 0 < len(text) <= _ID or not text.isprintable():
        raise node.refused("an id")
    return text


def _execution(data: Node) -> Execution:
    quantity = _count(data["qty"])
    if not quantity:
        raise data["qty"].refused("a quantity above zero")
    return Execution(
        identity(data["execution_id"]),
        quantity,
        data["price"].positive_price_in_text(),
        data["timestamp"].moment_from_iso(),
    )


def _changed_at(node: Node) -> datetime:
    changed = node.get("updated_at")
    return changed.moment_from_iso() if changed else submitted_at(node)


def _count(node: Node) -> Decimal:
    count = node.decimal_in_text()
    if count < 0:
        raise node.refused("a quantity")
    return count


def _price(node: Node | None) -> Decimal | None:
    return node.positive_price_in_text() if node else None


def _side(node: Node) -> Side:
    side = _SIDES.get(node.text())
    if side is None:
        raise node.refused("buy or sell")
    return side


def _type(node: Node) -> OrderType:
    """A type nobody knows yet is taken for what its prices say."""
    known = _TYPES.get((node.get("type") or node["order_type"]).text())
    if known is not None:
        return known
    if node.get("stop_price"):
        return OrderType.STOP
    return OrderType.LIMIT if node.get("limit_price") else OrderType.MARKET
