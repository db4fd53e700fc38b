"""Whole engines on a real server of shared state: they share, and its troubles stop no beat."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, Self

import pytest
from attrs import define, evolve, field

from argo_adapters.clocks.system import SystemClock
from argo_adapters.clocks.tape import TapeClock
from argo_adapters.redis.launcher import NoServer, PrivateServer, private_server
from argo_adapters.simulator.app import Simulator
from argo_adapters.tapes.file import shipped
from argo_core.engine.loop import run as run_loop
from argo_core.events import CycleFailed, CycleFinished, Event, SharedStateChanged
from argo_core.resilience.secret import Secret
from argo_service.config.tree import Settings
from argo_service.demo.stage import opening, point_at, staged, yahoo_url
from argo_service.running import Running
from argo_service.wiring import running

TAPE: Final = shipped("ordinary-day")
OPENED: Final = opening(TAPE, None)
SYMBOLS: Final = ("AZO", "NVR", "BTC/USD")
SPEED: Final = 50.0
# Ten times the default, so that a loaded machine is not taken for a server that is away.
PATIENCE_MS: Final = 500
# Two engines need this long to open the indicators of all symbols.
WARM_BEATS: Final = 4
BEAT_WALL_S: Final = 5.0 / SPEED

Launch = Callable[..., Awaitable[PrivateServer]]

pytestmark = pytest.mark.timed


@define
class Ear:
    """An observer that keeps what it hears."""

    events: list[Event] = field(factory=list)
    heard: asyncio.Event = field(factory=asyncio.Event)

    def notice(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, CycleFinished):
            self.heard.set()

    @property
    def cycles(self) -> list[CycleFinished]:
        return [event for event in self.events if isinstance(event, CycleFinished)]

    async def beats(self, count: int) -> None:
        until = len(self.cycles) + count
        async with asyncio.timeout(60):
            while len(self.cycles) < until:
                self.heard.clear()
                await self.heard.wait()


@pytest.fixture
async def launch() -> AsyncIterator[Launch]:
    """Starts servers that may be killed, stopped or filled."""
    with ExitStack() as owned:

        async def launched(
            *, folder: Path | None = None, maxmemory: int | None = None
        ) -> PrivateServer:
            context = private_server(folder=folder, maxmemory=maxmemory)
            server = await asyncio.to_thread(context.__enter__)
            owned.push(context.__exit__)
            if isinstance(server, NoServer):
                if os.environ.get("CI"):  # noqa: TID251 - CI has what a home may lack
                    pytest.fail(server.problem)
                pytest.skip(server.problem)
            return server

        yield launched
        await asyncio.to_thread(owned.close)


@pytest.fixture
def short_path() -> Iterator[Path]:
    with TemporaryDirectory(prefix="argo-") as folder:
        yield Path(folder)


def settings_of(simulator: Simulator, database: Path, url: str, namespace: str) -> Settings:
    settings = point_at(simulator, Settings(), TAPE, SYMBOLS, database)
    return evolve(
        settings,
        redis=evolve(settings.redis, url=Secret(url), namespace=namespace, timeout_ms=PATIENCE_MS),
    )


@asynccontextmanager
async def engines(
    count: int, url: str, folder: Path, begin: Callable[[], None] = lambda: None
) -> AsyncIterator[list[tuple[Running, Ear]]]:
    """So many engines over one set of vendors, each with its own log, beating one after another."""
    begin()
    clock = TapeClock(OPENED, SPEED)
    namespace = token_hex(6)
    made: list[tuple[Running, Ear]] = []
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            staged(TAPE, clock, latency_scale=float("inf"), limits=False)
        )
        beating = []
        for number in range(count):
            settings = settings_of(simulator, folder / f"{number}.sqlite3", url, namespace)
            ear = Ear()
            argo = await stack.enter_async_context(
                running(
                    settings,
                    clock,
                    (ear,),
                    yahoo_url=yahoo_url(simulator),
                    pace=1_000.0,
                )
            )
            made.append((argo, ear))
            beating.append(asyncio.create_task(run_loop(argo.engine, clock, ear, stop)))
            await SystemClock().sleep(BEAT_WALL_S / count)
        try:
            yield made
        finally:
            stop.set()
            await asyncio.gather(*beating)


@define
class Steps:
    """A clock that stands still until it is told to go on; what is measured is the wall's."""

    moment: datetime
    _wall: SystemClock = field(factory=SystemClock)

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        await self._wall.sleep(min(seconds, 0.01))

    def monotonic(self) -> float:
        return self._wall.monotonic()

    def timeout(self, seconds: float) -> asyncio.Timeout:
        return self._wall.timeout(seconds)


