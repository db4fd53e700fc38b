"""Past bars for markets of which nothing is known yet."""

from datetime import datetime, timedelta

from argo_core.engine.guard import guard
from argo_core.engine.known import Known
from argo_core.engine.outside import Outside
from argo_core.errors import VendorError
from argo_core.market.bar import Bar
from argo_core.ports import Observer

# Four sessions hold at least 300 bars of even the thinnest stock we have data for, over a weekend.
WARM_UP = timedelta(days=6)
WARM_UP_TIMEOUT_S = 60.0


async def warm_up(known: Known, outside: Outside, observer: Observer, now: datetime) -> None:
    """Start every market from its bars until `now`; without a history, or one that fails, cold."""
    history = outside.history
    if history is None:
        return
    instruments = tuple(known.instruments.values())
    outcome = await guard(
        history.name,
        lambda: history.minute_bars(instruments, now - WARM_UP, now),
        Bar,
        timeout_s=WARM_UP_TIMEOUT_S,
        clock=outside.clock,
        observer=observer,
        tracer=outside.tracer,
    )
    if not isinstance(outcome, VendorError):
        known.warm(outcome.items)
