"""Which verdicts become entries at a close."""

from collections.abc import Sequence
from datetime import timedelta

from attrs import evolve

from argo_core.backtest.bars.plan import BarLimits, Plan
from argo_core.backtest.plain.account import Account, WaitingEntry
from argo_core.backtest.plain.row import Place, Row, Verdict
from argo_core.backtest.plain.sizing import levels_of, quantity_of
from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side


def decide_entries(account: Account, row: Row, symbols: Sequence[Symbol], plan: Plan) -> Account:
    """Drop all that waits under a rule against entries; otherwise add what the limits allow."""
    if account.reduced or account.halted:
        return evolve(account, waiting=())
    if _full(account, plan.limits):
        return account
    for verdict in row.wanted():
        if _full(account, plan.limits):
            break
        if _may_enter(account, verdict, row, plan.limits):
            account = _decided(account, verdict, row, symbols[verdict.place], plan)
    return account


def _full(account: Account, limits: BarLimits) -> bool:
    return len(account.positions) + len(account.waiting) >= limits.positions


def _may_enter(account: Account, verdict: Verdict, row: Row, limits: BarLimits) -> bool:
    if verdict.side is Side.SELL and not limits.short_selling:
        return False
    place = verdict.place
    if place in account.positions or any(one.place == place for one in account.waiting):
        return False
    return _rested(account, place, row, limits)


def _rested(account: Account, place: Place, row: Row, limits: BarLimits) -> bool:
    """Whether the symbol's last position ended long enough ago."""
    ending = account.endings.get(place)
    if ending is None:
        return True
    pause = limits.stop_cooldown_s if ending.stopped else limits.cooldown_s
    return row.known - ending.at >= timedelta(seconds=pause)


def _decided(account: Account, verdict: Verdict, row: Row, symbol: Symbol, plan: Plan) -> Account:
    lie = levels_of(symbol, verdict)
    quantity = quantity_of(account, verdict, lie.stop, plan)
    if quantity < 1:
        return account
    horizon = plan.exits.horizon_s
    entry = WaitingEntry(
        place=verdict.place,
        side=verdict.side,
        quantity=quantity,
        reference=verdict.close,
        stop=lie.stop,
        target=lie.target,
        until=row.known + timedelta(seconds=horizon) if horizon else None,
        row=row.number,
    )
    return evolve(account, waiting=(*account.waiting, entry))
