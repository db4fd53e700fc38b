"""What the indicators say after one minute, and the range each number must lie in."""

import sys
from datetime import datetime

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware

FLAT = 1e-6
"""Below this standard deviation per bar the price stands still: a hundredth of a basis point."""

# The logarithms of no two floats are farther apart; rounding may lift an index a hair above 100.
_FARTHEST = 1_500.0
_BOUNDS = (
    (("close",), 5e-324, sys.float_info.max, "give a positive finite number"),
    (
        ("above_slow", "momentum", "macd", "macd_signal", "macd_hist"),
        -_FARTHEST,
        _FARTHEST,
        "give a difference of logarithms of prices",
    ),
    (("rsi", "adx", "plus_di", "minus_di"), 0.0, 100.0 + 1e-9, "give 0 to 100"),
    (("atr", "sigma"), 0.0, _FARTHEST, "give zero or more, in log units"),
    (
        ("volatility_ratio", "volume_ratio"),
        0.0,
        sys.float_info.max,
        "give zero or more, and finite",
    ),
)


@frozen
class Reading:
    """The indicators after the bar of `symbol` that began at `start` and closed at `close`.

    Log units are log-price differences: 0.001 is about 0.1 %. Bars are traded minutes.
    """

    symbol: Symbol
    start: datetime
    close: float
    """Price, in quote currency, as traded (not spliced)."""
    above_slow: float
    """Log distance of the close above its 60-bar exponential average."""
    momentum: float
    """Log change over 30 bars."""
    rsi: float
    """Wilder's relative strength index over 14 bars, 0 to 100; 50 while the price stands still."""
    macd: float
    """Log distance of the 12-bar above the 26-bar exponential average."""
    macd_signal: float
    """The 9-bar exponential average of `macd`."""
    macd_hist: float
    """`macd` less `macd_signal`."""
    adx: float
    """Wilder's average directional index over 14 bars, 0 to 100."""
    plus_di: float
    minus_di: float
    atr: float
    """Wilder's average true range over 14 bars, in log units."""
    sigma: float
    """Root of the 30-bar exponential average of squared log returns: the noise of one bar."""
    volatility_ratio: float
    """`sigma` over the same of 240 bars; 1 while the price stands still."""
    volume_ratio: float
    """10-bar over 60-bar exponential average of volume; 1 if nothing traded at all."""

    def __attrs_post_init__(self) -> None:
        aware("start", self.start)
        for names, least, most, fix in _BOUNDS:
            for name in names:
                value: float = getattr(self, name)
                if not least <= value <= most:  # also refuses NaN
                    raise InvalidInput(name, f"{value} is out of range", fix)

    @property
    def end(self) -> datetime:
        """The moment the bar was complete and the reading could be known."""
        return self.start + MINUTE
