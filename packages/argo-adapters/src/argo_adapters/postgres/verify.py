"""Checking a whole signal log in its database, trusting nothing that the database says of itself.

The entries are checked as anybody's are who fetches a log; beside them lies what only its keeper
has: heads, capsules, sealed bodies, leases, the read model. All is read as it stood at one moment.
"""

import asyncio
from collections.abc import AsyncIterator

from attrs import frozen

from argo_adapters.postgres.audit import Audit
from argo_adapters.postgres.link import Connection, address_of, connected, translated
from argo_adapters.postgres.schema import check_migrations, check_shape, load_texts
from argo_core.errors import LogUnusable
from argo_core.ledger.note import Verify
from argo_core.ledger.verifier_key import VerifierKey

CHUNK = 2_000
WHOLE_S = 3_600.0

_ENTRIES = "SELECT idx, data FROM record.entries ORDER BY idx"


@frozen
class Verification:
    """What was found: `root` is recomputed, in hexadecimal, over `size` entries.

    `problems` has at most twenty sentences and a count of the others, and none when all is well.
    All is well means that the database agrees with itself and the log's key has signed it; only an
    earlier checkpoint kept elsewhere shows that its history is the same.
    """

    size: int
    root: str
    problems: tuple[str, ...]

    @property
    def verified(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


async def verify(
    url: str, key: VerifierKey, check: Verify, *, whole_s: float = WHOLE_S
) -> Verification:
    """Read every row of the log in that database and check it, as the app's role.

    Raises:
        InvalidInput: the URL is malformed.
        LogUnavailable: the server is away, or needs longer than `whole_s` seconds.
        LogUnusable: there is no log, or one of a newer version.
    """
    address = address_of(url)
    await asyncio.to_thread(load_texts)
    with translated(address.label):
        async with (
            asyncio.timeout(whole_s),
            connected(address, call_s=whole_s) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            await check_migrations(connection, address.label)
            audit = Audit(connection, key, check)
            try:
                await check_shape(connection, address.label)
            except LogUnusable as error:
                audit.note(str(error))
            async for rows in _chunks(connection, _ENTRIES):
                await audit.take(rows)
            await audit.finish()
    frontier = audit.auditor.frontier
    return Verification(frontier.size, frontier.root().hex(), audit.problems())


async def _chunks(connection: Connection, query: str) -> AsyncIterator[list[tuple[int, bytes]]]:
    cursor = await connection.cursor(query)
    while rows := await cursor.fetch(CHUNK):
        yield [tuple(row) for row in rows]
