"""How fast may be traded: orders within a minute and a day, and the rest after a loss.

Every order that was sent counts, whatever it was for. Only those that open are held back.
"""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

from argo_core.trading.denial import Denial
from argo_core.trading.risk.case import Case, Standing
from argo_core.trading.risk.finding import Finding, Shown, at_least, holds, seconds, within
from argo_core.trading.views import Placed

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def account_minute(standing: Standing) -> Finding:
    sent, limit = standing.account.placed, standing.limits.orders_per_minute
    return _rate(standing, sent, MINUTE, limit, Denial.RATE_MINUTE)


def symbol_minute(case: Case) -> Finding:
    name = case.proposal.symbol
    sent = (one for one in case.account.placed if one.symbol == name)
    limit = case.limits.symbol_orders_per_minute
    return _rate(case, sent, MINUTE, limit, Denial.RATE_SYMBOL, symbol=name)


def account_day(standing: Standing) -> Finding:
    """A day is the 24 hours up to now, so midnight gives nothing back at once."""
    sent, limit = standing.account.placed, standing.limits.orders_per_day
    return _rate(standing, sent, DAY, limit, Denial.RATE_DAY)


def _rate(
    standing: Standing,
    sent: Iterable[Placed],
    window: timedelta,
    limit: int,
    denial: Denial,
    **inputs: Shown,
) -> Finding:
    count = sum(standing.now - one.at < window for one in sent)
    new = 0 if standing.added is None else 1
    return within(
        Decimal(count + new), Decimal(limit), denial, sent=count, new=new, within=window, **inputs
    )


def cooldown(case: Case) -> Finding:
    """The longest wait that is left over from the symbol's positions that ended."""
    limits, now = case.limits, case.now
    ends = [one for one in case.account.closed if one.symbol == case.proposal.symbol]
    waits = {False: limits.cooldown, True: limits.stop_cooldown}
    if not ends:
        return holds(True, Denial.COOLDOWN, limits.cooldown, closed="none")
    last = min(ends, key=lambda one: now - one.at - waits[one.stopped])
    return at_least(
        seconds(now - last.at),
        seconds(waits[last.stopped]),
        Denial.COOLDOWN,
        closed=last.at,
        stopped=str(last.stopped).lower(),
        now=now,
    )


def stopped_out(standing: Standing) -> Finding:
    """As many as `stops` of them within `stops_within`, and no entry follows for `stops_rest`.

    The margin counts the stops that may still be hit before that.
    """
    limits, now, most = standing.limits, standing.now, standing.limits.stops - 1
    hits = sorted(one.at for one in standing.account.closed if one.stopped)
    too_many = [
        last
        for first, last in zip(hits, hits[most:], strict=False)
        if last - first <= limits.stops_within
    ]
    until = too_many[-1] + limits.stops_rest if too_many else None
    resting = until is not None and now < until
    recent = sum((too_many[-1] if resting else now) - at <= limits.stops_within for at in hits)
    return within(
        Decimal(recent if resting else min(recent, most)),
        Decimal(most),
        Denial.STOPPED_OUT,
        stops=recent,
        within=limits.stops_within,
        rest_until=until if resting else "none",
        now=now,
    )
