"""What simulated vendors feel about an instrument: its past momentum, heard through noise.

Momentum is the price's move over a look-back, in deviations expected of a random walk as volatile
as the last 120 bars were. A vendor's mood is ``tanh(GAIN * momentum + NOISE * normal)``: +1 is the
best, -1 the worst. All vendors hear the same tape, so they agree when a move is strong; each has a
look-back and a noise of its own, so they disagree about weak ones. A mood follows from the seed,
the vendor, the instrument and the time bucket alone, and uses only bars that were complete when
the bucket began. Nobody should read a strategy's profit from it.
"""

import math
from itertools import pairwise
from statistics import NormalDist

from argo_adapters.simulator.market import Market
from argo_adapters.simulator.stamps import MINUTE
from argo_core.backtest.dice import uniforms
from argo_core.market.instrument import Symbol

GAIN = 0.9
NOISE = 0.35

_BARS = 120
_LONGEST_GAP = 15
_FEWEST = 10
_MOST = 4.0
_NORMAL = NormalDist()


def momentum(market: Market, symbol: Symbol, at: int, lookback: int) -> float:
    """The move over `lookback` nanoseconds before `at`, in deviations, within four of them.

    Zero where too few bars are known to say.
    """
    series = market.series(symbol)
    last = series.complete_before(at) if series else -1
    if series is None or last < _FEWEST:
        return 0.0
    first = max(0, last - _BARS)
    closes = [series.close(index) for index in range(first, last + 1)]
    starts = series.starts[first : last + 1]
    square = math.fsum(math.log(b / a) ** 2 for a, b in pairwise(closes))
    # A gap of n minutes is n steps of a random walk, but a night is not hundreds of them.
    steps = sum(min((b - a) // MINUTE, _LONGEST_GAP) for a, b in pairwise(starts))
    per_minute = square / steps
    then = max(first, series.complete_before(at - lookback))
    expected = math.sqrt(per_minute * (lookback / MINUTE))
    if not expected:
        return 0.0
    moved = math.log(closes[-1] / closes[then - first]) / expected
    return min(max(moved, -_MOST), _MOST)


def mood(market: Market, who: str, symbol: Symbol, bucket: int, lookback: int) -> float:
    """How `who` feels, in [-1, 1], during the time bucket that began at `bucket`."""
    drawn = next(uniforms(market.seed, "mood", who, symbol, bucket))
    normal = _NORMAL.inv_cdf(min(max(drawn, 1e-9), 1 - 1e-9))
    heard = momentum(market, symbol, bucket, lookback)
    return round(math.tanh(GAIN * heard + NOISE * normal), 4)
