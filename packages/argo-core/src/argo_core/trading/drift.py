"""In what our book and the broker's can differ."""

from enum import StrEnum

from attrs import frozen

from argo_core.market.instrument import Symbol


class DriftKind(StrEnum):
    """What differs. ORDER is an order of ours that has another symbol, side or quantity there."""

    ACCOUNT = "account"
    ORDER = "order"
    FILL_BACKWARDS = "fill_backwards"
    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_POSITION = "unknown_position"
    QUANTITY = "quantity"
    AVERAGE = "average"
    CASH = "cash"


@frozen
class Difference:
    """One thing in which the books differ; `text` is a sentence that can be shown."""

    kind: DriftKind
    ours: str
    theirs: str
    text: str
    symbol: Symbol | None = None
    order: str | None = None

    @property
    def about(self) -> tuple[DriftKind, Symbol | None, str | None]:
        """By which it is known again the next time."""
        return self.kind, self.symbol, self.order
