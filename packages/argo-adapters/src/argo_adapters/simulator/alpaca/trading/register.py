"""Every order there ever was, and which of them are open."""

from decimal import Decimal

from attrs import define, field

from argo_adapters.simulator.alpaca.trading import ids
from argo_adapters.simulator.alpaca.trading.order import HELD, Order
from argo_adapters.simulator.alpaca.trading.refusals import no_order


@define
class Register:
    """Orders by id and by the client's name for them; identifiers of everything that is made.

    An order is working while it counts against shares and money. One that is to replace another
    is not working before it does.
    """

    seed: int
    orders: dict[str, Order] = field(factory=dict)
    _by_client: dict[str, Order] = field(factory=dict)
    _working: dict[str, Order] = field(factory=dict)
    _made: int = 0

    def next_id(self, kind: str) -> tuple[int, str]:
        """The number and the id of the next thing."""
        self._made += 1
        return self._made, ids.made(self.seed, kind, self._made)

    def enlist(self, order: Order) -> None:
        """Remember the order for good."""
        self.orders[order.id] = order
        self._by_client[order.client_id] = order

    def begins(self, order: Order) -> None:
        """The order works from now on."""
        self._working[order.id] = order

    def ends(self, order: Order) -> None:
        """The order works no more."""
        self._working.pop(order.id, None)

    def is_taken(self, client_id: str | None) -> bool:
        """Whether the client has called an order so before."""
        return client_id in self._by_client

    def find(self, order_id: str) -> Order:
        """The order of that id, or 404."""
        return self.orders.get(order_id) or no_order()

    def find_by_client(self, client_id: str) -> Order:
        """The order that the client calls so, or 404."""
        return self._by_client.get(client_id) or no_order()

    def working(self, symbol: str | None = None) -> list[Order]:
        """Working orders of one symbol, or all."""
        return [one for one in self._working.values() if symbol in {None, one.symbol}]

    def reserved(self) -> Decimal:
        """Money that open purchases claim."""
        claims = (one.reserved * one.left for one in self.working() if one.status != HELD)
        return sum(claims, Decimal(0))
