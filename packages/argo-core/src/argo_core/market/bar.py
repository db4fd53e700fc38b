"""What a price did during a minute."""

import math
from datetime import datetime, timedelta

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware

MINUTE = timedelta(minutes=1)


@frozen
class Bar:
    """Open, high, low, close and volume of one traded minute beginning at `start`.

    Prices are floats in quote currency because bars feed indicators, never orders; `volume` is in
    shares or coins. A minute without a trade has no bar.
    """

    symbol: Symbol
    start: datetime
    open: float
    high: float
    low: float
    close: float
    volume: float

    def __attrs_post_init__(self) -> None:
        aware("start", self.start)
        # Nearly every bar is right, and there are thousands of them to a beat.
        if (
            0 < self.low <= self.open <= self.high < math.inf
            and self.low <= self.close <= self.high
            and 0 <= self.volume < math.inf
        ):
            return
        for name in ("open", "high", "low", "close"):
            value: float = getattr(self, name)
            if not math.isfinite(value) or value <= 0:
                raise InvalidInput(name, f"{value} is not a price", "give a positive finite number")
        if not math.isfinite(self.volume) or self.volume < 0:
            raise InvalidInput("volume", f"{self.volume} is not a volume", "give zero or more")
        problem = f"{self.low}..{self.high} does not hold {self.open} and {self.close}"
        raise InvalidInput("low", problem, "low and high must enclose open and close")

    @property
    def end(self) -> datetime:
        """The moment the bar is complete and may be known."""
        return self.start + MINUTE
