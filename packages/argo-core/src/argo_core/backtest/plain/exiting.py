"""Positions end: at the open, inside a bar, or by a decision at the close."""

from decimal import Decimal

from attrs import evolve, frozen

from argo_core.backtest.bars.plan import Costs, Exits, Plan
from argo_core.backtest.bars.trading_result import FillReason
from argo_core.backtest.plain.account import Account, Ending, Leaving, PlainFill, PlainPosition
from argo_core.backtest.plain.prices import quote, slipped, worse
from argo_core.backtest.plain.room import at_most
from argo_core.backtest.plain.row import PlainBar, Row
from argo_core.trading.order import Side


@frozen
class WayOut:
    """A price at which a position may be left in this row, and why it is."""

    price: Decimal
    leaving: Leaving


def exit_at_open(account: Account, row: Row, plan: Plan) -> Account:
    """What was decided earlier, then stops and targets that the open has reached."""
    for position in account.positions.values():
        if position.leaving is None and not _has_levels(plan.exits):
            continue
        bar = row.bar(position.place)
        way = bar and _out_at_open(position, bar, row, plan)
        if way:
            account = _leave(account, position, way, row, plan.costs)
    return account


def exit_inside(account: Account, row: Row, plan: Plan) -> Account:
    """Stops and targets that the bar reached after its open: the stop first."""
    if not _has_levels(plan.exits):
        return account
    left_at_open = {one.place for one in account.fills if one.reason is not FillReason.ENTRY}
    for position in account.positions.values():
        if position.leaving is not None or position.place in left_at_open:
            continue
        bar = row.bar(position.place)
        way = bar and _out_inside(position, bar, row, plan)
        if way:
            account = _leave(account, position, way, row, plan.costs)
    return account


def decide_exits(account: Account, row: Row, plan: Plan) -> Account:
    """What the close says about positions that nothing was decided of: too old, or gainsaid."""
    for position in account.positions.values():
        if position.leaving is None:
            reason = _reason_to_leave(position, row, plan.exits)
            if reason is not None:
                leaving = Leaving(reason, row.number)
                account = account.keeping(evolve(position, leaving=leaving))
    return account


def _has_levels(exits: Exits) -> bool:
    return exits.stops or exits.targets


def stopped_at(side: Side, stop: Decimal, offered: Decimal) -> bool:
    """Whether a position of this side that can be left at `offered` has reached its stop."""
    return offered <= stop if side is Side.BUY else offered >= stop


def _paid_at(position: PlainPosition, offered: Decimal) -> bool:
    if position.side is Side.BUY:
        return offered >= position.target
    return offered <= position.target


def _out_at_open(position: PlainPosition, bar: PlainBar, row: Row, plan: Plan) -> WayOut | None:
    side, exits = position.side, plan.exits
    if position.leaving is not None:
        return WayOut(worse(side.opposite, bar.open, plan.costs), position.leaving)
    offered = quote(side, bar.open, plan.costs)
    if exits.stops and stopped_at(side, position.stop, offered):
        market = worse(side.opposite, bar.open, plan.costs)
        return WayOut(market, Leaving(FillReason.STOP, row.number))
    if exits.targets and _paid_at(position, offered):
        return WayOut(offered, Leaving(FillReason.TARGET, row.number))
    return None


def _out_inside(position: PlainPosition, bar: PlainBar, row: Row, plan: Plan) -> WayOut | None:
    side, exits, costs = position.side, plan.exits, plan.costs
    worst, best = (bar.low, bar.high) if side is Side.BUY else (bar.high, bar.low)
    if exits.stops and stopped_at(side, position.stop, quote(side, worst, costs)):
        price = slipped(side.opposite, position.stop, costs.slippage_ppm)
        return WayOut(price, Leaving(FillReason.STOP, row.number))
    if exits.targets and _paid_at(position, quote(side, best, costs)):
        return WayOut(position.target, Leaving(FillReason.TARGET, row.number))
    return None


def _leave(
    account: Account, position: PlainPosition, way: WayOut, row: Row, costs: Costs
) -> Account:
    """Fill what the room lets; what is left of anything but a target is decided from now on."""
    quantity = at_most(position.quantity, account, position.place, row, costs)
    if quantity:
        account = account.paying(_fill(position, quantity, way, row, costs))
    stopped = way.leaving.reason is FillReason.STOP
    if quantity == position.quantity:
        return account.without(position.place, Ending(row.known, stopped=stopped))
    decided = None if way.leaving.reason is FillReason.TARGET else way.leaving
    left = evolve(position, quantity=position.quantity - quantity, leaving=decided)
    return account.keeping(left)


def _fill(position: PlainPosition, quantity: int, way: WayOut, row: Row, costs: Costs) -> PlainFill:
    side = position.side.opposite
    return PlainFill(
        row=row.number,
        place=position.place,
        side=side,
        quantity=quantity,
        price=way.price,
        fee=costs.fees.total(side, Decimal(quantity), quantity * way.price),
        reason=way.leaving.reason,
        decided=way.leaving.row,
    )


def _reason_to_leave(position: PlainPosition, row: Row, exits: Exits) -> FillReason | None:
    if position.until is not None and row.known >= position.until:
        return FillReason.TIME
    if not row.has_bar(position.place):
        return None
    said = row.said(position.place)
    against = exits.hold_closes if said is None else said is not position.side
    return FillReason.SIGNAL if against else None
