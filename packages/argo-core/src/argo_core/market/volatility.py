"""How much a price moves, in one number that costs nothing to keep."""

import math
from collections.abc import Sequence

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.minutes import broken

HALF_LIFE_S = 600.0


def _check_price(_instance: object, _attribute: object, price: float | None) -> None:
    if price is not None and not (math.isfinite(price) and price > 0):
        raise InvalidInput("price", f"{price} is not a price", "give a positive finite number")


def _check_half_life(_instance: object, _attribute: object, half_life: float) -> None:
    if not (math.isfinite(half_life) and half_life > 0):
        problem = f"{half_life} is not a duration"
        raise InvalidInput("half_life_s", problem, "give seconds, more than zero")


@frozen
class Volatility:
    """Exponentially weighted volatility of log returns over session time.

    With r the log return and dt the session seconds since the price before, H = `half_life_s`
    and a = 2^(-dt/H): N <- a N + r^2, D <- a D + dt, sigma^2 = N / D. Weighting by time makes
    irregular and missing observations harmless. A value: every observation gives a new one.
    """

    half_life_s: float = field(default=HALF_LIFE_S, validator=_check_half_life)
    price: float | None = field(default=None, validator=_check_price)
    squares: float = 0.0
    seconds: float = 0.0

    @property
    def sigma(self) -> float | None:
        """Standard deviation of log returns per square root of a session second.

        None until some session time has been seen.
        """
        return math.sqrt(self.squares / self.seconds) if self.seconds > 0 else None

    def update(self, price: float, elapsed_s: float) -> "Volatility":
        """After one more price, `elapsed_s` session seconds after the one before.

        Closed hours are not session seconds. The first price only sets the level.

        Raises:
            InvalidInput: the price is not positive and finite, or time is negative or not finite.
        """
        if not (math.isfinite(elapsed_s) and elapsed_s >= 0):
            problem = f"{elapsed_s} is not a duration"
            raise InvalidInput("elapsed_s", problem, "give session seconds, zero or more")
        if self.price is None:
            return self.rebase(price)
        _check_price(self, None, price)
        # The difference of logarithms does not overflow where the quotient of prices would.
        return self.moved(price, math.log(price) - math.log(self.price), elapsed_s)

    def moved(self, price: float, move: float, elapsed_s: float) -> "Volatility":
        """`update` for whoever has checked the time and taken the logarithms already."""
        keep = 2.0 ** (-elapsed_s / self.half_life_s)
        return Volatility(
            self.half_life_s,
            price,
            keep * self.squares + move * move,
            keep * self.seconds + elapsed_s,
        )

    def rebase(self, price: float) -> "Volatility":
        """The same volatility at a new level, for a price on the other side of a closed market.

        Raises:
            InvalidInput: the price is not positive and finite.
        """
        return Volatility(self.half_life_s, price, self.squares, self.seconds)


def from_bars(bars: Sequence[Bar], half_life_s: float = HALF_LIFE_S) -> Volatility:
    """Warmed up on minute bars of one symbol, in order of time.

    Only moves within a session count: after a session break (see `market.minutes.BREAK`) the
    level restarts at the bar's open.

    Raises:
        InvalidInput: the bars are not in order.
    """
    known = Volatility(half_life_s)
    before: Bar | None = None
    for bar in bars:
        if before is not None and bar.start <= before.start:
            raise InvalidInput("bars", f"{bar.start} does not follow {before.start}", "sort them")
        if before is None or broken(before.start, bar.start):
            known = known.rebase(bar.open).update(bar.close, MINUTE.total_seconds())
        else:
            known = known.update(bar.close, (bar.start - before.start).total_seconds())
        before = bar
    return known


def garman_klass(bars: Sequence[Bar]) -> float:
    """Volatility per square root of a second from the shape of minute bars; a cross-check.

    Garman and Klass (1980), "On the Estimation of Security Price Volatilities from Historical
    Data": variance = mean of (ln H/L)^2 / 2 - (2 ln 2 - 1) (ln C/O)^2 per bar. About seven times
    as efficient as close-to-close on a continuous path; discrete trading biases it downwards.

    Raises:
        InvalidInput: there is no bar.
    """
    if not bars:
        raise InvalidInput("bars", "there are none", "give at least one bar")
    terms = (
        math.log(bar.high / bar.low) ** 2 / 2
        - (2 * math.log(2) - 1) * math.log(bar.close / bar.open) ** 2
        for bar in bars
    )
    # A bar's term is never negative, because its range holds its open and its close.
    return math.sqrt(math.fsum(terms) / len(bars) / MINUTE.total_seconds())
