"""Waiting for cancelled tasks, though not for ever: an adapter may swallow its cancellation."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from argo_core.ports import Clock

PATIENCE_S = 2.0


async def ended(tasks: Iterable[asyncio.Task[Any]], clock: Clock) -> None:
    """Return when all have ended, or after two seconds, whatever they ended with."""
    waiting = asyncio.gather(*tasks, return_exceptions=True)
    with suppress(TimeoutError):
        async with clock.timeout(PATIENCE_S):
            await asyncio.shield(waiting)
