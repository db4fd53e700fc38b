"""Massive's opinion: technicals from its minute bars and its newest price.

Each of four indicators is measured in standard deviations of what pure chance would have done.
If the log price were a random walk with the bar noise sigma, an indicator that is a weighted sum
sum(w_k r_(t-k)) of returns would have the deviation sigma * sqrt(sum w_k^2):

- trend: the live price above its 60-bar exponential average, w_k = q^k, q = 1 - 2/61;
- momentum: the live price against 30 bars ago, w_k = 1 for the live move and 30 bars;
- MACD: the 12-bar above the 26-bar exponential average, w_k = q_26^k - q_12^k;
- RSI: (RSI - 50) / 50 is Wilder's average of r over that of |r|, and E|r| = sigma sqrt(2/pi), so
  w_k = (13/14)^(k-1) and the deviation is sqrt(pi/2) * sqrt(a / (2 - a)) with a = 1/14.

They look at overlapping returns, so their sum is divided by the deviation of the *sum* of their
unit filters (Stouffer's method with known correlation): Z is standard normal under chance. Then

    x = 2^(-max(0, age - 120) / 600) * erf(sqrt(p v) Z / 2)

with p = 2 ADX / (ADX + 20), how directed the market is (1 at 20, the customary bound of "no trend"
below), v = 2 u / (u + 1), how
much trades (u is the volume ratio, 1 as usual), both in [0, 2), and `age` the seconds since the
last bar was complete. The map erf(Z / 2) is explained in `score.strength`. A mirrored market gives
-x, a price that stands still 0.
"""

import math
from datetime import datetime

import numpy as np

from argo_core.consensus.opinion import Fact
from argo_core.consensus.rules.score import Score, said, strength
from argo_core.errors import InvalidInput
from argo_core.market.indicators import MACD_FAST, MACD_SLOW, MOMENTUM, RSI, SLOW
from argo_core.market.moment import aware
from argo_core.market.reading import FLAT, Reading

RULE = "massive-technicals-1"

GRACE_S, HALF_LIFE_S = 120.0, 600.0
DIRECTED_ADX = 20.0
FARTHEST = math.log(2)
"""A live price twice or half the last close is a split or another company, not a move."""

# Filters over returns, the live one first; indicators of complete bars do not see it. After a
# thousand bars the slowest has weights below 1e-14.
_LAGS = np.arange(1_000)


def _decay(period: int) -> np.ndarray:
    return (1 - 2 / (period + 1)) ** _LAGS


_FILTERS = {
    "trend": _decay(SLOW),
    "momentum": np.where(_LAGS <= MOMENTUM, 1.0, 0.0),
    "macd": _decay(MACD_SLOW) - _decay(MACD_FAST),
    "rsi": np.where(_LAGS > 0, (1 - 1 / RSI) ** (_LAGS - 1.0), 0.0),
}
NORMS = {name: math.sqrt(math.fsum(w * w)) for name, w in _FILTERS.items()}
TOGETHER = math.sqrt(math.fsum(sum(w / NORMS[name] for name, w in _FILTERS.items()) ** 2))
RSI_DEVIATION = math.sqrt(math.pi / 2 / (2 * RSI - 1))


def score(reading: Reading, price: float, at: datetime) -> Score:
    """The strength of `reading` with the vendor's newest `price`, of the vendor's time `at`.

    Raises:
        InvalidInput: `price` is no price or out of all proportion to the last close, or `at` is
            naive or earlier than the bar.
    """
    if not (math.isfinite(price) and price > 0):
        raise InvalidInput("price", f"{price} is not a price", "give a positive finite number")
    if aware("at", at) < reading.start:
        problem = f"{at.isoformat()} is before the bar of {reading.start.isoformat()}"
        raise InvalidInput("at", problem, "give a price that is not older than the bars")
    live = math.log(price) - math.log(reading.close)
    if abs(live) >= FARTHEST:
        problem = f"{price} is out of proportion to the last close {reading.close}"
        raise InvalidInput("price", problem, "open the indicators again on adjusted bars")
    age = max(0.0, (at - reading.end).total_seconds())
    evidence = _evidence(reading, live) if reading.sigma >= FLAT else 0.0
    directed = 2 * reading.adx / (reading.adx + DIRECTED_ADX)
    traded = 2 * (reading.volume_ratio / (reading.volume_ratio + 1))
    fade = 2.0 ** (-max(0.0, age - GRACE_S) / HALF_LIFE_S)
    facts = (
        Fact("RSI", said(reading.rsi, 1), "", reading.end),
        Fact("momentum", said(100 * (reading.momentum + live), 2), "%", at),
        Fact("trend", said(100 * (reading.above_slow + live), 2), "%", at),
        Fact("MACD", said(100 * reading.macd, 3), "%", reading.end),
        Fact("ADX", said(reading.adx, 1), "", reading.end),
        Fact("volume", said(reading.volume_ratio, 2), "x", reading.end),
    )
    return Score(fade * strength(math.sqrt(directed * traded) * evidence), facts)


def _evidence(reading: Reading, live: float) -> float:
    """Z: what the four indicators say together, in standard deviations of chance."""
    deviations = (
        (reading.above_slow + live) / (reading.sigma * NORMS["trend"]),
        (reading.momentum + live) / (reading.sigma * NORMS["momentum"]),
        reading.macd / (reading.sigma * NORMS["macd"]),
        (reading.rsi - 50) / 50 / RSI_DEVIATION,
    )
    return math.fsum(deviations) / TOGETHER
