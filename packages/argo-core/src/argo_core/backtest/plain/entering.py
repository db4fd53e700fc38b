"""Entries decided at a close are tried at the next open of their symbols."""

from decimal import Decimal

from attrs import evolve

from argo_core.backtest.bars.plan import Costs, Plan
from argo_core.backtest.bars.trading_result import FillReason
from argo_core.backtest.bars.units import PPM
from argo_core.backtest.plain.account import Account, PlainFill, PlainPosition, WaitingEntry
from argo_core.backtest.plain.amounts import down, shares_for, up
from argo_core.backtest.plain.exiting import stopped_at
from argo_core.backtest.plain.prices import quote, worse
from argo_core.backtest.plain.room import at_most
from argo_core.backtest.plain.row import PlainBar, Row
from argo_core.trading.order import Side


def enter_at_open(account: Account, row: Row, plan: Plan) -> Account:
    """Fill or give up what has a bar; what has none waits while the plan's patience lasts."""
    if not account.waiting:
        return account
    tried = [(entry, bar) for entry in account.waiting if (bar := row.bar(entry.place))]
    gone = {entry.place for entry, _ in tried}
    waiting = [entry for entry in account.waiting if entry.place not in gone]
    patient = tuple(one for one in waiting if row.number - one.row < plan.patience_rows)
    account = evolve(account, waiting=patient)
    for entry, bar in tried:
        account = _tried(account, entry, bar, row, plan)
    return account


def _tried(account: Account, entry: WaitingEntry, bar: PlainBar, row: Row, plan: Plan) -> Account:
    price = worse(entry.side, bar.open, plan.costs)
    if _lapses(entry, price, bar, plan):
        return account
    quantity = at_most(entry.quantity, account, entry.place, row, plan.costs)
    if entry.side is Side.BUY:
        fee = _fee(entry.side, quantity, price, plan.costs)
        quantity = min(quantity, shares_for(account.cash - fee, price))
    if quantity < 1:
        return account
    fill = PlainFill(
        row=row.number,
        place=entry.place,
        side=entry.side,
        quantity=quantity,
        price=price,
        fee=_fee(entry.side, quantity, price, plan.costs),
        reason=FillReason.ENTRY,
        decided=entry.row,
        stop=entry.stop if plan.exits.stops else None,
    )
    return account.paying(fill).keeping(_opened(entry, quantity, price))


def _lapses(entry: WaitingEntry, price: Decimal, bar: PlainBar, plan: Plan) -> bool:
    collar, buying = plan.limits.collar_ppm, entry.side is Side.BUY
    if collar and buying and price > down(entry.reference * (PPM + collar) / PPM):
        return True
    if collar and not buying and price < up(entry.reference * (PPM - collar) / PPM):
        return True
    offered = quote(entry.side, bar.open, plan.costs)
    if plan.exits.stops and stopped_at(entry.side, entry.stop, offered):
        return True
    done = price >= entry.target if buying else price <= entry.target
    return plan.exits.targets and done


def _fee(side: Side, quantity: int, price: Decimal, costs: Costs) -> Decimal:
    return costs.fees.total(side, Decimal(quantity), quantity * price)


def _opened(entry: WaitingEntry, quantity: int, price: Decimal) -> PlainPosition:
    return PlainPosition(
        place=entry.place,
        side=entry.side,
        quantity=quantity,
        stop=entry.stop,
        target=entry.target,
        best=price,
        until=entry.until,
    )
