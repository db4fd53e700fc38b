"""What a trade won, and how often. Positions that are still open do not count."""

import math
from collections.abc import Sequence
from decimal import Decimal

from argo_core.backtest.statistics.probabilistic import NORMAL
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit
from argo_core.backtest.trades import BarTrade

TRADES = Meaning(
    name="closed_trades",
    unit=Unit.TRADES,
    definition="positions that were opened and closed again",
    source="count",
    undefined="never",
)
HIT_RATE = Meaning(
    name="hit_rate",
    unit=Unit.SHARE,
    definition="closed trades with net P&L above 0 / closed trades; Wilson's interval at 95 %",
    source="Wilson, Journal of the American Statistical Association 22(158), 1927, the interval",
    undefined="no closed trade",
)
PROFIT_FACTOR = Meaning(
    name="profit_factor",
    unit=Unit.RATIO,
    definition="Σ net gains of winning trades / Σ net losses of losing trades, closed ones",
    source="convention",
    undefined="no closed trade; no losing trade",
)
EXPECTANCY = Meaning(
    name="expectancy",
    unit=Unit.DOLLARS,
    definition="mean net P&L of closed trades",
    source="arithmetic",
    undefined="no closed trade",
)
MEAN_R = Meaning(
    name="mean_r",
    unit=Unit.R,
    definition="mean net P&L / initial risk (entry price to stop, times quantity) of closed trades",
    source="Tharp, Trade Your Way to Financial Freedom, 1999",
    undefined="no closed trade with a stop",
)

_NONE = Undefined("no closed trade")


def closed(all_trades: Sequence[BarTrade]) -> tuple[BarTrade, ...]:
    """Those that are over."""
    return tuple(trade for trade in all_trades if not trade.open)


def hit_rate(won: int, n: int) -> Number:
    """The share of `n` trades that were `won`."""
    return won / n if n else _NONE


def wilson(won: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share, `n` above 0; within [0, 1] whatever it is."""
    z = NORMAL.inv_cdf((1 + confidence) / 2)
    share, whole = won / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / whole
    half = z / whole * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    # At the ends the formula gives 0 and 1 but for rounding, which must not leave the share out.
    return (centre - half if won else 0.0), (centre + half if won < n else 1.0)


def profit_factor(gains: Sequence[Decimal]) -> Number:
    """Of net P&L by closed trade."""
    if not gains:
        return _NONE
    lost = -sum((gain for gain in gains if gain < 0), Decimal(0))
    if not lost:
        return Undefined("no losing trade")
    return float(sum((gain for gain in gains if gain > 0), Decimal(0)) / lost)


def expectancy(gains: Sequence[Decimal]) -> Number:
    """Of net P&L by closed trade, in dollars."""
    return float(sum(gains, Decimal(0)) / len(gains)) if gains else _NONE


def mean_r(multiples: Sequence[float]) -> Number:
    """Of the R multiples of closed trades that have one."""
    if not multiples:
        return Undefined("no closed trade with a stop")
    return math.fsum(multiples) / len(multiples)
