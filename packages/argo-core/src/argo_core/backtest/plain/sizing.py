"""How many shares of a symbol an account may enter, and between which levels."""

from decimal import Decimal

from attrs import evolve

from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.units import PPM, UNIT, from_units, to_units
from argo_core.backtest.plain.account import Account
from argo_core.backtest.plain.amounts import ZERO, share, shares_for
from argo_core.backtest.plain.row import Verdict
from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol, instrument
from argo_core.signals.levels import Levels, levels
from argo_core.trading.order import Side

_DIRECTIONS = {Side.BUY: Direction.BUY, Side.SELL: Direction.SELL}


def levels_of(symbol: Symbol, verdict: Verdict) -> Levels:
    """The live engine's levels, on a grid of 1/10,000 dollar."""
    traded = evolve(instrument(symbol), tick=UNIT)
    # The stray is of the whole horizon already, so that one second stands for it.
    sigma = None if verdict.stray_ppm is None else verdict.stray_ppm / PPM
    return levels(traded, _DIRECTIONS[verdict.side], verdict.close, sigma, horizon_s=1)


def quantity_of(account: Account, verdict: Verdict, stop: Decimal, plan: Plan) -> int:
    """The least of all that the plan's limits allow; less than one is no entry."""
    limits, equity = plan.limits, account.equity
    allowed = [from_units(to_units("order_cap", limits.order_cap))]
    if limits.order_ppm:
        allowed.append(share(equity, limits.order_ppm))
    if limits.adv_ppm:
        allowed.append(ZERO if verdict.adv is None else share(verdict.adv, limits.adv_ppm))
    if limits.symbol_ppm:
        allowed.append(share(equity, limits.symbol_ppm))
    if limits.gross_ppm:
        waiting = sum((one.worth for one in account.waiting), ZERO)
        allowed.append(share(equity, limits.gross_ppm) - account.gross - waiting)
    if verdict.side is Side.BUY:
        spoken_for = (one.worth for one in account.waiting if one.side is Side.BUY)
        allowed.append(account.cash - sum(spoken_for, ZERO))
    quantity = shares_for(min(allowed), verdict.close)
    if limits.risk_ppm and plan.exits.stops:
        distance = abs(verdict.close - stop)
        quantity = min(quantity, _within_risk(equity, distance, limits.risk_ppm))
    return quantity


def _within_risk(equity: Decimal, distance: Decimal, risk_ppm: int) -> int:
    # A stop at the reference itself says nothing of what may be lost.
    return shares_for(share(equity, risk_ppm), distance) if distance else 0
