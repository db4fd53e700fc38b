"""Indicators of a price that is sampled now and then, at irregular moments, for O(1) each.

Some vendors give a price when asked and no bars. With r the log return since the sample before, dt
the seconds in between, H a half-life and a = 2^(-dt/H), three weighted sums are kept for each of
two half-lives:

    d <- a (d + r)         how far the price is above its own exponential average
    b <- a (b + |r|)       all the moving it did to get there
    V <- a^2 (V + dt)      the variance d has, per unit of variance rate, if r is pure chance

so d / (sigma sqrt(V)) is standard normal under chance for any sampling, from the first sample on.
"""

import math
import sys
from datetime import datetime

from attrs import evolve, field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.minutes import broken
from argo_core.market.moment import aware
from argo_core.market.volatility import Volatility

FAST_S, SLOW_S = 600.0, 1_800.0
LEAST_SAMPLES, LEAST_SPAN_S = 10, 1_200.0

# A thousand deviations of chance do not happen; a number beyond is an error of whoever made it.
_BOUNDS = (
    (("price",), 5e-324, sys.float_info.max, "give a positive finite number"),
    (("trend", "momentum"), -1_000.0, 1_000.0, "give deviations of chance"),
    (("correlation",), 0.0, 1.0, "give 0 to 1"),
    (("rsi",), 0.0, 100.0, "give 0 to 100"),
    (("sigma",), 0.0, 1_500.0, "give zero or more, in log units"),
)


@frozen
class SampledReading:
    """What the samples say at the moment of the newest one.

    `trend` is the newest price above its slow (30 min), `momentum` above its fast (10 min)
    exponential average, both in standard deviations of chance; `correlation` is what the two have
    in common under chance, in [0, 1]. `rsi` compares gains with all moves, 0 to 100. `sigma` is per
    square root of a second, in log units.
    """

    at: datetime
    price: float
    trend: float
    momentum: float
    correlation: float
    rsi: float
    sigma: float

    def __attrs_post_init__(self) -> None:
        aware("at", self.at)
        for names, least, most, fix in _BOUNDS:
            for name in names:
                value: float = getattr(self, name)
                if not least <= value <= most:  # also refuses NaN
                    raise InvalidInput(name, f"{value} is out of range", fix)


@frozen
class Samples:
    """The state of one symbol's sampled price; a value, every sample gives a new one."""

    volatility: Volatility = field(factory=lambda: Volatility(half_life_s=3_600.0))
    since: datetime | None = None
    at: datetime | None = None
    count: int = 0
    fast: float = 0.0
    slow: float = 0.0
    moved: float = 0.0
    fast_variance: float = 0.0
    slow_variance: float = 0.0
    shared_variance: float = 0.0

    def observe(self, price: float, at: datetime) -> "Samples":
        """After one more price, at the exchange's time of it.

        A price that is not newer than the last one is ignored. A price after a session break (see
        `market.minutes.BREAK`) starts the averages anew at its level; the volatility is kept.

        Raises:
            InvalidInput: the price is not positive and finite, or `at` is not aware UTC.
        """
        aware("at", at)
        if self.at is None or broken(self.at, at):
            level = self.volatility.rebase(price)
            return Samples(level, since=at, at=at, count=1)
        if at <= self.at:
            return self
        elapsed = (at - self.at).total_seconds()
        known = self.volatility.update(price, elapsed)
        move = math.log(price) - math.log(self.volatility.price or price)
        keep_fast, keep_slow = 2.0 ** (-elapsed / FAST_S), 2.0 ** (-elapsed / SLOW_S)
        return evolve(
            self,
            volatility=known,
            at=at,
            count=self.count + 1,
            fast=keep_fast * (self.fast + move),
            slow=keep_slow * (self.slow + move),
            moved=keep_slow * (self.moved + abs(move)),
            fast_variance=keep_fast**2 * (self.fast_variance + elapsed),
            slow_variance=keep_slow**2 * (self.slow_variance + elapsed),
            shared_variance=keep_fast * keep_slow * (self.shared_variance + elapsed),
        )

    @property
    def reading(self) -> SampledReading | None:
        """None before ten samples over twenty minutes, or while the price has not moved at all."""
        if self.since is None or self.at is None or self.count < LEAST_SAMPLES:
            return None
        sigma, price = self.volatility.sigma, self.volatility.price
        long_enough = (self.at - self.since).total_seconds() >= LEAST_SPAN_S
        if not (sigma and price and self.moved and long_enough):
            return None
        deviation = math.sqrt(self.fast_variance * self.slow_variance)
        return SampledReading(
            at=self.at,
            price=price,
            trend=self.slow / (sigma * math.sqrt(self.slow_variance)),
            momentum=self.fast / (sigma * math.sqrt(self.fast_variance)),
            correlation=min(1.0, self.shared_variance / deviation),
            rsi=50 * (1 + self.slow / self.moved),
            sigma=sigma,
        )
