"""The service on its sockets, from the first listen to the last goodbye."""

import asyncio
import gc
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import BinaryIO

from aiohttp import web
from attrs import frozen

from alpine_service.adapters.observers.fan_out import FanOut
from alpine_service.adapters.observers.json_log import JsonLog
from alpine_service.adapters.observers.metrics import Build, Metrics
from alpine_service.adapters.own_process import forbid_core_dumps
from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.adapters.tracing.opening import Subject, open_tracing
from alpine_service.api.closing import closing
from alpine_service.api.internal import About, build_internal_app
from alpine_service.errors import CannotListen
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock
from alpine_service.services.draining import Draining
from alpine_service.services.heartbeat import Heartbeat
from alpine_service.settings import Settings
from alpine_service.tasks import Run, Tasks
from alpine_service.wiring.live import Live
from alpine_service.wiring.reloading import Reloading
from alpine_service.wiring.running import running

# Containers made and not yet freed before the collector looks for cycles among the youngest. Its
# default of 700 is less than what one event makes for some thousand listeners.
_YOUNG = 50_000
# Whoever asks us to stop waits a second or two before becoming rude; requests under way get half.
GRACE_S = 0.5


async def serve(
    settings: Settings,
    announce: Callable[[str], None],
    configuration: Configuration | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is told the URL once connections are accepted.

    SIGHUP reads the `configuration` again that the settings came from.

    What happens is written to standard error, a line of JSON each.

    Raises:
        CannotListen: an address cannot be had.
        InvalidSetting: something of the operator's cannot be meant.
        NoServer, DatabaseAway, DatabaseRefused: there is no database, or it is not current.
    """
    forbid_core_dumps()

    def ready(url: str) -> None:
        calm_collector()
        announce(url)

    # Listened for first, so that a signal during the start is not lost.
    hurry = asyncio.Event()
    again = Again(configuration, again_wish()) if configuration is not None else None
    lines = sys.stderr.buffer
    await serve_until(stop_wish(hurry), settings, ready, lines, hurry=hurry, again=again)


def calm_collector() -> None:
    """Let the collector of cycles leave alone what lives as long as we do, and come less often.

    What is not in a cycle, which is nearly everything, is freed at once without it.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG)


def stop_wish(hurry: asyncio.Event | None = None) -> asyncio.Event:
    """Set when we are asked to stop, by SIGTERM or SIGINT.

    `hurry` is set when there is to be no grace: somebody asks again, or asks at a terminal.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask(wish: signal.Signals) -> None:
        if hurry is not None and (stop.is_set() or wish is signal.SIGINT):
            hurry.set()
        stop.set()

    for wish in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(wish, ask, wish)
    return stop


@frozen
class Again:
    """Where settings are read from, and when they are to be read again: each time it is set."""

    configuration: Configuration
    wish: asyncio.Event


def again_wish() -> asyncio.Event:
    """Set at each SIGHUP."""
    wish = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, wish.set)
    return wish


async def serve_until(
    stop: asyncio.Event,
    settings: Settings,
    announce: Callable[[str], None],
    lines: BinaryIO,
    *,
    hurry: asyncio.Event | None = None,
    again: Again | None = None,
) -> None:
    """The same until `stop` is set; what happens is written to `lines`.

    After `stop` it is not ready and answers still, for the grace that is set or until `hurry`.
    """
    operation, clock = settings.operation, SystemClock()
    about = About(build=operation.build, instance=operation.instance)
    async with AsyncExitStack() as stack:
        subject = Subject(about.instance, about.version, about.build)
        traces = open_tracing(operation.traces, operation.traces_share, subject)
        tracing = await stack.enter_async_context(traces)
        trace_id = tracing.tracer.trace_id
        metrics = Metrics(Build(about.version, about.build, about.instance), trace_id)
        log = JsonLog(lines, clock, least=operation.log_level, trace_id=trace_id)
        draining, beat = Draining(), Heartbeat(clock, metrics.lagged)
        await stack.enter_async_context(log.writing())
        observer = FanOut((log, metrics))
        await stack.enter_async_context(Tasks(clock, observer).running({"heartbeat": beat.run}))
        alpine = await stack.enter_async_context(
            running(
                settings,
                observer,
                clock,
                probes=(beat, draining, *tracing.probes),
                tracing=tracing,
            )
        )
        alpine.app.on_response_prepare.append(closing(draining))
        inside = build_internal_app(alpine.health, metrics, about)
        await _listen(stack, inside, settings.internal_host, settings.internal_port)
        url = await _listen(stack, alpine.app, settings.host, settings.port)
        # Streams have no end of their own, and nobody is to wait for them.
        stack.callback(alpine.stream.close)
        announce(url)
        reloading = None
        if again is not None:
            reloading = await stack.enter_async_context(
                _reloading(again, alpine.live, log, clock, observer)
            )
            alpine.health.add(reloading)
        await _until(stop, alpine.keep)
        if reloading is not None:
            operation = reloading.given.settings.operation
        observer.tell("service.draining", seconds=operation.drain_s)
        draining.begin()
        alpine.health.forget()
        if operation.drain_s:
            # Before sockets close, so that a proxy that was told has stopped sending by then.
            await _first(hurry or asyncio.Event(), operation.drain_s)


@asynccontextmanager
async def _reloading(
    again: Again, live: Live, log: JsonLog, clock: Clock, observer: Observer
) -> AsyncIterator[Reloading]:
    """Read settings again whenever that is wished, until the block is left."""

    async def apply(settings: Settings) -> None:
        await live.apply(settings)
        log.least = settings.operation.log_level

    async def hear() -> None:
        while True:
            await again.wish.wait()
            again.wish.clear()
            await reloading.reload()

    given = again.configuration.last
    reloading = Reloading(again.configuration, given, apply, clock=clock, observer=observer)
    runs = {"reload": hear, "secrets": reloading.run}
    async with Tasks(clock, observer).running(runs):
        yield reloading


async def _first(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _until(stop: asyncio.Event, keep: Run) -> None:
    """Wait for the wish to stop, and keep running what has to be kept meanwhile.

    Raises:
        NoServer: a database server of our own died and does not come up again.
    """
    stopping, keeping = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(keep())
    try:
        await asyncio.wait((stopping, keeping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        keeping.cancel()
        # Whatever it has started by then is ended with all the rest, so it is waited for.
        await asyncio.wait((stopping, keeping))
    if not keeping.cancelled():
        keeping.result()


async def _listen(stack: AsyncExitStack, app: web.Application, host: str, port: int) -> str:
    runner = web.AppRunner(app, shutdown_timeout=GRACE_S, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        # asyncio puts the address, which our own sentence has already, in front of the reason.
        reason = str(error.strerror).rpartition(": ")[2]
        raise CannotListen(f"{host}:{port}", reason) from error
    # Asked of the socket, because port 0 becomes a real one only there.
    found_host, found_port = runner.addresses[0][:2]
    return (
        f"http://[{found_host}]:{found_port}"
        if ":" in found_host
        else f"http://{found_host}:{found_port}"
    )
