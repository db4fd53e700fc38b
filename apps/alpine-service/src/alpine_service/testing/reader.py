"""A reader of a `SmallLog` for tests: everything real but the clock and chance."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from attrs import frozen

from alpine_service.adapters.log_http.client import LogHttp, open_log
from alpine_service.adapters.log_http.limits import LIMITS, Limits
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.policy import Policy
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.domain.signals.event import Event
from alpine_service.ports.feed import Quarantine
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.services.ingest import Ingest
from alpine_service.services.ingest_chunk import CHUNK_SIZE, ChunkSize
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.small_log import SmallLog

# For tests that wait for it to pass; on a busy machine it passes for honest answers, too.
HASTY = Limits(connect_s=1.0, chunk_s=0.3, total_s=0.6, silence_s=0.5)
_MOST_EVENTS = 100_000


@frozen
class Reader:
    """Reads a log into a database, step by step."""

    ingest: Ingest
    feed: LogHttp
    store: PostgresFeed
    quarantine: PostgresQuarantine
    standing: IngestStanding
    clock: FakeClock
    observer: FakeObserver
    _events: EventStore

    async def catch_up(self) -> float:
        """Look until there is nothing more to take in; the wait that is left."""
        while True:
            wait = await self.ingest.look()
            if wait:
                return wait

    async def events(self) -> list[Event]:
        return await self._events.after(0, _MOST_EVENTS)

    async def refused(self) -> list[Quarantine]:
        """What is in quarantine and open, the newest first."""
        return await self.quarantine.listed(resolved=False, limit=1000)


@asynccontextmanager
async def open_reader(
    log: SmallLog,
    database: Database,
    *,
    witnesses: Sequence[VerifierKey] = (),
    api_key: str | None = "key",
    limits: Limits = LIMITS,
    key: VerifierKey | None = None,
    chunk_size: ChunkSize = CHUNK_SIZE,
    tracer: Tracer = UNTRACED,
) -> AsyncIterator[Reader]:
    """A reader of what is served at the log's address, by its key or another one."""
    policy = Policy(key or log.key, tuple(witnesses))
    clock, observer = FakeClock(), FakeObserver()
    store, quarantine = PostgresFeed(database), PostgresQuarantine(database)
    async with open_log(log.url, api_key, limits) as feed:
        ingest = Ingest(
            feed,
            store,
            quarantine,
            policy,
            verify_ed25519,
            clock=clock,
            chance=FakeChance(),
            observer=observer,
            chunk_size=chunk_size,
            tracer=tracer,
        )
        standing = IngestStanding(quarantine, clock, observer, policy.log.name)
        events = EventStore(database)
        yield Reader(ingest, feed, store, quarantine, standing, clock, observer, events)
