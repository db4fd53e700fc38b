"""Records for ever, and prints how many inputs it has handed over."""

import asyncio
import sys
from pathlib import Path

from argo_adapters.clocks.system import SystemClock
from argo_adapters.tapes.recorder import recording
from argo_core.backtest.recording import About, Origin
from argo_core.consensus.profile import Profile
from argo_core.engine.inputs import Settled
from argo_core.engine.outside import Registration
from argo_core.market.instrument import instrument

REGISTRATION = Registration("example.com/log", "test", "c" * 64, "d" * 64)
ABOUT = About.of(REGISTRATION, Profile(), (instrument("NVR"),), Origin.SIMULATED)


async def main(path: Path) -> None:
    clock = SystemClock()
    count = 0
    async with recording(path, ABOUT) as recorder:
        while True:
            for _ in range(100):
                recorder(Settled(count))
                count += 1
            print(count, flush=True)  # noqa: T201 - the parent reads it
            await clock.sleep(0.005)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
