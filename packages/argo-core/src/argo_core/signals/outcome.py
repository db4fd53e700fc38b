"""What became of a signal, by a rule that its strategy registered before it spoke.

The rule `first-touch-1`: the first price after the official time is where it starts. From there on,
until the horizon has passed, the first price at or beyond target or stop ends it; otherwise the
last price within the horizon does. Without a price in that time it is void. Prices are those that
were observed, with the exchange's time, so a touch between two looks is not seen; the longest time
between looks is on the record.

The official time is a witness's. While there is none, the time of the decision stands in for it,
and the record says that nobody vouches for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from attrs import evolve, frozen

from argo_core.consensus.reasons import Direction
from argo_core.errors import InvalidInput
from argo_core.signals.signal import Signal

FIRST_TOUCH = "first-touch-1"
"""The rule's name in the registration."""

GRACE = timedelta(seconds=60)
"""How long after its horizon a signal waits for prices from within it."""

_BP = 10_000
# A witness's time comes seconds after the decision, so few prices lie in between.
_KEPT = 16


class Result(StrEnum):
    """How a signal's horizon ended."""

    TARGET = "target"
    STOP = "stop"
    EXPIRED = "expired"
    VOID = "void"


@frozen
class Price:
    """A price, and when the exchange says it was."""

    at: datetime
    price: Decimal


@frozen
class Outcome:
    """A resolved signal. `start` and `end` are None where it is void, `official` if unwitnessed.

    `prices` were seen; `gap` is the longest time without one.
    """

    result: Result
    official: datetime | None
    start: Price | None
    end: Price | None
    prices: int
    gap: timedelta
    return_bp: int | None


@frozen
class Watch:
    """A signal whose horizon is not over, and the prices seen of it so far."""

    signal: Signal
    official: datetime | None = None
    start: Price | None = None
    last: Price | None = None
    touched: Result | None = None
    prices: int = 0
    gap: timedelta = timedelta(0)
    recent: tuple[Price, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.signal.direction is Direction.HOLD:
            problem = "a HOLD withdraws and has no outcome"
            raise InvalidInput("signal", problem, "watch BUY and SELL signals only")

    @property
    def begins(self) -> datetime:
        """The moment after which prices count."""
        return self.official or self.signal.decided_at

    @property
    def ends(self) -> datetime:
        """The last moment at which prices count."""
        return self.begins + timedelta(seconds=self.signal.horizon_s)

    def witnessed(self, official: datetime) -> "Watch":
        """Count from the official time instead; what was seen before it does not count.

        The first that is heard of counts: a later, earlier one finds the prices forgotten.
        """
        if self.official is not None:
            return self
        return Watch(self.signal, official).see_all(self.recent)

    def see_all(self, prices: Iterable[Price]) -> "Watch":
        """This watch after these prices, in their order."""
        watch = self
        for price in prices:
            watch = watch.see(price)
        return watch

    def see(self, price: Price) -> "Watch":
        """This watch after one more price; older ones, and those out of time, change nothing."""
        newest = self.last if self.official else self.recent[-1] if self.recent else None
        if newest is not None and price.at <= newest.at:
            return self
        # Once its official time is known, a signal needs no memory of prices before it.
        recent = () if self.official else (*self.recent, price)[-_KEPT:]
        if self.touched or not self.begins < price.at <= self.ends:
            return self if self.official else evolve(self, recent=recent)
        since = self.last.at if self.last else self.begins
        return evolve(
            self,
            start=self.start or price,
            last=price,
            touched=_touched(self.signal, price.price),
            prices=self.prices + 1,
            gap=max(self.gap, price.at - since),
            recent=recent,
        )

    def resolve(self, now: datetime) -> Outcome | None:
        """The outcome if it is known now: touched, or out of time and out of patience."""
        if self.touched is None and now < self.ends + GRACE:
            return None
        if self.start is None or self.last is None:
            gap = self.ends - self.begins
            return Outcome(Result.VOID, self.official, None, None, 0, gap, None)
        gap = self.gap if self.touched else max(self.gap, self.ends - self.last.at)
        return Outcome(
            self.touched or Result.EXPIRED,
            self.official,
            self.start,
            self.last,
            self.prices,
            gap,
            _return_bp(self.signal.direction, self.start.price, self.last.price),
        )


def _touched(signal: Signal, price: Decimal) -> Result | None:
    stop, target = signal.stop, signal.target
    if stop is None or target is None:
        return None
    up = signal.direction is Direction.BUY
    if price >= target if up else price <= target:
        return Result.TARGET
    return Result.STOP if (price <= stop if up else price >= stop) else None


def _return_bp(direction: Direction, start: Decimal, end: Decimal) -> int:
    """What following the signal would have earned before costs, in whole basis points."""
    moved = (end / start - 1) * _BP
    earned = moved if direction is Direction.BUY else -moved
    return int(earned.to_integral_value(ROUND_HALF_EVEN))
