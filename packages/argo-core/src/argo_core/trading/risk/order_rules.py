"""Whether the order itself is one to send: allowed now, of a live signal, and of a sane size."""

from datetime import timedelta
from decimal import Decimal

from attrs import evolve

from argo_core.trading.denial import Denial
from argo_core.trading.order import Side
from argo_core.trading.risk.case import Case, Standing
from argo_core.trading.risk.finding import Finding, at_least, below, holds, seconds, shown, within
from argo_core.trading.state import TradingState

TICK = Decimal("0.01")
"""The step of US stocks' prices (SEC Rule 612), by which rounding may move a stop."""


def closing(case: Case) -> Finding:
    """What is said to close must do nothing else: no more than is held, and the other way."""
    proposal = case.proposal
    return holds(
        proposal.opens or case.shrinks,
        Denial.NOT_CLOSING,
        "shrinks the position",
        opens=str(proposal.opens).lower(),
        held=case.held,
        side=proposal.side,
        quantity=proposal.quantity,
    )


def state(standing: Standing) -> Finding:
    now = standing.account.state
    return holds(now is TradingState.ACTIVE, Denial.STATE, TradingState.ACTIVE, state=now)


def short_selling(case: Case) -> Finding:
    """A sale is short as far as it sells more than is held."""
    proposal, allowed = case.proposal, case.limits.short_selling
    long = proposal.side is Side.BUY or proposal.quantity <= case.held
    return holds(
        long or allowed,
        Denial.SHORT_SELLING,
        "allowed" if allowed else "not allowed",
        side=proposal.side,
        held=case.held,
        quantity=proposal.quantity,
    )


def signal_age(case: Case) -> Finding:
    """A signal is followed for a quarter of its horizon, and for `longest_signal` at most."""
    proposal = case.proposal
    longest = min(timedelta(seconds=proposal.horizon_s) / 4, case.limits.longest_signal)
    if proposal.decided_at is None:
        return holds(False, Denial.SIGNAL_OLD, longest, decided_at=None)
    return within(
        seconds(abs(case.now - proposal.decided_at)),
        seconds(longest),
        Denial.SIGNAL_OLD,
        decided_at=proposal.decided_at,
        now=case.now,
        horizon_s=proposal.horizon_s,
    )


def target(case: Case) -> Finding:
    """Where the order's price has reached the target there is nothing to be won any more."""
    proposal = case.proposal
    if proposal.target is None:
        return holds(True, Denial.TARGET_PASSED, "no target", price=proposal.limit)
    sign = proposal.side.sign
    found = below(
        proposal.limit * sign,
        proposal.target * sign,
        Denial.TARGET_PASSED,
        price=proposal.limit,
        target=proposal.target,
        side=proposal.side,
    )
    return evolve(found, limit=shown(proposal.target))


def size(case: Case) -> Finding:
    quantity = case.proposal.quantity
    return at_least(quantity, Decimal(1), Denial.TOO_SMALL, quantity=quantity)


def order_value(case: Case) -> Finding:
    limits = case.limits
    return within(
        case.value,
        min(limits.order_cap, case.share(limits.order_share)),
        Denial.ORDER_VALUE,
        value=case.value,
        quantity=case.proposal.quantity,
        equity=case.account.equity,
        order_share=limits.order_share,
        order_cap=limits.order_cap,
    )


def liquidity(case: Case) -> Finding:
    adv, share = case.market.adv, case.limits.adv_share
    if adv is None:
        return holds(False, Denial.LIQUIDITY_UNKNOWN, share, value=case.value, adv=None)
    return within(
        case.value, share * adv, Denial.ORDER_LIQUIDITY, value=case.value, adv=adv, adv_share=share
    )


def risk_per_trade(case: Case) -> Finding:
    """Rounding may put the stop a tick farther away than the money is meant for.

    That tick is forgiven, but no more than a tenth of the distance, else the stops that are nearest
    would be bounded by nothing.
    """
    proposal, share = case.proposal, case.limits.risk_per_trade
    distance = stop_distance(proposal.side, proposal.limit, proposal.stop)
    if distance is None:
        return holds(False, Denial.STOP_MISSING, "a stop", price=proposal.limit, stop=proposal.stop)
    forgiven = min(TICK, distance / 10)
    return within(
        proposal.quantity * (distance - forgiven),
        case.share(share),
        Denial.RISK_PER_TRADE,
        quantity=proposal.quantity,
        price=proposal.limit,
        stop=proposal.stop,
        forgiven=forgiven,
        equity=case.account.equity,
        risk_per_trade=share,
    )


def stop_distance(side: Side, price: Decimal, stop: Decimal | None) -> Decimal | None:
    """What one share loses between the price and the stop; None unless it loses."""
    distance = None if stop is None else (price - stop) * side.sign
    return distance if distance is not None and distance > 0 else None


def duplicate(case: Case) -> Finding:
    """One live entry on a side of a symbol, and none while it is held: nothing is piled up."""
    proposal = case.proposal
    live = sum(
        order.opens and order.symbol == proposal.symbol and order.side is proposal.side
        for order in case.account.orders
    )
    return within(
        Decimal(live + (case.held != 0)),
        Decimal(0),
        Denial.DUPLICATE,
        live_entries=live,
        held=case.held,
        side=proposal.side,
    )
