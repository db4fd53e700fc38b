"""What writes to a signal log: a batch at a time, each in one transaction, with its checkpoint."""

import asyncio
from collections.abc import Iterable, Sequence

from attrs import field, mutable

from argo_adapters.postgres.link import Connection, translated
from argo_adapters.postgres.read_model import index_rows, is_indexed, make_read_model
from argo_adapters.postgres.roles import check_app_role
from argo_adapters.postgres.schema import check_migrations, check_shape
from argo_adapters.postgres.session import WriterSession
from argo_adapters.postgres.standing import (
    check_durable,
    check_recent,
    check_tail,
    check_tree,
    read_standing,
)
from argo_core.errors import InvalidInput
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.intake import Inspected, Standing, Stored, follow, inspect
from argo_core.ledger.merkle import Rows
from argo_core.ledger.read_rows import ReadRows, read_rows
from argo_core.ledger.record import Batch
from argo_core.ledger.stored_head import StoredHead, store_head
from argo_core.ledger.tile import hashes_at
from argo_core.ports import Signer

_ENTRIES = "SELECT idx, data FROM record.entries WHERE idx = ANY ($1::bigint[])"
_RANGE = "SELECT data FROM record.entries WHERE idx >= $1 AND idx < $2 ORDER BY idx"
_CAPSULES = "SELECT sha256 FROM record.capsules WHERE sha256 = ANY ($1::bytea[])"
_SEALED = """
INSERT INTO record.sealed SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bytea[])
ON CONFLICT (commitment) DO NOTHING
"""
_HEAD = """
INSERT INTO record.heads
SELECT $1, $2, $3, $4, $5, $6 + coalesce(max(signals), 0), $7 FROM record.heads
"""
_IS_SIGNED = "SELECT true FROM record.heads WHERE size = $1"
_COSIGN = """
INSERT INTO record.cosignatures
SELECT $1, $2, (SELECT count(*) FROM record.cosignatures WHERE size = $1), $3, $4
ON CONFLICT (size, key) DO NOTHING
"""


@mutable
class Writer:
    """Where the log stands; None while a write may or may not have arrived."""

    session: WriterSession
    signer: Signer
    standing: Standing | None = field(default=None, init=False)
    _turn: asyncio.Lock = field(factory=asyncio.Lock, init=False)

    @property
    def label(self) -> str:
        """The database, as messages name it."""
        return self.session.address.label

    async def inspect(self, open_s: float) -> None:
        """Check that the database is ours and as it was made, and leave it.

        Raises:
            LogUnusable: it is not, or the server says that it is done before its disk is.
            LogUnavailable: the server is away.
        """
        with translated(self.label):
            connection = await self.session.start(open_s)
            try:
                await self._inspect(connection)
            finally:
                await self.session.leave()

    async def begin(self, open_s: float, *, after: int | None = None) -> None:
        """Take the lock, check that what the database says of itself is true, take the lease.

        With `after`, writers take turns, and it is taken only if the newest is still that one.

        Raises:
            LogFenced: another lease was taken after that one.
            LogUnusable: it is foreign, newer, changed, corrupt, of another key or name, or its
                parts contradict each other; it is as it was before.
            LogUnavailable: the server is away, or another process writes to the log.
        """
        with translated(self.label):
            connection = await self.session.start(open_s)
            await self._inspect(connection)
            await self.session.lock(connection)
            standing = await read_standing(connection, self.label, self.signer)
            await check_tree(connection, self.label, standing)
            await check_tail(connection, self.label, standing)
            await self.session.take_lease(connection, after)
            if not await is_indexed(connection):
                async with self.session.transaction():
                    await make_read_model(connection, self.label, standing.frontier.size)
        self.standing = standing

    async def _inspect(self, connection: Connection) -> None:
        await check_migrations(connection, self.label)
        await check_app_role(connection, self.label)
        await check_shape(connection, self.label)
        await check_durable(connection, self.label)

    async def current(self, call_s: float) -> Standing:
        """Where the log stands; read again if the last write may or may not have arrived."""
        async with self._turn:
            if self.standing is None:
                with translated(self.label):
                    async with asyncio.timeout(call_s), self.session.transaction() as connection:
                        self.standing = await self._known(connection)
            return self.standing

    async def append(self, batch: Batch, call_s: float) -> Standing:
        """Write the batch in one transaction and return where the log stands then."""
        inspected = await asyncio.to_thread(inspect, batch)
        async with self._turn:
            standing, self.standing = self.standing, None
            with translated(self.label):
                async with asyncio.timeout(call_s), self.session.transaction() as connection:
                    if standing is None or standing.frontier.size != self.session.size:
                        standing = await self._known(connection)
                    following = await self._write(connection, standing, inspected)
            # Only now is it known that all of it is there.
            self.standing = following
            return following

    async def cosign(self, size: int, lines: Sequence[Cosignature], call_s: float) -> None:
        """Keep cosignatures with the checkpoint of that size."""
        async with self._turn:
            with translated(self.label):
                async with asyncio.timeout(call_s), self.session.transaction() as connection:
                    if not await connection.fetchval(_IS_SIGNED, size):
                        problem = f"no checkpoint has {size}"
                        raise InvalidInput("size", problem, "name one that was signed")
                    for one in lines:
                        row = (size, str(one.key), one.time_s, str(one.line))
                        await connection.execute(_COSIGN, *row)

    async def rebuild(self, open_s: float) -> int:
        """Make the read model anew; how many signals there are."""
        async with self._turn:
            with translated(self.label):
                async with asyncio.timeout(open_s), self.session.transaction() as connection:
                    await connection.execute(f"SET LOCAL statement_timeout = {int(open_s * 1_000)}")
                    return await make_read_model(connection, self.label, self.session.size)

    async def _known(self, connection: Connection) -> Standing:
        return await read_standing(connection, self.label, self.signer)

    async def _write(
        self, connection: Connection, standing: Standing, inspected: Inspected
    ) -> Standing:
        batch = inspected.batch
        if await _is_stored(connection, standing, batch):
            return standing
        stored = await _stored(connection, inspected)
        following, rows = await asyncio.to_thread(follow, standing, inspected, stored)
        if not batch.entries:
            return following
        reading = read_rows(batch.first_index, inspected.entries, inspected.bodies)
        await _write_record(connection, inspected, rows, stored)
        await index_rows(connection, batch.first_index, reading)
        # What is signed is what can be read back, in what was there before as well.
        await check_recent(connection, self.label, batch.first_index, inspected.leaves)
        head = store_head(following, self.signer.key, self.signer.sign)
        await self._write_head(connection, head, reading)
        return following

    async def _write_head(self, connection: Connection, head: StoredHead, rows: ReadRows) -> None:
        await connection.execute(
            _HEAD,
            head.size,
            self.session.token,
            head.peaks,
            head.sequences,
            head.last_decided_us,
            len(rows.signals),
            head.note,
        )


