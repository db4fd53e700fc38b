"""An exchange stops the trading of a symbol, or lets it go on."""

from datetime import datetime

from attrs import frozen

from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware


@frozen
class Halt:
    """Trading of the symbol is `halted`, or goes on; `at` is the exchange's time.

    `reason` is the exchange's code for why, empty where it gives none.
    """

    symbol: Symbol
    halted: bool
    at: datetime
    reason: str = ""

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)
