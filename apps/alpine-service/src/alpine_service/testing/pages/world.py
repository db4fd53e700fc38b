"""A whole service on loopback with a publisher beside it, in this process, at a time of its own.

It shares the event loop of whoever opens it, as the browser's driver does: what it is told to do
can be done by calling it, and its clock can be set.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

from aiohttp import web
from attrs import define, evolve, field, frozen

from alpine_service.domain.feed.entry import Entry
from alpine_service.ports.outside import Chance
from alpine_service.settings import LogSettings, MailSettings, Settings
from alpine_service.testing.pages.heard import Heard
from alpine_service.testing.pages.invented_prices import INSTRUMENTS, Instrument
from alpine_service.testing.pages.invented_signals import Idea, body
from alpine_service.testing.pages.reading import Guest
from alpine_service.testing.pages.stage_clock import StageClock
from alpine_service.testing.pages.story import ALPHA, GAMMA, Kind, Line
from alpine_service.testing.pages.told import Teller
from alpine_service.testing.postgres import Copy
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.small_record import SmallRecord
from alpine_service.testing.whole.service import LOG_KEY, free_port
from alpine_service.wiring.running import running

HOUR = timedelta(hours=1)
_FOLDER = "alpine"
_POLL_S = 0.2
_GRACE_S = 0.1


@frozen
class Person:
    """Somebody with an account, and with a session that is open.

    `key` is an API key's text, where they have one; `totp` is the secret of a second factor.
    """

    id: str
    email: str
    guest: Guest
    key: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Past:
    """All that was published before, with what the service keeps of it.

    `folder` has the service's keys. Whoever begins there takes copies and leaves it as it is.
    """

    record: SmallRecord = field(repr=False)
    indices: Mapping[str, int] = field(repr=False)
    checkpoint: bytes = field(repr=False)
    folder: Path
    people: Mapping[str, Person]


@define(eq=False)
class World:
    """Alpine at `url`, its clock, its publisher, and people with accounts."""

    settings: Settings
    app: web.Application
    clock: StageClock
    log: SmallLog
    teller: Teller
    heard: Heard
    people: dict[str, Person]

    @property
    def url(self) -> str:
        return self.settings.public_url

    def guest(self, name: str) -> Guest:
        """The session of `free`, `basic`, `pro`, `support` or `admin`."""
        return self.people[name].guest

    def index(self, signal_id: str) -> int:
        """The entry of a signal, or of its commit."""
        return self.teller.indices[signal_id]

    async def tell(self, *lines: Line) -> list[Entry]:
        """Publish these, and return once they are verified and can be seen."""
        entries = [self.teller.tell(line) for line in lines]
        await self.log.publish()
        size = self.log.size
        await self.heard.until(
            lambda: any(
                each.what == "ingest.accepted" and each.facts["size"] == size
                for each in reversed(self.heard.told)
            ),
            f"{size} entries are accepted",
        )
        return entries

    async def publish(
        self,
        signal_id: str,
        symbol: str = "NVDA",
        confidence_bp: int = 7_820,
        strategy: str = ALPHA,
    ) -> Entry:
        """A new signal, decided now: open, or committed where the strategy is the delayed one.

        A confidence below zero makes it a SELL, and one below 60 % of either sign a HOLD.
        """
        line = self.line(signal_id, symbol, confidence_bp, strategy)
        return (await self.tell(line))[0]

    def line(
        self,
        signal_id: str,
        symbol: str = "NVDA",
        confidence_bp: int = 7_820,
        strategy: str = ALPHA,
    ) -> Line:
        """The same without publishing it, to `tell` many in one go."""
        known = {each.symbol: each for each in INSTRUMENTS}
        instrument = known.get(symbol) or Instrument(symbol, 100.0, 0.02)
        is_sure = abs(confidence_bp) >= _SURE_BP
        direction = ("BUY" if confidence_bp > 0 else "SELL") if is_sure else "HOLD"
        at = self.clock.now()
        idea = Idea(signal_id, instrument, direction, confidence_bp, at, 4 * HOUR)
        kind = Kind.COMMIT if strategy == GAMMA else Kind.ADD
        return Line(at, kind, strategy, body(idea), idea)

    async def reveal(self, committed: Line) -> Entry:
        """Reveal what was committed before."""
        line = evolve(committed, kind=Kind.REVEAL, at=self.clock.now(), is_withheld=False)
        return (await self.tell(line))[0]

    async def end(self, line: Line) -> Entry:
        """Publish what became of a signal."""
        return (await self.tell(evolve(line, kind=Kind.OUTCOME, at=self.clock.now())))[0]


_SURE_BP = 6_000


@asynccontextmanager
async def new_world(
    copy: Copy, folder: Path, at: datetime, chance: Chance | None = None
) -> AsyncIterator[World]:
    """A world before anything happened, whose clock stands still then."""
    await asyncio.to_thread(folder.mkdir, parents=True)
    async with _world(copy, folder, StageClock(at), chance) as world:
        yield world


@asynccontextmanager
async def world_after(past: Past, copy: Copy, folder: Path, at: datetime) -> AsyncIterator[World]:
    """A world in which all that has happened, whose clock stands still then.

    `copy` is one of the past's database.
    """
    await asyncio.to_thread(shutil.copytree, past.folder, folder / _FOLDER)
    async with _world(copy, folder, StageClock(at), None, past) as world:
        yield world


@asynccontextmanager
async def _world(
    copy: Copy,
    folder: Path,
    clock: StageClock,
    chance: Chance | None,
    past: Past | None = None,
) -> AsyncIterator[World]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        log = await stack.enter_async_context(_log(url, past))
        settings = Settings(
            port=port,
            public_url=url,
            folder=folder / _FOLDER,
            database_url=copy.urls.app,
            owner_url=copy.urls.owner,
            log=LogSettings(log.url, str(log.key), LOG_KEY, _POLL_S),
            mail=MailSettings(f"file:{folder / 'mail'}"),
            private_webhooks=True,
        )
        heard = Heard()
        alpine = await stack.enter_async_context(running(settings, heard, clock, chance))
        runner = web.AppRunner(alpine.app, shutdown_timeout=_GRACE_S, access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, settings.host, port).start()
        # Streams have no end of their own.
        stack.callback(alpine.stream.close)
        teller = Teller(log.record, {} if past is None else dict(past.indices))
        people = {} if past is None else dict(past.people)
        yield World(settings, alpine.app, clock, log, teller, heard, people)


@asynccontextmanager
async def _log(witness_url: str, past: Past | None) -> AsyncIterator[SmallLog]:
    keys = {LOG_KEY: frozenset({"read", "realtime"})}
    async with SmallLog(api_keys=keys, witness_urls=[witness_url]) as log:
        if past is not None:
            log.record = deepcopy(past.record)
            log.show(log.record.size, past.checkpoint)
        yield log


def past_of(world: World) -> Past:
    """What a world leaves behind; its database is to be kept beside it."""
    return Past(
        world.log.record,
        world.teller.indices,
        world.log.checkpoint,
        world.settings.folder,
        world.people,
    )
