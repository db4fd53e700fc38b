"""Whether the market is one to enter: open, quoted now, agreed on, and narrow enough."""

from datetime import timedelta

from argo_core.market.instrument import AssetClass
from argo_core.market.session import Phase
from argo_core.trading.denial import Denial
from argo_core.trading.risk.case import Case
from argo_core.trading.risk.finding import Finding, at_least, holds, seconds, within

COMPARED_WITHIN = timedelta(seconds=60)
"""A second feed's price that is older than the first's by more says nothing about it."""


def tradable(case: Case) -> Finding:
    kind = case.proposal.asset_class
    return holds(kind is AssetClass.STOCK, Denial.NOT_TRADABLE, AssetClass.STOCK, asset_class=kind)


def session(case: Case) -> Finding:
    """Whoever says the phase and the session's own times must agree; else it counts as closed."""
    market, now = case.market, case.now
    hours, phase = market.session, market.phase
    if hours is None or phase is not Phase.REGULAR or hours.phase(now) is not phase:
        return holds(False, Denial.SESSION_CLOSED, Phase.REGULAR, phase=phase, now=now)
    return at_least(
        seconds(min(now - hours.open, hours.close - now)),
        seconds(case.limits.edge),
        Denial.SESSION_EDGE,
        phase=phase,
        now=now,
        begin=hours.open,
        end=hours.close,
    )


def symbol_halted(case: Case) -> Finding:
    halted = case.market.halted
    return holds(not halted, Denial.SYMBOL_HALTED, "not halted", halted=str(halted).lower())


def quote(case: Case) -> Finding:
    """A time in the future is as wrong as one in the past: it would keep a price fresh for ever."""
    price = case.market.quote
    if price is None or price.bid is None or price.ask is None:
        seen = None if price is None else price.price
        return holds(False, Denial.QUOTE_MISSING, "bid and ask", price=seen)
    return within(
        seconds(abs(case.now - price.at)),
        seconds(case.limits.quote_age),
        Denial.QUOTE_STALE,
        at=price.at,
        now=case.now,
        feed=price.feed,
    )


def feeds(case: Case) -> Finding:
    """Where there is nothing to compare with, it says so and allows."""
    first, second = case.market.quote, case.market.second
    if first is None or second is None or first.at - second.at > COMPARED_WITHIN:
        return holds(
            True,
            Denial.FEEDS_DIVERGE,
            case.limits.divergence,
            compared="no",
            first=None if first is None else first.at,
            second=None if second is None else second.at,
        )
    return within(
        abs(first.price - second.price),
        case.limits.divergence * first.price,
        Denial.FEEDS_DIVERGE,
        compared="yes",
        first=first.price,
        first_feed=first.feed,
        second=second.price,
        second_feed=second.feed,
        divergence=case.limits.divergence,
    )


def spread(case: Case) -> Finding:
    price, mid = case.market.quote, case.market.mid
    if price is None or mid is None or price.bid is None or price.ask is None:
        return holds(False, Denial.QUOTE_MISSING, case.limits.spread)
    return within(
        price.ask - price.bid,
        case.limits.spread * mid,
        Denial.SPREAD,
        bid=price.bid,
        ask=price.ask,
        spread=case.limits.spread,
    )


def collar(case: Case) -> Finding:
    mid, price = case.market.mid, case.proposal.limit
    if mid is None:
        return holds(False, Denial.QUOTE_MISSING, case.limits.collar, price=price)
    return within(
        abs(price - mid),
        case.limits.collar * mid,
        Denial.COLLAR,
        price=price,
        mid=mid,
        collar=case.limits.collar,
    )
