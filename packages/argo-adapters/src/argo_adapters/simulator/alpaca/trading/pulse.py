"""When the exchange has to look again although nobody asks."""

import asyncio

from argo_adapters.simulator.market import BEAT
from argo_adapters.simulator.stamps import HOUR, SECOND
from argo_core.ports import Clock

SHORTEST_S = 0.01


def nap(now: int, *, waits: bool, watches: bool, edge: int) -> float:
    """How many seconds may pass before anything can happen.

    One if something `waits` for its time; if somebody `watches` prices, until they change; and at
    most until the next `edge` of a session.
    """
    if waits:
        return 1.0
    until = min(edge, now + HOUR)
    if watches:
        until = min(until, (now // BEAT + 1) * BEAT)
    return max(until - now, 1) / SECOND


async def rest(clock: Clock, seconds: float, stirred: asyncio.Event) -> None:
    """Wait so long, or until stirred, but not so short that the wall could not bear it."""
    began = clock.monotonic()
    tasks = {asyncio.ensure_future(clock.sleep(seconds)), asyncio.ensure_future(stirred.wait())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
    # A clock that stands still until told has no wall to spare.
    passed = clock.monotonic() - began
    if not stirred.is_set() and passed < SHORTEST_S:
        await asyncio.sleep(SHORTEST_S - passed)
