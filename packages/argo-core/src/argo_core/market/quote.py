"""The price of an instrument as somebody reported it."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware

# What can be written down: see the decimals of `argo_core.ledger.canonical`, with room for levels.
HIGHEST = 10**15
FINEST = 18
LONGEST_FEED = 100


@frozen
class Quote:
    """One price, with the exchange's time and our own.

    `price` is the last trade in quote currency, on the instrument's tick; `bid` and `ask` are
    absent when that side has no quote. `at` is the exchange's time, `fetched_at` ours: the first
    says how old the price is, the second how long ago we looked. `feed` names who said so, for
    example `alpaca:iex`.
    """

    symbol: Symbol
    price: Decimal
    at: datetime
    fetched_at: datetime
    feed: str
    bid: Decimal | None = None
    ask: Decimal | None = None

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)
        aware("fetched_at", self.fetched_at)
        for name in ("price", "bid", "ask"):
            value: Decimal | None = getattr(self, name)
            if value is not None and (not value.is_finite() or value <= 0):
                raise InvalidInput(
                    name, f"{value} is not a price", "give a positive finite decimal"
                )
            if value is not None and (value >= HIGHEST or _decimals(value) > FINEST):
                fix = f"give one below {HIGHEST} with at most {FINEST} decimals"
                raise InvalidInput(name, f"{value:.3e} cannot be written down", fix)
        if not (self.feed.isascii() and self.feed.isprintable()) or len(self.feed) > LONGEST_FEED:
            fix = f"name it in at most {LONGEST_FEED} printable ASCII characters"
            raise InvalidInput("feed", f"{self.feed[:40]!r} is no name", fix)
        if self.bid is not None and self.ask is not None and self.bid > self.ask:
            problem = f"bid {self.bid} is above ask {self.ask}"
            raise InvalidInput("bid", problem, "a crossed quote is not a price; drop it")

    def age_s(self, now: datetime) -> float:
        """Seconds since the exchange's time; never negative."""
        return max(0.0, (now - self.at).total_seconds())


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