async def _is_stored(connection: Connection, standing: Standing, batch: Batch) -> bool:
    """Whether just these entries are in the log already, at just this place."""
    first = batch.first_index
    if not batch.entries or not 0 <= first < standing.frontier.size:
        return False
    rows = await connection.fetch(_RANGE, first, first + len(batch.entries))
    return tuple(row[0] for row in rows) == batch.entries


async def _stored(connection: Connection, inspected: Inspected) -> Stored:
    """What is here of what a batch refers to, and of the capsules it brings."""
    asked = [*inspected.wanted_capsules, *inspected.batch.capsules]
    capsules = await connection.fetch(_CAPSULES, list(map(bytes.fromhex, asked))) if asked else ()
    wanted = list(inspected.wanted_commits)
    commits = await connection.fetch(_ENTRIES, wanted) if wanted else ()
    return Stored({row[0].hex() for row in capsules}, dict(map(tuple, commits)))


async def _write_record(
    connection: Connection, inspected: Inspected, rows: Rows, stored: Stored
) -> None:
    batch = inspected.batch
    first = batch.first_index
    await _copy(connection, "entries", enumerate(batch.entries, first))
    await _copy(connection, "leaves", enumerate(inspected.leaves, first))
    nodes = [
        (level, index, node)
        for level, hashes in rows.items()
        for index, node in enumerate(hashes, hashes_at(level, first))
    ]
    if nodes:
        await _copy(connection, "nodes", nodes)
    new = batch.capsules.keys() - stored.capsules
    if new:
        capsules = [(bytes.fromhex(digest), batch.capsules[digest]) for digest in sorted(new)]
        await _copy(connection, "capsules", capsules)
    if batch.sealed:
        columns = [
            (bytes.fromhex(digest), one.nonce, one.body) for digest, one in batch.sealed.items()
        ]
        await connection.execute(_SEALED, *map(list, zip(*columns, strict=True)))


async def _copy(connection: Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    """Add rows to a table of the record, by the quickest way there is."""
    await connection.copy_records_to_table(table, schema_name="record", records=rows)
