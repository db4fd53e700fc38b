"""What an account is worth: when a session begins, and after every row's fills."""

from decimal import Decimal

from attrs import evolve

from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.plain.account import Account, PlainPosition
from argo_core.backtest.plain.amounts import ZERO, share, up
from argo_core.backtest.plain.prices import quote
from argo_core.backtest.plain.row import Row
from argo_core.trading.order import Side

_YEAR_DAYS = 365


def begin_session(account: Account, days: int, plan: Plan) -> Account:
    """`days` after the session before; what is sold short was lent for all of them."""
    short = (one.worth for one in account.positions.values() if one.side is Side.SELL)
    lent = share(sum(short, ZERO), plan.costs.borrow_ppm)
    cost = up(lent * days / _YEAR_DAYS)
    return evolve(
        account,
        opening=account.equity,
        reduced=False,
        cash=account.cash - cost,
        borrow=account.borrow + cost,
    )


def mark(account: Account, row: Row, plan: Plan) -> Account:
    """At the closes of this row, the last ones where it has none; then the rules against losses."""
    positions = {
        place: _marked(position, row, plan) for place, position in account.positions.items()
    }
    worths = [position.side.sign * position.worth for position in positions.values()]
    equity = account.cash + sum(worths, ZERO)
    high = max(account.high, equity)
    limits = plan.limits
    lost = _lost(account.opening, equity, limits.daily_loss_ppm)
    return evolve(
        account,
        positions=positions,
        equity=equity,
        gross=sum(map(abs, worths), ZERO),
        high=high,
        reduced=account.reduced or lost,
        halted=account.halted or _lost(high, equity, limits.drawdown_ppm),
    )


def _marked(position: PlainPosition, row: Row, plan: Plan) -> PlainPosition:
    bar = row.bar(position.place)
    if bar is None:
        return position
    trail = plan.exits.trail_ppm
    if not trail or not plan.exits.stops:
        return evolve(position, last=bar.close)
    if position.side is Side.BUY:
        best = max(position.best, quote(position.side, bar.high, plan.costs))
        stop = max(position.stop, best - share(best, trail))
    else:
        best = min(position.best, quote(position.side, bar.low, plan.costs))
        stop = min(position.stop, best + share(best, trail))
    return evolve(position, last=bar.close, best=best, stop=stop)


def _lost(before: Decimal, now: Decimal, ppm: int) -> bool:
    """Whether this share of what there was before, or more, is gone; never with zero."""
    return ppm > 0 and before - now >= up(before * ppm / PPM)
