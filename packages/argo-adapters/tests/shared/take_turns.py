"""Takes as many turns as the limits let it, and prints when each may have been given.

Two times by the server, and the second of them also by this machine's clock that nobody sets.
"""

import asyncio
import sys
from random import Random

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.limits import RedisLimits
from argo_adapters.redis.link import RedisLink
from argo_core.consensus.opinion import GROK
from argo_core.resilience.allowance import Allowance
from argo_core.testing.fake_observer import FakeObserver


async def now_s(link: RedisLink) -> float:
    """The server's time, by which it admits: other clocks of a busy machine drift from it."""
    seconds, micros = await link.command("TIME")
    return int(seconds) + int(micros) / 1_000_000


async def main(url: str, rate: float, burst: float, seconds: float) -> None:
    clock = SystemClock()
    chance = Random(1).random  # noqa: S311 - seeded on purpose
    link = RedisLink(url, clock=clock, observer=FakeObserver(), chance=chance, timeout_s=5.0)
    limits = RedisLimits(link, namespace="turns")
    allowances = (Allowance(rate, burst),)
    # Both scripts are known to the server before the first turn. What was refused, because others
    # have begun, must not be given back.
    if await limits.take(GROK, allowances) == 0:
        await limits.refund(GROK, allowances)
    print("ready", flush=True)  # noqa: T201 - the parent reads it
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        begun = await now_s(link)
        wait = await limits.take(GROK, allowances)
        if wait == 0:
            print(begun, await now_s(link), clock.monotonic())  # noqa: T201 - the parent reads it
        await clock.sleep(wait)
    await link.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(float, sys.argv[2:])))
