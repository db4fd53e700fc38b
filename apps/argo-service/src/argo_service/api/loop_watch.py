"""How late the event loop is: what holds it makes beats late and requests slow."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from argo_core.ports import Clock

EVERY_S = 1.0


async def watch_loop(clock: Clock, tell: Callable[[float], None], every_s: float = EVERY_S) -> None:
    """Sleep again and again, and `tell` how many seconds later than asked for it woke up."""
    never = asyncio.Event()
    while True:
        due = clock.monotonic() + every_s
        # On the wall, however fast a recording is played.
        with suppress(TimeoutError):
            async with clock.timeout(every_s):
                await never.wait()
        tell(max(0.0, clock.monotonic() - due))
