"""The signal log on PostgreSQL: the ports `SignalLog` and `SignalIndex`.

One session writes, and a few read beside it. A batch is acknowledged once its transaction is on
the server's disk. A call that takes too long, or loses its connection, raises `LogUnavailable`, and
may have been carried out all the same: offering the same batch again is safe, and settles what
happened.

A log that is opened to be read may be opened for writing and closed for it again, beside other
processes that do the same. The session that writes holds a lock for as long as it lives, so it
needs a connection of its own: a pooler that shares connections between transactions cannot stand in
between.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from argo_adapters.postgres import search
from argo_adapters.postgres.link import (
    CONNECT_S,
    Address,
    Connection,
    address_of,
    connected,
    session_settings,
    translated,
)
from argo_adapters.postgres.schema import load_texts, migrate
from argo_adapters.postgres.session import WriterSession, farewell
from argo_adapters.postgres.standing import read_standing
from argo_adapters.postgres.writer import Writer
from argo_core.errors import LogFenced, LogUnavailable
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.note import Note
from argo_core.ledger.record import (
    Batch,
    LoggedEntry,
    LoggedSignal,
    LogHead,
    Sealed,
    SignalQuery,
)
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.ports import Signer

T = TypeVar("T")

CALL_S = 5.0
OPEN_S = 60.0
READERS = 4


class PostgresLog:
    """Open with `async with PostgresLog.open(url, signer) as log`."""

    def __init__(self, address: Address, signer: Signer, call_s: float, open_s: float) -> None:
        self._address = address
        self._call_s = call_s
        self._open_s = open_s
        self._signer = signer
        self._writer: Writer | None = None
        self._readers: Any = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        signer: Signer,
        *,
        writing: bool = True,
        call_s: float = CALL_S,
        open_s: float = OPEN_S,
        owner_url: str | None = None,
    ) -> AsyncIterator["PostgresLog"]:
        """The log in that database, checked, as the app's role; both URLs are secrets.

        With the owner's URL the tables are made or brought up to date first, and the app's role is
        given what it needs and no more. Without `writing` other processes may have it open as well,
        and one of them may write; who that is, `begin_writing` and the newest lease decide.

        Raises:
            InvalidInput: a URL is malformed.
            LogUnavailable: the server is away, or another process writes to the log.
            LogUnusable: it lets us in with too few rights or too many, the database belongs to
                another program, another key or a newer version, or it was changed or is corrupt.
        """
        log = cls(address_of(url), signer, call_s, open_s)
        try:
            try:
                async with asyncio.timeout(open_s):
                    await asyncio.to_thread(load_texts)
                    if owner_url is not None:
                        await log._migrate(address_of(owner_url))
                    if writing:
                        await log._begin(None)
                    else:
                        await log._new_writer().inspect(open_s)
                    await log._open_readers()
            except TimeoutError as error:
                problem = f"not open within {open_s:g} s; check the server, then try again"
                raise LogUnavailable(f"{log._address.label}: {problem}") from error
            yield log
        finally:
            await log._close()

    @property
    def key(self) -> VerifierKey:
        """The key its checkpoints are signed with."""
        return self._signer.key

    @property
    def fence(self) -> int | None:
        """The number of the lease by which this process writes; None while it only reads."""
        return None if self._writer is None else self._writer.session.token

    async def newest_fence(self) -> int:
        """The number of the newest lease of all; 0 before the first."""
        return await self._read(search.read_fence)

    async def begin_writing(self, after: int) -> int:
        """Check the log and take the next lease, if the newest is still `after`; its number.

        Raises:
            LogFenced: another process has taken one since.
            LogError: as for opening.
        """
        await self.end_writing()
        try:
            async with asyncio.timeout(self._open_s):
                return (await self._begin(after)).session.token
        except TimeoutError as error:
            problem = f"not open within {self._open_s:g} s; check the server, then try again"
            raise LogUnavailable(f"{self._label}: {problem}") from error

    async def end_writing(self) -> None:
        """Only read from now on."""
        writer, self._writer = self._writer, None
        if writer is not None:
            await writer.session.leave()

    async def head(self) -> LogHead:
        if self._writer is not None:
            return (await self._writer.current(self._call_s)).head()

        async def standing(db: Connection) -> LogHead:
            async with db.transaction(isolation="repeatable_read", readonly=True):
                return (await read_standing(db, self._label, self._signer)).head()

        return await self._read(standing)

    async def append(self, batch: Batch) -> LogHead:
        return (await self._writing().append(batch, self._call_s)).head()

    async def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        await self._writing().cosign(size, lines, self._call_s)

    async def rebuild_read_model(self) -> int:
        """Make what can be searched anew from the record; how many signals there are.

        Raises:
            LogUnusable: an entry or a sealed body cannot be read.
        """
        return await self._writing().rebuild(self._open_s)

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        return await self._read(lambda db: search.read_entries(db, start, stop))

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        return await self._read(lambda db: search.read_hashes(db, level, start, stop))

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        return await self._read(lambda db: search.read_checkpoint(db, cosigned=cosigned))

    async def witnessed_at(self, index: int) -> int | None:
        return await self._read(lambda db: search.witnessed_at(db, index))

    async def capsule(self, sha256: str) -> bytes | None:
        return await self._read(lambda db: search.read_capsule(db, sha256))

    async def sealed(self, commitment: str) -> Sealed | None:
        return await self._read(lambda db: search.read_sealed(db, commitment))

    async def find(self, query: SignalQuery) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.find_signals(db, query, self._label))

    async def latest(
        self, *, sealed: bool = False, published: int | None = None
    ) -> tuple[LoggedSignal, ...]:
        return await self._read(
            lambda db: search.latest_signals(db, self._label, sealed=sealed, published=published)
        )

    async def unresolved(self) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.unresolved_signals(db, self._label))

    async def unrevealed(self) -> tuple[LoggedSignal, ...]:
        return await self._read(lambda db: search.unrevealed_signals(db, self._label))

    async def outcome(self, index: int) -> LoggedEntry | None:
        return await self._read(lambda db: search.find_outcome(db, index))

    @property
    def _label(self) -> str:
        return self._address.label

    def _writing(self) -> Writer:
        if self._writer is None:
            problem = "it is open for reading only"
            raise LogFenced(f"{self._label}: {problem}; leave writing to who holds the lease")
        return self._writer

    def _new_writer(self, *, takes_turns: bool = True) -> Writer:
        holder = f"{socket.gethostname()} {os.getpid()}"
        session = WriterSession(self._address, self._call_s, holder, takes_turns=takes_turns)
        return Writer(session, self._signer)

    async def _begin(self, after: int | None) -> Writer:
        writer = self._new_writer(takes_turns=after is not None)
        try:
            await writer.begin(self._open_s, after=after)
        except BaseException:
            await writer.session.leave()
            raise
        self._writer = writer
        return writer

    async def _migrate(self, owner: Address) -> None:
        with translated(self._label):
            async with connected(self._address, call_s=self._open_s) as app:
                role = await app.fetchval("SELECT current_user")
        with translated(owner.label):
            async with connected(owner, call_s=self._open_s) as connection:
                await migrate(connection, role, owner.label)

    async def _open_readers(self) -> None:
        settings = {**session_settings(self._call_s), "default_transaction_read_only": "on"}
        with translated(self._label):
            self._readers = await asyncpg.create_pool(
                self._address.url,
                min_size=1,
                max_size=READERS,
                timeout=CONNECT_S,
                command_timeout=self._call_s,
                server_settings=settings,
                # Readers change nothing about their sessions, so there is nothing to undo.
                reset=_leave,
            )

    async def _read(self, ask: Callable[[Connection], Awaitable[T]]) -> T:
        with translated(self._label):
            async with asyncio.timeout(self._call_s), self._readers.acquire() as connection:
                return await ask(connection)

    async def _close(self) -> None:
        if self._readers is not None:
            await farewell(self._readers)
        await self.end_writing()


async def _leave(_: Connection) -> None:
    pass
