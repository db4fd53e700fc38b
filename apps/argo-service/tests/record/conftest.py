"""The API around a log in memory, with a publication that publishes when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from attrs import define, field, frozen

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_core.codec.disclosure import commit_entry, reveal_entry, seal
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR
from argo_core.consensus.profile import Profile
from argo_core.engine.engine import Engine
from argo_core.engine.outside import Outside, Registration
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import check_cosignature, cosign
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.market.instrument import instrument
from argo_core.market.moment import from_micros
from argo_core.testing.entries import LOG, signal_batch, tiny_capsule, tiny_signal
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.fake_source import FakeSource
from argo_service.api.app import Served, build_app
from argo_service.api.keyring import Keyring
from argo_service.api_keys import ApiKeyFile, Scope
from argo_service.config.tree import Api
from argo_service.tally import Tally

CALENDAR = load_session_table()
REVEAL_KEY = b"k" * 32
SECOND = 1_000_000
DECIDED_US = 1_700_000_000_000_000


@frozen
class Shown:
    """A published checkpoint."""

    size: int
    note: Note
    pending: bool


@define
class Press:
    """Publishes what it is told to."""

    log: FakeLog
    published: Shown | None = None
    changed: asyncio.Event = field(factory=asyncio.Event)

    def lags_s(self) -> dict[str, float]:
        return {}

    async def beyond(self, size: int) -> Shown:
        while self.published is None or self.published.size <= size:
            await self.changed.wait()
        return self.published

    async def publish(self, *, cosigned_at: int | None = None, pending: bool = False) -> None:
        """Make all that the log has public, cosigned by one witness or by nobody."""
        size = (await self.log.head()).size
        note = await self.log.checkpoint()
        assert note is not None
        if cosigned_at is not None:
            witness = FakeSigner("witness.example", COSIGNATURE)
            line = cosign(note.text, cosigned_at, witness.key, witness.sign)
            good = check_cosignature(note.text, line, witness.key, fake_verify)
            assert good is not None
            await self.log.cosign(size, [good])
            note = note.with_lines(line)
        self.published = Shown(size, note, pending)
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()


@define
class Desk:
    """A log in memory and the API around it."""

    clock: FakeClock
    engine: Engine
    log: FakeLog
    press: Press
    app: web.Application
    client: "TestClient[web.Request, web.Application]"
    keys: ApiKeyFile
    keyring: Keyring

    async def write(self, count: int) -> None:
        """Append so many open signals in one batch."""
        head = await self.log.head()
        begin = head.next_seq.get("alpha", 0)
        await self.log.append(signal_batch(head.size, range(begin, begin + count)))

    async def commit(self, *seqs: int, symbol: str = "AAPL") -> None:
        """Append commitments to the signals of these numbers of the delayed strategy."""
        head = await self.log.head()
        sealed = [
            seal(self.body(seq, symbol), REVEAL_KEY, log=LOG, strategy="delayed", seq=seq)
            for seq in seqs
        ]
        entries = [
            commit_entry(
                one,
                log=LOG,
                strategy="delayed",
                seq=seq,
                decided_at=from_micros(DECIDED_US),
                reveal_after=from_micros(DECIDED_US + 60 * SECOND),
            )
            for seq, one in zip(seqs, sealed, strict=True)
        ]
        capsules = {sha256_hex(tiny_capsule(seq)): tiny_capsule(seq) for seq in seqs}
        bodies = {one.commitment: one for one in sealed}
        await self.log.append(Batch(head.size, tuple(entries), capsules, bodies))

    async def reveal(self, seq: int, *, index: int, at: int, symbol: str = "AAPL") -> None:
        """Append the reveal, numbered `at`, of the commitment at `index`."""
        head = await self.log.head()
        sealed = seal(self.body(seq, symbol), REVEAL_KEY, log=LOG, strategy="delayed", seq=seq)
        entry = reveal_entry(
            sealed,
            index=index,
            log=LOG,
            strategy="delayed",
            seq=at,
            decided_at=from_micros(DECIDED_US + 60 * SECOND),
        )
        await self.log.append(Batch(head.size, (entry,)))

    def body(self, seq: int, symbol: str = "AAPL") -> bytes:
        return tiny_signal(seq, strategy="delayed", symbol=symbol, decided_us=DECIDED_US)

    async def key(self, *scopes: Scope) -> dict[str, str]:
        """The header of a new key with these scopes; from then on the door is shut."""
        now = self.clock.now()
        _, text = await asyncio.to_thread(self.keys.add, "one", frozenset(scopes), now, None)
        await self.keyring.refresh()
        return {"Authorization": f"Bearer {text}"}

    async def every_entry(self) -> list[bytes]:
        size, found = (await self.log.head()).size, list[bytes]()
        while len(found) < size:
            found += [one.data for one in await self.log.entries(len(found), size)]
        return found


def desk_of(
    symbols: Iterable[str], folder: Path, *, reveal_after_s: int = 0
) -> tuple[web.Application, Desk]:
    clock = FakeClock(from_micros(DECIDED_US))
    log = FakeLog()
    sources = [FakeSource(name) for name in (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)]
    engine = Engine(
        Profile(),
        tuple(map(instrument, symbols)),
        Outside(
            sources=sources,
            quotes=(FakeQuotes(clock),),
            calendar=CALENDAR,
            log=log,
            index=log,
            clock=clock,
            observer=FakeObserver(),
        ),
        Registration(
            LOG,
            "alpha",
            "0" * 64,
            "1" * 64,
            reveal_after_s=reveal_after_s,
            reveal_key=REVEAL_KEY if reveal_after_s else None,
        ),
    )
    press = Press(log)
    keys = ApiKeyFile(folder / "keys")
    keyring = Keyring(keys, clock)
    tally, metrics = Tally(clock), PrometheusMetrics()
    served = Served(engine, log, log, clock, metrics, tally, (), publication=press)
    app = build_app(served, keyring, Api())
    client = TestClient(TestServer(app))
    return app, Desk(clock, engine, log, press, app, client, keys, keyring)


OpenDesk = Callable[[Path], AbstractAsyncContextManager[Desk]]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    _, desk = desk_of(("AAPL", "BRK.B", "BTC/USD"), tmp_path)
    async with desk.client:
        yield desk


@pytest.fixture
async def delayed_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose engine shows its signals an hour late."""
    _, desk = desk_of(("AAPL", "BTC/USD"), tmp_path, reveal_after_s=3_600)
    async with desk.client:
        yield desk


@pytest.fixture
def open_desk() -> OpenDesk:
    """Opens a desk in a folder, for properties that need a new one for each example."""

    @asynccontextmanager
    async def opened(folder: Path) -> AsyncIterator[Desk]:
        _, desk = desk_of(("AAPL",), folder)
        async with desk.client:
            yield desk

    return opened


@pytest.fixture
def desk_free_entry() -> bytes:
    """One entry, of no log in particular."""
    return tiny_signal(0)


@pytest.fixture
def some_note() -> Note:
    """A checkpoint of an empty log."""
    signer = FakeSigner(LOG)
    return sign_checkpoint(Checkpoint(LOG, 0, EMPTY_ROOT), signer.key, signer.sign)
