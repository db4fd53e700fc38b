"""How much was traded and held, and what it cost."""

import numpy as np

from argo_core.backtest.bars import trading_result as at
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.trading_result import Traded
from argo_core.backtest.bars.units import UNITS
from argo_core.backtest.statistics.growth import YEAR
from argo_core.backtest.statistics.statistic import Meaning, Number, Undefined, Unit
from argo_core.backtest.trades import Daily, last_close

TURNOVER = Meaning(
    name="turnover",
    unit=Unit.RATE,
    definition="Σ quantity·price of all fills / 2 / mean equity at session closes · 252/n",
    source="half of what was bought and sold; funds report the lesser of both (SEC Form N-1A)",
    undefined="no return yet; mean equity not above 0",
)
EXPOSURE = Meaning(
    name="exposure",
    unit=Unit.SHARE,
    definition="mean over rows of the worth of all positions, regardless of side, / equity",
    source="gross exposure, convention",
    undefined="equity fell to zero or below",
)
IN_MARKET = Meaning(
    name="time_in_market",
    unit=Unit.SHARE,
    definition="rows after which a position was held / rows",
    source="convention",
    undefined="never",
)
FEES = Meaning(
    name="fees",
    unit=Unit.DOLLARS,
    definition="commissions and charges of all fills",
    source="sum",
    undefined="never",
)
BORROW = Meaning(
    name="borrow",
    unit=Unit.DOLLARS,
    definition="what borrowing shares that were sold short cost",
    source="sum",
    undefined="never",
)
SHORTFALL = Meaning(
    name="implementation_shortfall",
    unit=Unit.BASIS_POINTS,
    definition=(
        "Σ (side·(price − P)·quantity + fee) / Σ P·quantity, P the last close of the row at "
        "whose end the fill was decided; shares that were never filled cannot be counted"
    ),
    source="Perold, Journal of Portfolio Management 14(3), 1988, the execution cost of it",
    undefined="no fill that was decided at a close: stops and targets are decided by the price",
)


def turnover(traded: Traded, sessions: Daily) -> Number:
    """A year, one way."""
    n = len(sessions.path) - 1
    if n < 1:
        return Undefined("no return yet")
    mean = float(np.mean(sessions.equity))
    if mean <= 0:
        return Undefined("mean equity not above 0")
    worth = traded.fills[:, at.QUANTITY].astype(np.float64) * traded.fills[:, at.PRICE]
    return float(worth.sum()) / 2 / mean * YEAR / n


def exposure(traded: Traded) -> Number:
    """Beyond 1 where more was held than the equity."""
    if (traded.equity <= 0).any():
        return Undefined("equity fell to zero or below")
    return float(np.mean(traded.gross / traded.equity))


def in_market(traded: Traded) -> float:
    """The share of rows that ended with a position."""
    return float(np.mean(traded.positions > 0))


def decided_fills(traded: Traded) -> int:
    """How many fills were decided at an earlier row's close."""
    return int(np.count_nonzero(traded.fills[:, at.DECIDED] < traded.fills[:, at.ROW]))


def shortfall(panel: Panel, traded: Traded) -> Number:
    """What trading cost against the prices that it was decided at; below 0 where it gained."""
    cost = worth = 0
    for fill in traded.fills.tolist():
        if fill[at.DECIDED] >= fill[at.ROW]:
            continue
        price = last_close(panel, fill[at.DECIDED], fill[at.SYMBOL])
        cost += fill[at.SIDE] * (fill[at.PRICE] - price) * fill[at.QUANTITY] + fill[at.FEE]
        worth += price * fill[at.QUANTITY]
    return cost / worth * UNITS if worth else Undefined("no fill that was decided at a close")
