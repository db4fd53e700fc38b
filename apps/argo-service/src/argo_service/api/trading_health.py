"""How well trading is, and the check of it."""

from datetime import datetime

from argo_core.execution.trader import Trader
from argo_core.ports import Clock
from argo_core.trading.state import TradingState
from argo_service.api.errors import NotWell
from argo_service.api.health_bodies import TradingHealthBody
from argo_service.api.probes import Level, Probe
from argo_service.api.source_health import DEGRADED, HEALTHY, UNHEALTHY

MISSABLE = 3
"""So many comparisons of the books may be missed before something is wrong."""


def trading_health(trader: Trader, now: datetime) -> TradingHealthBody:
    """Where it stands, see `TradingHealthBody`."""
    at = trader.last_reconciled
    age_s = None if at is None else (now - at).total_seconds()
    active = trader.book.state is TradingState.ACTIVE
    deaf = trader.market.streaming is False
    well = active and trader.is_ready and not trader.differences and not deaf
    late = age_s is not None and age_s > MISSABLE * trader.policy.reconcile.total_seconds()
    return TradingHealthBody(
        status=UNHEALTHY if late or trader.failed else HEALTHY if well else DEGRADED,
        state=trader.book.state,
        ready=trader.is_ready,
        reconciled_s=None if age_s is None else round(age_s, 3),
        differences=len(trader.differences),
        stream=trader.market.streaming,
    )


def trading_probe(trader: Trader, clock: Clock) -> Probe:
    """A deep check: signals go on without trading, and what is held goes on being protected."""

    async def look() -> str:
        # Whoever may see no positions may see this, so it names no symbols, numbers or reasons.
        found = trading_health(trader, clock.now())
        said = f"{found.state.value}, broker {trader.name}"
        if trader.failed is not None:
            why = type(trader.failed).__name__
            raise NotWell(f"{said}: it has stopped by {why}; look for trading_alarm in the log")
        if found.reconciled_s is None:
            raise NotWell(f"{said}: the broker's books were never read; look for trading_alarm")
        said = f"{said}, books compared {found.reconciled_s:.0f} s ago"
        if found.status == UNHEALTHY:
            raise NotWell(f"{said}: that is too long; look for trading_alarm in the log")
        if trader.differences:
            count = len(trader.differences)
            raise NotWell(f"{said}: {count} differences; see `argo trading risk`")
        if found.stream is False:
            said = f"{said}, no prices or halts between cycles: the stream is not connected"
        return said

    return Probe("trading", Level.DEEP, look)
