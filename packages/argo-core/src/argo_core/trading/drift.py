"""In what our book and the broker's can differ, each with a sentence that can be shown."""

from enum import StrEnum

from attrs import frozen

from argo_core.market.instrument import Symbol


class DriftKind(StrEnum):
    """What differs.

    ORDER is one of ours that has another symbol, side or quantity there; RISEN is open there and
    ended with us. UNKNOWN ones are there and not with us.
    """

    ACCOUNT = "account"
    ORDER = "order"
    RISEN = "risen"
    FILL_BACKWARDS = "fill_backwards"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_POSITION = "unknown_position"
    QUANTITY = "quantity"
    AVERAGE = "average"
    CASH = "cash"


_SAYS = {
    DriftKind.ACCOUNT: "The broker's account is {theirs}, and the book is of {ours}.",
    DriftKind.ORDER: "Order {order} of {symbol} is {ours} with us and {theirs} at the broker.",
    DriftKind.RISEN: "Order {order} of {symbol} is {ours} with us and {theirs} at the broker.",
    DriftKind.FILL_BACKWARDS: (
        "Order {order} of {symbol} has {ours} shares filled with us and {theirs} at the broker."
    ),
    DriftKind.UNKNOWN_ORDER: "Order {order} is open at the broker, {theirs}, and is not ours.",
    DriftKind.UNKNOWN_POSITION: "The broker holds {theirs} shares of {symbol}, and we hold none.",
    DriftKind.QUANTITY: "We hold {ours} shares of {symbol}, and the broker says {theirs}.",
    DriftKind.AVERAGE: "A share of {symbol} cost us {ours}, and the broker says {theirs}.",
    DriftKind.CASH: "There should be {ours} in cash, and the broker says {theirs}.",
}


@frozen
class Difference:
    """One thing in which the books differ; `ours` and `theirs` are as they can be shown.

    It is `excusable` where a fill or an answer that was under way explains it.
    """

    kind: DriftKind
    ours: str
    theirs: str
    symbol: Symbol | None = None
    order: str | None = None
    excusable: bool = False

    @property
    def about(self) -> tuple[DriftKind, Symbol | None, str | None]:
        """By which it is known again the next time."""
        return self.kind, self.symbol, self.order

    @property
    def text(self) -> str:
        """It as a sentence."""
        return _SAYS[self.kind].format(
            ours=self.ours, theirs=self.theirs, symbol=self.symbol, order=self.order
        )
