"""Simulated vendors, recorded prices: the application, and a server of it for one address each.

Each vendor lives under its own prefix, `/massive` for example, so that only the base address
differs from the real thing. `GET /` says what is played and what was asked.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress

import orjson
from aiohttp import web
from attrs import evolve

from argo_adapters.simulator.alpaca.trading.control import AlpacaTrading
from argo_adapters.simulator.alpaca.trading.house import House, TradingPlan
from argo_adapters.simulator.alpaca.vendor import ALPACA
from argo_adapters.simulator.alpha_vantage.vendor import ALPHA_VANTAGE
from argo_adapters.simulator.counts import Counts
from argo_adapters.simulator.delivery import SAYS, deliver
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.grok.vendor import GROK
from argo_adapters.simulator.manners import Manner
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.massive.vendor import MASSIVE
from argo_adapters.simulator.simulation import KEY, Simulation
from argo_adapters.simulator.sonar.vendor import SONAR
from argo_adapters.simulator.stamps import MINUTE, nanoseconds
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit
from argo_adapters.simulator.yahoo import YAHOO
from argo_core.backtest.tape import Tape
from argo_core.ports import Clock

VENDORS = (MASSIVE, ALPHA_VANTAGE, GROK, SONAR, ALPACA, YAHOO)
SIMULATION = web.AppKey("simulation", Simulation)
HOUSE = web.AppKey("house", House)
CLOSING = web.AppKey("closing", asyncio.Event)

LARGEST_QUESTION = 4_000_000

_DRIP_S = 0.25
_WARMED_AT_ONCE = 20
_PAUSE_S = 0.02
_REST_S = 0.25


def simulate(
    tape: Tape,
    clock: Clock,
    *,
    latency_scale: float = 1.0,
    faults: Mapping[str, Mapping[Fault, float]] | None = None,
    seed: int = 0,
    keys: Collection[str] = (KEY,),
    limits: bool = True,
    plans: Mapping[str, Limit] | None = None,
    trading: TradingPlan | None = None,
) -> web.Application:
    """An application that plays the tape as `clock` says.

    Latencies are divided by `latency_scale`, infinity for none. `faults` gives for each vendor the
    share of requests that meet each fault, drawn from `seed`. Any of `keys` opens every vendor,
    also as Alpaca's secret. `limits` enforces the vendors' documented rates, on the tape's time;
    `plans` replaces some of them. Alpaca's trading side begins as `trading` says.

    Raises:
        InvalidInput: an unknown vendor, rates that are no probabilities, a scale not positive.
    """
    market = Market(tape)
    house = House(market, clock, keys, trading or TradingPlan(), seed=seed)
    data = [
        evolve(one, routes=(*one.routes, *house.data_routes)) if one is ALPACA else one
        for one in VENDORS
    ]
    simulation = Simulation(
        tape,
        clock,
        (*data, house.vendor),
        latency_scale=latency_scale,
        rates=faults,
        seed=seed,
        keys=keys,
        limits=limits,
        plans=plans,
        market=market,
    )
    app = web.Application(client_max_size=LARGEST_QUESTION)
    app[SIMULATION] = simulation
    app[CLOSING] = asyncio.Event()
    app.router.add_get("/", _about)
    for vendor in simulation.vendors.values():
        for route in vendor.routes:
            path = f"/{vendor.path}{route.path}"
            app.router.add_route(route.method, path, _Desk(simulation, vendor, route).serve)
    app[HOUSE] = house
    house.attach(app.router)
    app.cleanup_ctx.append(_warm)
    app.cleanup_ctx.append(_pulse)
    app.on_shutdown.append(_close)
    return app


class Simulator:
    """A running simulator: where its vendors are, what they were asked, how to break them."""

    def __init__(self, simulation: Simulation, house: House, port: int) -> None:
        self._simulation = simulation
        self.trading = AlpacaTrading(house)
        self.port = port

    @property
    def counts(self) -> Counts:
        """Requests so far."""
        return self._simulation.counts

    @property
    def limits(self) -> bool:
        """Whether the vendors enforce their documented rates."""
        return self._simulation.limits

    def url(self, vendor: str) -> str:
        """The vendor's base address."""
        known = self._simulation.vendors.get(vendor)
        return f"http://127.0.0.1:{self.port}/{known.path if known else vendor}"

    def break_vendor(self, vendor: str, fault: Fault) -> None:
        """Every request to the vendor meets this fault from now on."""
        self._simulation.break_vendor(vendor, fault)

    def heal(self, vendor: str) -> None:
        """The vendor works again, apart from its random faults."""
        self._simulation.heal(vendor)

    def write(self, manner: Manner | None) -> None:
        """Language models write prose in this manner from now on; None mixes them as ever."""
        self._simulation.write(manner)


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[Simulator]:
    """Serve on the loopback until the block ends, on a free port unless one is given.

    Raises:
        OSError: the port is in use.
    """
    # A caller that gives up cancels its handler, so nobody waits for a vendor that hangs.
    runner = web.AppRunner(
        app, handler_cancellation=True, shutdown_timeout=0.5, access_log=None, max_line_size=65_536
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield Simulator(app[SIMULATION], app[HOUSE], runner.addresses[0][1])
    finally:
        await runner.cleanup()


class _Desk:
    """One path of one vendor."""

    def __init__(self, simulation: Simulation, vendor: Vendor, route: Route) -> None:
        self._simulation = simulation
        self._vendor = vendor
        self._route = route

    async def serve(self, request: web.Request) -> web.StreamResponse:
        vendor, simulation = self._vendor, self._simulation
        counts = simulation.counts
        counts.arrived[vendor.name] += 1
        number = counts.arrived[vendor.name]
        ask = Ask(
            request.query,
            request.match_info,
            request.headers,
            await request.read(),
            f"{request.url.origin()}/{vendor.path}",
            number,
        )
        chance = simulation.chance(vendor, number)
        fault = simulation.fault(vendor, chance)
        status = 0
        try:
            if fault is Fault.TIMEOUT:
                await request.app[CLOSING].wait()
                fault = Fault.DROPPED
            elif wait := simulation.latency_s(vendor, chance):
                await asyncio.sleep(wait)
            reply = simulation.too_long(request.path_qs) or simulation.reply(
                vendor, self._route, ask, fault, chance
            )
            response = await deliver(request, reply, fault, _DRIP_S)
            if fault not in {Fault.DROPPED, Fault.CUT} and not reply.dropped:
                status = reply.status
            return response
        finally:
            counts.answered[vendor.name, self._route.counted_as(ask), status] += 1


async def _about(request: web.Request) -> web.Response:
    simulation, house = request.app[SIMULATION], request.app[HOUSE]
    tape, counts = simulation.tape, simulation.counts
    about = {
        "says": SAYS,
        "tape": tape.name,
        "origin": tape.origin,
        "licence": tape.licence,
        "note": tape.note,
        "now": simulation.clock.now(),
        "symbols": len(simulation.market.instruments),
        "requests": dict(counts.arrived),
        "answers": counts.by_endpoint(),
        "trading": house.counts(),
    }
    return web.Response(body=orjson.dumps(about), content_type="application/json")


async def _close(app: web.Application) -> None:
    app[CLOSING].set()
    house = app[HOUSE]
    house.updates.cut()
    house.feed.cut()


async def _warm(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_prepare(app[SIMULATION]))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _pulse(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(app[HOUSE].run())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _prepare(simulation: Simulation) -> None:
    """Lay out the next minute's paths a few at a time, so that no answer waits for all of them."""
    symbols = list(simulation.market.instruments)
    while True:
        for place in range(0, len(symbols), _WARMED_AT_ONCE):
            soon = nanoseconds(simulation.clock.now()) + MINUTE
            for symbol in symbols[place : place + _WARMED_AT_ONCE]:
                if series := simulation.market.series(symbol):
                    series.warm(soon)
            await asyncio.sleep(_PAUSE_S)
        await asyncio.sleep(_REST_S)
