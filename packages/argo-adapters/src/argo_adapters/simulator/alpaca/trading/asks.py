"""What was asked of the market and is not answered yet."""

from collections import deque
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum

from attrs import define, field, frozen

from argo_adapters.simulator.alpaca.trading.order import Order


class Asked(StrEnum):
    """What a client asks of the market, which takes its time to say yes."""

    NEW = "new"
    CANCEL = "cancel"
    REPLACE = "replace"


@frozen
class Ask:
    """A replacement knows its `successor`, and how much was `filled` when it was asked for."""

    what: Asked
    order: Order
    successor: Order | None = None
    filled: Decimal = Decimal(0)


@define
class Asks:
    """Answered in order of asking, apart from kinds that are stalled."""

    stalled: frozenset[Asked] = frozenset()
    _waiting: deque[Ask] = field(factory=deque)

    def add(
        self,
        what: Asked,
        order: Order,
        successor: Order | None = None,
        filled: Decimal = Decimal(0),
    ) -> None:
        """One more."""
        self._waiting.append(Ask(what, order, successor, filled))

    def due(self) -> Iterator[Ask]:
        """Those the market answers now."""
        answered = [one for one in self._waiting if one.what not in self.stalled]
        self._waiting = deque(one for one in self._waiting if one.what in self.stalled)
        yield from answered