async def calls(count: int, url: str, folder: Path, beats: int) -> int:
    """How often vendors are called while so many engines take turns, once all are warm."""
    clock = Steps(OPENED)
    namespace = token_hex(6)
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(
            staged(TAPE, clock, latency_scale=float("inf"), limits=False)
        )
        made: list[Running] = []
        for number in range(count):
            settings = settings_of(simulator, folder / f"{number}.sqlite3", url, namespace)
            yahoo = yahoo_url(simulator)
            engine = running(settings, clock, yahoo_url=yahoo, pace=1_000.0)
            made.append(await stack.enter_async_context(engine))
        before = 0
        for beat in range(beats):
            for argo in made:
                clock.moment += timedelta(seconds=5 / count)
                await argo.engine.cycle(wait=True)
            if beat == WARM_BEATS:
                before = called(made)
        return called(made) - before


def called(made: list[Running]) -> int:
    return sum(source.calls for argo in made for source in argo.tally.sources.values())


async def test_two_engines_together_call_vendors_hardly_more_often_than_one(
    launch: Launch, tmp_path: Path
) -> None:
    server = await launch()
    alone = await calls(1, server.url, tmp_path / "alone", 120)
    together = await calls(2, server.url, tmp_path / "together", 120)
    assert alone > 200
    assert together <= 1.1 * alone, (alone, together)


async def test_an_engine_starts_warm_after_another(launch: Launch, tmp_path: Path) -> None:
    server = await launch()
    async with engines(2, server.url, tmp_path) as made:
        (_, first), (second, ear) = made
        await first.beats(6)
        await ear.beats(1)
        known = second.engine.known.opinions
        assert all(len(known.get(symbol, {})) >= 3 for symbol in SYMBOLS), known


class Doorway:
    """An address before servers: it may be late, and lead to another server from now on."""

    def __init__(self, path: Path) -> None:
        self.url = f"unix://{path}"
        self.delay_s = 0.0
        self._path = path
        self._target = ""
        self._open: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._meet, self._path)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.lead_to(None)

    def lead_to(self, server: PrivateServer | None) -> None:
        """Close what is open, as a server does that goes away; newcomers meet the other."""
        self._target = "" if server is None else server.url.removeprefix("unix://")
        for writer in self._open:
            writer.close()
        self._open.clear()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._target)
        self._open += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(1 << 16):
                await SystemClock().sleep(self.delay_s)
                sink.write(data)
        sink.close()


@pytest.mark.parametrize(
    ("trouble", "missed"),
    [
        # A server that is back at once may be missed or not.
        ("killed", True),
        ("paused", True),
        ("slow", True),
        ("full", False),
        ("restarted empty", None),
        ("restarted warm", None),
        ("failed over", None),
    ],
)
async def test_the_beat_is_kept_while_the_server_is(
    trouble: str, missed: bool | None, launch: Launch, tmp_path: Path, short_path: Path
) -> None:
    warm = tmp_path / "kept" if trouble == "restarted warm" else None
    if warm is not None:
        warm.mkdir()
    server = await launch(folder=warm, maxmemory=2_000_000 if trouble == "full" else None)
    # The path of a socket has room for a hundred characters, which pytest's folders may use up.
    async with (
        Doorway(short_path / "door") as door,
        engines(1, door.url, tmp_path, begin=lambda: door.lead_to(server)) as made,
    ):
        ((argo, ear),) = made
        await ear.beats(4)
        before = len(ear.cycles)
        match trouble:
            case "killed":
                os.kill(server.pid, signal.SIGKILL)
            case "paused":
                os.kill(server.pid, signal.SIGSTOP)
            case "slow":
                door.delay_s = 2 * PATIENCE_MS / 1_000
            case "restarted empty" | "restarted warm":
                os.kill(server.pid, signal.SIGTERM)
                door.lead_to(await launch(folder=warm))
            case "failed over":
                door.lead_to(await launch())
        await ear.beats(20)
        during = ear.cycles[before:]
        if trouble == "paused":
            os.kill(server.pid, signal.SIGCONT)
        door.delay_s = 0.0
        await ear.beats(25)
        assert not [event for event in ear.events if isinstance(event, CycleFailed)]
        assert all(cycle.absent == () for cycle in ear.cycles[before:])
        assert median(cycle.hits / cycle.lookups for cycle in ear.cycles[before:]) > 0.9
        # A look at a server that does not answer costs no more than its timeout, and prices have a
        # deadline of their own.
        assert median(cycle.seconds for cycle in during) < 0.3
        seen = [one.within_reach for one in ear.events if isinstance(one, SharedStateChanged)]
        assert (False in seen) is missed or missed is None
        assert seen[-1] is argo.tally.within_reach is (trouble != "killed")
