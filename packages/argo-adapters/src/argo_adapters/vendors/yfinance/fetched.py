"""What any way of asking Yahoo gives back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from attrs import field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorThrottled
from argo_core.resilience.allowance import Allowance, LimitPolicy

YFINANCE = SourceName("yfinance")

LIMITS = LimitPolicy((Allowance(20 / 60, 20.0),))
"""Yahoo publishes no limit and has blocked people at about 100 symbols in a row.

One ask reads 20, and one comes in a minute; read directly, each symbol is a call.
"""

BLOCKED_S = 900.0
"""Yahoo blocks an address for minutes to hours and never says for how long; the least to wait."""


@frozen
class LastClose:
    """The newest minute bar with a price: its close, and the start of its minute.

    The minute may be under way. Its start is the only time every way of asking has, and it makes a
    price look up to a minute older than it is, never younger.
    """

    price: float
    start: datetime


@frozen
class Fetched:
    """Closes by Yahoo's ticker, why others have none, and how many requests that took."""

    closes: Mapping[str, LastClose]
    problems: Mapping[str, str] = field(factory=dict)
    calls: int = 1


FetchBars = Callable[[Sequence[str]], Awaitable[Fetched]]
"""Asks for the newest minute bar of each ticker; raises `VendorError` when there is none at all."""


def blocked(calls: int) -> VendorThrottled:
    """The error for status 429."""
    problem = "Yahoo blocks us for asking too much"
    return VendorThrottled(YFINANCE, problem, calls=calls, retry_after_s=BLOCKED_S)


LONGEST_AHEAD = timedelta(seconds=5)
"""How far Yahoo's clock may be ahead of ours."""
