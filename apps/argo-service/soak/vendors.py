"""The vendors of a soak in a process of their own, which can be told what to do wrong.

`POST /break/VENDOR/FAULT` and `POST /heal/VENDOR`; the port is given, so that whoever is started
again after a kill is where it was.
"""

import argparse
import asyncio
import signal
from datetime import datetime

from aiohttp import web

from argo_adapters.simulator.app import SIMULATION, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.tapes.file import shipped
from soak.clock import StageClock


async def serve(tape_name: str, clock: StageClock, port: int) -> None:
    tape = shipped(tape_name)
    app = simulate(tape, clock, latency_scale=clock.speed, seed=tape.seed)
    simulation = app[SIMULATION]

    async def broken(request: web.Request) -> web.Response:
        simulation.break_vendor(request.match_info["vendor"], Fault(request.match_info["fault"]))
        return web.Response()

    async def healed(request: web.Request) -> web.Response:
        simulation.heal(request.match_info["vendor"])
        return web.Response()

    app.router.add_post("/break/{vendor}/{fault}", broken)
    app.router.add_post("/heal/{vendor}", healed)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serving(app, port):
        print("{}", flush=True)
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tape", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--origin", type=datetime.fromisoformat, required=True)
    parser.add_argument("--since", type=float, required=True)
    parser.add_argument("--speed", type=float, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.tape, StageClock(given.origin, given.since, given.speed), given.port))


if __name__ == "__main__":
    main()
