"""Full disks, lost connections, locks held by others: nothing is half written, nothing twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import pytest

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_adapters.postgres.schema import APPEND_LOCK, LOCK_SPACE
from argo_core.errors import LogConflict, LogUnavailable, LogUnusable
from argo_core.ledger.record import SignalQuery
from argo_core.market.instrument import Symbol
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

FIRST, SECOND = signal_batch(0, range(5)), signal_batch(5, range(5, 9))
HELD = f"({LOCK_SPACE}, {APPEND_LOCK})"
Tamper = Callable[..., Awaitable[None]]


class Cutter:
    """Stands before a server, and cuts the line when it hears a word: before it is said, or after.

    Once it has cut, it lets everything through.
    """

    def __init__(self, folder: Path, target: str) -> None:
        self.folder = folder
        self.word: bytes | None = None
        self.said = False
        self._target = target
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_unix_server(self._meet, self.folder / ".s.PGSQL.5432")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_unix_connection(self._target)
        pumps = [self._ask(reader, back, writer), self._answer(there, writer)]
        for pump in pumps:
            task = asyncio.create_task(pump)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _ask(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, home: asyncio.StreamWriter
    ) -> None:
        while data := await source.read(1 << 16):
            if self.word is not None and self.word in data:
                self.word = None
                home.transport.abort()
                if not self.said:
                    break
            sink.write(data)
        sink.close()

    async def _answer(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(1 << 16):
            sink.write(data)
        sink.close()


@pytest.fixture
async def cutter(roles: Roles) -> AsyncIterator[Cutter]:
    target = f"{roles.app_url.rpartition('host=')[2]}/.s.PGSQL.5432"
    with TemporaryDirectory(prefix="argo-") as folder:
        async with Cutter(Path(folder), target) as made:
            yield made


@pytest.mark.parametrize("said", [False, True])
@pytest.mark.parametrize("word", [b"COMMIT", b"BEGIN", b"COPY"])
async def test_a_connection_lost_on_the_way_is_settled_by_repeating(
    roles: Roles, cutter: Cutter, word: bytes, said: bool
) -> None:
    url = f"{roles.app_url.rpartition('host=')[0]}host={cutter.folder}"
    async with PostgresLog.open(url, FakeSigner(LOG), owner_url=roles.owner_url, call_s=20) as log:
        await log.append(FIRST)
        cutter.word, cutter.said = word, said
        with pytest.raises(LogUnavailable, match="then try again"):
            await log.append(SECOND)
        assert cutter.word is None
        # Whether it came to it is known again before anything else is said.
        assert (await log.head()).size == (9 if said and word == b"COMMIT" else 5)
        head = await log.append(SECOND)
        assert (head.size, head.next_seq) == (9, {"alpha": 9})
        assert len(await log.entries(0, 100)) == 9


@pytest.mark.parametrize("table", ["record.entries", "record.heads", "reading.signals"])
async def test_a_full_disk_takes_nothing_and_then_the_same_batch(
    log: PostgresLog, superuser_url: str, table: str
) -> None:
    head = await log.append(FIRST)
    async with connected(address_of(superuser_url), call_s=10) as superuser:
        await superuser.execute(
            "CREATE FUNCTION record.no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END$$"
        )
        await superuser.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION record.no_room()"
        )
        with pytest.raises(LogUnavailable, match="could not extend file; free some disk space"):
            await log.append(SECOND)
        assert await log.head() == head
        assert len(await log.entries(0, 100)) == 5
        await superuser.execute("DROP FUNCTION record.no_room() CASCADE")
    assert (await log.append(SECOND)).size == 9


async def test_a_call_that_takes_too_long_is_given_up_and_settled_by_repeating(
    roles: Roles,
) -> None:
    signer = FakeSigner(LOG)
    async with PostgresLog.open(
        roles.app_url, signer, owner_url=roles.owner_url, call_s=0.5
    ) as log:
        async with connected(address_of(roles.app_url), call_s=10) as other:
            await other.execute(f"SELECT pg_advisory_lock{HELD}")
            with pytest.raises(LogUnavailable, match="then try again"):
                await log.append(FIRST)
            await other.execute(f"SELECT pg_advisory_unlock{HELD}")
        for _ in range(20):
            try:
                assert (await log.append(FIRST)).size == 5
                break
            except LogUnavailable:
                continue
        assert (await log.head()).size == 5


async def test_readers_are_not_held_up_by_a_writer(log: PostgresLog, roles: Roles) -> None:
    await log.append(FIRST)
    async with connected(address_of(roles.app_url), call_s=10) as other:
        await other.execute(f"SELECT pg_advisory_lock{HELD}")
        assert len(await log.entries(0, 100)) == 5
        assert len(await log.latest()) == 3
        assert (await log.head()).size == 5


async def test_many_readers_share_a_few_sessions(log: PostgresLog) -> None:
    await log.append(FIRST)
    answers = await asyncio.gather(*(log.entries(0, 100) for _ in range(50)))
    assert {len(one) for one in answers} == {5}


async def test_a_cancelled_append_is_whole_or_absent(log: PostgresLog) -> None:
    await log.append(FIRST)
    for steps in range(12):
        task = asyncio.create_task(log.append(SECOND))
        for _ in range(steps * 3):
            await asyncio.wait([task], timeout=0)
        task.cancel()
        await asyncio.wait([task])
        assert (await log.head()).size in {5, 9}
    assert (await log.append(SECOND)).size == 9
    assert len(await log.entries(0, 100)) == 9


async def test_another_programs_write_is_a_conflict_and_then_the_end(
    log: PostgresLog, roles: Roles
) -> None:
    await log.append(FIRST)
    async with connected(address_of(roles.app_url), call_s=10) as app:
        await app.execute("INSERT INTO record.entries VALUES (5, 'x')")
    with pytest.raises(LogConflict, match="somebody else wrote to it"):
        await log.append(SECOND)
    with pytest.raises(LogUnusable, match="the entries are 6"):
        await log.append(SECOND)


async def test_what_was_changed_underneath_is_not_signed_over(
    log: PostgresLog, tamper: Tamper
) -> None:
    await log.append(FIRST)
    await tamper("UPDATE record.entries SET data = 'x' WHERE idx = 3")
    with pytest.raises(LogUnusable, match="an entry from 0 to 9 is not what was logged"):
        await log.append(SECOND)
    assert (await log.checkpoint()) is not None
    assert (await log.head()).size == 5


async def test_what_no_text_can_be_is_not_found(log: PostgresLog) -> None:
    await log.append(FIRST)
    assert await log.find(SignalQuery(symbol=Symbol("A\0"))) == ()
    assert await log.find(SignalQuery(direction="\0")) == ()
    assert await log.capsule("\0" * 64) is None
    assert await log.sealed("x") is None
    assert await log.entries(10**30, 10**31) == ()
    assert await log.hashes(0, 10**30, 10**31) == b""
    assert await log.outcome(10**30) is None
    assert len(await log.find(SignalQuery(before=10**30, published=10**30))) == 5
