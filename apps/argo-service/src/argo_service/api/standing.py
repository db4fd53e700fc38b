"""What happened to a signal after it was said, as far as it is published."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from argo_core.ledger.record import LoggedSignal
from argo_service.api import keys
from argo_service.api.published import newest, shown_size
from argo_service.api.signal_views import Standing

COSIGNED: Final = "cosigned"
PENDING: Final = "pending"
UNWITNESSED: Final = "unwitnessed"


async def standing_of(app: web.Application, signal: LoggedSignal) -> Standing:
    """Its official time, and its outcome once the entry that says so may be shown."""
    publication = app[keys.PUBLICATION]
    witnessed, outcome = await asyncio.gather(
        app[keys.LOG].witnessed_at(signal.index), app[keys.INDEX].outcome(signal.index)
    )
    if outcome is not None and outcome.index >= shown_size(publication):
        outcome = None
    if witnessed is not None:
        return Standing(COSIGNED, datetime.fromtimestamp(witnessed, UTC), outcome)
    published = newest(publication)
    awaited = published is not None and published.pending
    return Standing(PENDING if awaited else UNWITNESSED, None, outcome)
