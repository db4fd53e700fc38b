"""The soak itself: everything started, troubled on schedule, watched, stopped and judged."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random

import aiohttp
import psutil  # type: ignore[import-untyped]  # it ships no types
from attrs import define, field, frozen

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_adapters.postgres.launcher import NoServer, private_server
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.roles import make_roles
from argo_adapters.postgres.schema import load_texts
from argo_adapters.postgres.verify import verify
from argo_adapters.redis.launcher import find_server
from argo_adapters.tapes.file import shipped
from argo_core.errors import LogError
from argo_service.record_keys import signer_of
from soak.judged import (
    Beat,
    Growth,
    Heard,
    Outage,
    Record,
    Sample,
    beat_of,
    faults_of_beat,
    faults_of_growth,
    faults_of_record,
    growths,
)
from soak.processes import Watched, python
from soak.schedule import Planned, Trouble, planned
from soak.stage import OPENED, TAPE, Stage

START_S = 60.0
LOOK_S = 0.5
_ENTRIES = "SELECT data FROM record.entries ORDER BY idx"
_CALL_S = 30.0
_ANSWERS, _ASK_AGAIN_S = 3, 0.02
_MOST_STOP_S = 5.0


@frozen
class Wishes:
    """How long of the recording, how fast, and whose chance decides what goes wrong."""

    span_s: float
    speed: float
    seed: int
    folder: Path
    engines: tuple[str, ...]
    least: float
    """The share of beats that has to be kept."""
    calm: bool = False
    """Nothing goes wrong: then what grows does so by itself."""

    def plan(self) -> tuple[Planned, ...]:
        """What goes wrong, and when."""
        return () if self.calm else planned(self.span_s, self.seed, engines=self.engines)


@frozen
class Outcome:
    """All that a soak has to say; `wrong` is empty when everything held."""

    beat: Beat
    cycles: int
    failed: int
    troubles: tuple[tuple[Planned, int], ...]
    growth: tuple[Growth, ...]
    kinds: dict[str, int]
    starts: dict[str, int]
    stopped_s: dict[str, float]
    wrong: tuple[str, ...]


@define
class _Play:
    """A soak under way."""

    wishes: Wishes
    stage: Stage
    postgres: int
    heard: list[Heard] = field(factory=list)
    failed: int = 0
    samples: list[Sample] = field(factory=list)
    processes: dict[str, Watched] = field(factory=dict)
    stopped_s: dict[str, float] = field(factory=dict)
    outages: list[Outage] = field(factory=list)

    def now_s(self) -> float:
        """Seconds of the recording since it began to be played."""
        return (time.monotonic() - self.stage.since) * self.stage.speed

    def told(self, line: str) -> None:
        said = json.loads(line)
        if "cycle" in said:
            self.heard.append(Heard(self.now_s(), said["who"], tuple(said["signals"])))
        self.failed += "failed" in said

    async def play(self) -> None:
        chance = Random(self.wishes.seed)
        plan = self.wishes.plan()
        looking = asyncio.create_task(self._look())
        troubles: list[asyncio.Task[None]] = []
        try:
            begun = self.now_s()
            for each in plan:
                await self._until(begun + each.at_s)
                troubles.append(asyncio.create_task(self._trouble(each, chance)))
            await self._until(begun + self.wishes.span_s)
        finally:
            for task in (looking, *troubles):
                task.cancel()
            results = await asyncio.gather(looking, *troubles, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _until(self, at_s: float) -> None:
        await asyncio.sleep(max(0.0, (at_s - self.now_s()) / self.stage.speed))

    async def _trouble(self, planned: Planned, chance: Random) -> None:
        wall_s = planned.for_s / self.stage.speed
        process = self.processes.get(planned.who)
        match planned.trouble:
            case Trouble.BREAK:
                await self._broken(planned.who, planned.what, wall_s)
            case Trouble.STEP:
                step = self.stage.clock(planned.who).step
                assert step is not None
                wrong_s = float(planned.what)
                step.set(step.seconds + wrong_s)
                # Whoever keeps the machine's time finds out, and puts it right.
                await asyncio.sleep(wall_s)
                step.set(step.seconds - wrong_s)
            case Trouble.PAUSE if process is not None:
                await process.pause(wall_s)
            case Trouble.PAUSE:
                async with self._outage():
                    await self._postgres_paused(wall_s)
            case Trouble.KILL if process is not None:
                process.kill()
            case Trouble.KILL:
                # One of its processes dies, and it throws out everybody to begin anew.
                async with self._outage():
                    with suppress(psutil.Error):
                        chance.choice(psutil.Process(self.postgres).children()).kill()

    @asynccontextmanager
    async def _outage(self) -> AsyncIterator[None]:
        """From here until PostgreSQL answers again after the block."""
        begun = self.now_s()
        try:
            yield
            await self._answers()
        finally:
            self.outages.append(Outage(begun, self.now_s()))

    async def _answers(self) -> None:
        """Return once PostgreSQL does, and does so again: a moment after a kill it still may."""
        answers = 0
        while answers < _ANSWERS:
            try:
                async with connected(address_of(self.stage.database), call_s=1.0) as connection:
                    await connection.fetchval("SELECT 1")
                answers += 1
            except LogError:
                answers = 0
            await asyncio.sleep(_ASK_AGAIN_S)

    async def _broken(self, vendor: str, fault: str, wall_s: float) -> None:
        base = f"http://127.0.0.1:{self.stage.vendors}"
        timeout = aiohttp.ClientTimeout(total=2)
        # The vendors may be dead or paused just now; then nobody needs to break them.
        async with aiohttp.ClientSession(timeout=timeout) as session:
            with suppress(aiohttp.ClientError, TimeoutError):
                (await session.post(f"{base}/break/{vendor}/{fault}")).close()
            await asyncio.sleep(wall_s)
            with suppress(aiohttp.ClientError, TimeoutError):
                (await session.post(f"{base}/heal/{vendor}")).close()

    async def _postgres_paused(self, wall_s: float) -> None:
        first = psutil.Process(self.postgres)
        family = [first, *first.children(recursive=True)]
        try:
            for each in family:
                with suppress(psutil.Error):
                    each.suspend()
            await asyncio.sleep(wall_s)
        finally:
            for each in family:
                with suppress(psutil.Error):
                    each.resume()

    async def _look(self) -> None:
        while True:
            for name in self.wishes.engines:
                watched = self.processes[name]
                if watched.pid is not None:
                    with suppress(psutil.Error):
                        publishes = bool(self.heard) and self.heard[-1].who == name
                        self.samples.append(_sample(watched, watched.pid, publishes))
            await asyncio.sleep(LOOK_S)


def _sample(watched: Watched, pid: int, publishes: bool) -> Sample:
    process = psutil.Process(pid)
    sockets = len(process.net_connections(kind="all"))
    rss, files = process.memory_info().rss, process.num_fds()
    return Sample(watched.name, watched.starts, publishes, time.monotonic(), rss, files, sockets)


async def soak(wishes: Wishes) -> Outcome:
    """Play, trouble, stop, judge.

    Raises:
        RuntimeError: a server that is needed is not to be had, or nothing came up.
    """
    wishes.folder.mkdir(parents=True, exist_ok=True)
    context = private_server()
    server = await asyncio.to_thread(context.__enter__)
    try:
        if isinstance(server, NoServer):
            raise RuntimeError(server.problem)  # noqa: TRY004 - there is no server to be had
        await asyncio.to_thread(load_texts)
        roles = await make_roles(server.url, "argo")
        stage = Stage(
            origin=(shipped(TAPE).starts + OPENED).isoformat(),
            since=time.monotonic(),
            speed=wishes.speed,
            vendors=_free_port(),
            redis=f"unix://{wishes.folder / 'redis.sock'}",
            database=roles.app_url,
            owner=roles.owner_url,
            folder=str(wishes.folder),
        )
        play = _Play(wishes, stage, server.pid)
        async with _everything(play):
            await play.play()
        return await _judged(play)
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


@asynccontextmanager
async def _everything(play: _Play) -> AsyncIterator[None]:
    """Redis, the vendors and Argo until the block ends; Argo is stopped first."""
    stage, folder = play.stage, play.wishes.folder
    told = folder / "stage.json"
    stage.write(told)
    redis = Watched("redis", _redis(folder), lambda line: None)
    clock = ("--origin", stage.origin, "--since", repr(stage.since), "--speed", repr(stage.speed))
    where = ("--tape", TAPE, "--port", str(stage.vendors))
    vendors = Watched("vendors", python("soak.vendors", *where, *clock), lambda line: None)
    engines = [
        Watched(name, python("soak.argo", "--stage", str(told), "--name", name), play.told)
        for name in play.wishes.engines
    ]
    play.processes |= {each.name: each for each in (redis, vendors, *engines)}
    try:
        redis.begin()
        vendors.begin()
        await _up(vendors)
        for each in engines:
            each.begin()
            await _up(each)
        yield
    finally:
        for each in (*engines, vendors, redis):
            play.stopped_s[each.name] = await each.stop()


async def _up(watched: Watched) -> None:
    """Wait until it says something.

    Raises:
        RuntimeError: it does not within a minute, or ends instead.
    """
    until = time.monotonic() + START_S
    while not watched.answered.is_set():
        if watched.ends or time.monotonic() > until:
            raise RuntimeError(f"{watched.name} did not come up: {' '.join(watched.ends[:1])}")
        await asyncio.sleep(LOOK_S / 10)


def _redis(folder: Path) -> tuple[str, ...]:
    program = find_server()
    if program is None:
        raise RuntimeError("there is no Valkey or Redis server here")
    options = {
        "--port": "0",
        "--unixsocket": str(folder / "redis.sock"),
        "--unixsocketperm": "700",
        "--dir": str(folder),
        "--save": "",
        "--appendonly": "yes",
        "--maxmemory-policy": "noeviction",
    }
    return (str(program), *(word for option in options.items() for word in option))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as chosen:
        return int(chosen.getsockname()[1])


async def _judged(play: _Play) -> Outcome:
    wishes = play.wishes
    key = (await asyncio.to_thread(signer_of, play.stage.settings(wishes.engines[0]))).key
    found = await verify(play.stage.database, key, verify_ed25519)
    async with connected(address_of(play.stage.database), call_s=_CALL_S) as connection:
        rows = await connection.fetch(_ENTRIES)
    record = Record(tuple(bytes(row["data"]) for row in rows), found.problems)
    plan = wishes.plan()
    begun = play.heard[0].at_s if play.heard else 0.0
    ends = max((one.at_s for one in play.heard), default=0.0)
    beat = beat_of(play.heard, ends, play.outages)
    grown = growths(play.samples)
    told = [index for one in play.heard for index in one.signals]
    wrong = [
        *faults_of_record(record, told),
        *faults_of_beat(beat, wishes.least),
        *faults_of_growth(grown),
        *(f"{each.name} {end}" for each in play.processes.values() for end in each.ends),
        *(
            f"{name} took {seconds:.1f} s to stop"
            for name, seconds in play.stopped_s.items()
            if name in wishes.engines and seconds > _MOST_STOP_S
        ),
    ]
    if not play.heard:
        wrong.append("there was no cycle at all")
    return Outcome(
        beat=beat,
        cycles=len(play.heard),
        failed=play.failed,
        troubles=tuple((each, _cost(each, plan, begun, beat)) for each in plan),
        growth=grown,
        kinds=dict(record.kinds()),
        starts={each.name: each.starts for each in play.processes.values()},
        stopped_s=play.stopped_s,
        wrong=tuple(wrong),
    )


def _cost(one: Planned, plan: tuple[Planned, ...], begun: float, beat: Beat) -> int:
    """Beats missed from this trouble's begin to the next one's."""
    later = [each.at_s for each in plan if each.at_s > one.at_s]
    until = min(later, default=float("inf"))
    return sum(gap.beats for gap in beat.gaps if one.at_s < gap.at_s - begun <= until)
