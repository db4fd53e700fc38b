"""Which verdicts become entries at a close."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from attrs import evolve

from argo_core.backtest.bars.plan import BarLimits, Plan
from argo_core.backtest.plain.account import Account, WaitingEntry
from argo_core.backtest.plain.row import Place, Row
from argo_core.backtest.plain.sizing import levels_of, quantity_of
from argo_core.market.instrument import Symbol
from argo_core.trading.order import Side


def decide_entries(account: Account, row: Row, symbols: Sequence[Symbol], plan: Plan) -> Account:
    """Drop all that waits under a rule against entries; otherwise add what the limits allow."""
    if account.reduced or account.halted:
        return evolve(account, waiting=())
    if _full(account, plan.limits):
        return account
    for place in row.surest_first(_may_enter(account, row, plan.limits)):
        if _full(account, plan.limits):
            break
        account = _decided(account, place, row, symbols[place], plan)
    return account


def _full(account: Account, limits: BarLimits) -> bool:
    return len(account.positions) + len(account.waiting) >= limits.positions


def _may_enter(account: Account, row: Row, limits: BarLimits) -> Iterator[Place]:
    """What is wanted, allowed, and neither held nor waited for already."""
    taken = {*account.positions, *(one.place for one in account.waiting)}
    for place in row.wanted():
        if place in taken or (row.said(place) is Side.SELL and not limits.short_selling):
            continue
        if _rested(account, place, row, limits):
            yield place


def _rested(account: Account, place: Place, row: Row, limits: BarLimits) -> bool:
    """Whether the symbol's last position ended long enough ago."""
    ending = account.endings.get(place)
    if ending is None:
        return True
    pause = limits.stop_cooldown_s if ending.stopped else limits.cooldown_s
    return row.known - ending.at >= timedelta(seconds=pause)


def _decided(account: Account, place: Place, row: Row, symbol: Symbol, plan: Plan) -> Account:
    verdict = row.verdict(place)
    lie = levels_of(symbol, verdict)
    quantity = quantity_of(account, verdict, lie.stop, plan)
    if quantity < 1:
        return account
    horizon = plan.exits.horizon_s
    entry = WaitingEntry(
        place=place,
        side=verdict.side,
        quantity=quantity,
        reference=verdict.close,
        stop=lie.stop,
        target=lie.target,
        until=row.known + timedelta(seconds=horizon) if horizon else None,
        row=row.number,
    )
    return evolve(account, waiting=(*account.waiting, entry))
