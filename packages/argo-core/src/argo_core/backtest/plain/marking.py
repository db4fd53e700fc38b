"""What an account is worth: when a session begins, and after every row's fills."""

from collections.abc import Mapping
from decimal import Decimal

from attrs import evolve

from argo_core.backtest.bars.plan import Plan
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.plain.account import Account, PlainPosition
from argo_core.backtest.plain.amounts import ZERO, share, up
from argo_core.backtest.plain.prices import quote
from argo_core.backtest.plain.row import Place, Row
from argo_core.trading.order import Side

_YEAR_DAYS = 365


def begin_session(account: Account, days: int, plan: Plan) -> Account:
    """`days` after the session before; what is sold short was lent for all of them."""
    lent = share(_worth(account, Side.SELL, account.lasts), plan.costs.borrow_ppm)
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
    lasts = {
        place: row.close(place) if row.has_bar(place) else account.lasts[place]
        for place in account.positions
    }
    long, short = _worth(account, Side.BUY, lasts), _worth(account, Side.SELL, lasts)
    equity = account.cash + long - short
    high = max(account.high, equity)
    limits = plan.limits
    lost = _lost(account.opening, equity, limits.daily_loss_ppm)
    return evolve(
        account,
        positions=_trailed(account.positions, row, plan),
        lasts=lasts,
        equity=equity,
        gross=long + short,
        high=high,
        reduced=account.reduced or lost,
        halted=account.halted or _lost(high, equity, limits.drawdown_ppm),
    )


def _worth(account: Account, side: Side, lasts: Mapping[Place, Decimal]) -> Decimal:
    """Of all positions of this side, regardless of it."""
    held = account.positions.values()
    return sum((one.quantity * lasts[one.place] for one in held if one.side is side), ZERO)


def _trailed(
    positions: Mapping[Place, PlainPosition], row: Row, plan: Plan
) -> Mapping[Place, PlainPosition]:
    if not plan.exits.trail_ppm or not plan.exits.stops:
        return positions
    return {place: _trailed_one(position, row, plan) for place, position in positions.items()}


def _trailed_one(position: PlainPosition, row: Row, plan: Plan) -> PlainPosition:
    bar, trail = row.bar(position.place), plan.exits.trail_ppm
    if bar is None:
        return position
    if position.side is Side.BUY:
        best = max(position.best, quote(position.side, bar.high, plan.costs))
        stop = max(position.stop, best - share(best, trail))
    else:
        best = min(position.best, quote(position.side, bar.low, plan.costs))
        stop = min(position.stop, best + share(best, trail))
    return evolve(position, best=best, stop=stop)


def _lost(before: Decimal, now: Decimal, ppm: int) -> bool:
    """Whether this share of what there was before, or more, is gone; never with zero."""
    return ppm > 0 and before - now >= up(before * ppm / PPM)
