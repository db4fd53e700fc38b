"""Where a stored log stands, believed only after it has been hashed and signed once more."""

import asyncio

from argo_adapters.postgres.link import Connection
from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.stored_head import StoredHead, read_head
from argo_core.ledger.tile import split_hashes
from argo_core.ports import Signer

TAIL = 1_000
"""So many of the newest entries are hashed again when a log is opened."""
RECENT = 64
"""So many are hashed again before a checkpoint that covers them is signed."""
CHUNK = 50_000
_RESTORE = "run a verification and restore it from a copy"

_HEAD = """
SELECT size, peaks, sequences, last_decided_us, note
FROM record.heads ORDER BY size DESC LIMIT 1
"""
_COUNTS = """
SELECT (SELECT coalesce(max(idx), -1) + 1 FROM record.entries) AS entries,
    (SELECT coalesce(max(idx), -1) + 1 FROM record.leaves) AS leaves
"""
_LEAVES = """
SELECT coalesce(string_agg(hash, ''::bytea ORDER BY idx), ''::bytea)
FROM record.leaves WHERE idx >= $1 AND idx < $2
"""
_NODES = """
SELECT level, string_agg(hash, ''::bytea ORDER BY idx), max(idx) + 1
FROM record.nodes GROUP BY level
"""
_HASHED = """
SELECT coalesce(string_agg(sha256('\\x00'::bytea || data), ''::bytea ORDER BY idx), ''::bytea)
FROM record.entries WHERE idx >= $1 AND idx < $2
"""
_TAIL = """
SELECT idx, data, hash FROM record.entries LEFT JOIN record.leaves USING (idx)
WHERE idx >= $1 ORDER BY idx
"""
_DURABLE = {
    "fsync": ("on",),
    "full_page_writes": ("on",),
    "synchronous_commit": ("on", "remote_apply"),
}


async def check_durable(connection: Connection, label: str) -> None:
    """Refuse a server that says it is done before its disk is.

    Raises:
        LogUnusable: a setting of the server says so, and which.
    """
    for name, safe in _DURABLE.items():
        value = await connection.fetchval("SELECT current_setting($1)", name)
        if value not in safe:
            problem = f"the server has {name} = {value}, so that a crash could lose what is there"
            raise LogUnusable(f"{label}: {problem}; set it to {safe[0]}")


async def read_standing(connection: Connection, label: str, signer: Signer) -> Standing:
    """Where the newest head says the log stands.

    Raises:
        LogUnusable: the head contradicts itself, the entries end elsewhere, or the log bears
            another name or another key's signature.
    """
    row = await connection.fetchrow(_HEAD)
    standing = Standing(signer.key.name)
    if row is not None:
        standing = read_head(StoredHead(*row), signer.key, signer.sign, label)
    counts = await connection.fetchrow(_COUNTS)
    size = standing.frontier.size
    for table, count in counts.items():
        if count != size:
            problem = f"the newest checkpoint is of {size} entries, the {table} are {count}"
            raise LogUnusable(f"{label}: {problem}; {_RESTORE}")
    return standing


async def check_tree(connection: Connection, label: str, standing: Standing) -> None:
    """Hash the whole tree again, from its leaves up.

    Raises:
        LogUnusable: the leaves, the nodes above them and the newest head disagree.
    """
    frontier, above = Frontier(), dict[int, list[bytes]]()
    for start in range(0, standing.frontier.size, CHUNK):
        stop = min(start + CHUNK, standing.frontier.size)
        leaves = await connection.fetchval(_LEAVES, start, stop)
        if len(leaves) != (stop - start) * HASH_BYTES:
            problem = f"a leaf from {start} to {stop} is missing, or is no SHA-256"
            raise LogUnusable(f"{label}: {problem}; {_RESTORE}")
        grown = await asyncio.to_thread(frontier.grow, split_hashes(leaves, stop - start))
        frontier, rows = grown
        for level, hashes in rows.items():
            above.setdefault(level, []).extend(hashes)
    if frontier != standing.frontier:
        problem = "the leaves have another root than the newest checkpoint"
        raise LogUnusable(f"{label}: {problem}; {_RESTORE}")
    stored = {level: (nodes, count) for level, nodes, count in await connection.fetch(_NODES)}
    computed = {level: (b"".join(hashes), len(hashes)) for level, hashes in above.items()}
    if stored != computed:
        raise LogUnusable(f"{label}: the tiles' nodes are not those of the leaves; {_RESTORE}")


async def check_tail(connection: Connection, label: str, standing: Standing) -> None:
    """Hash the newest entries again: a torn or flipped page shows up where it was last written.

    Raises:
        LogUnusable: an entry does not have the hash it was logged under, or the newest head has
            other sequence numbers than they.
    """
    rows = await connection.fetch(_TAIL, standing.frontier.size - TAIL)
    next_seq = await asyncio.to_thread(_next_seq, [tuple(row) for row in rows], label)
    if not next_seq.items() <= dict(standing.next_seq).items():
        problem = "the newest head has other sequence numbers than the entries"
        raise LogUnusable(f"{label}: {problem}; {_RESTORE}")


async def check_recent(
    connection: Connection, label: str, first: int, leaves: tuple[bytes, ...]
) -> None:
    """Hash again what is stored, before a checkpoint over it is signed.

    Raises:
        LogUnusable: what can be read back are not these leaves, or not those before them.
    """
    start, stop = max(0, first - RECENT), first + len(leaves)
    hashed = await connection.fetchval(_HASHED, start, stop)
    before = await connection.fetchval(_LEAVES, start, first)
    if hashed != before + b"".join(leaves):
        problem = f"an entry from {start} to {stop} is not what was logged"
        raise LogUnusable(f"{label}: {problem}; {_RESTORE}")


def _next_seq(rows: list[tuple[int, bytes, bytes | None]], label: str) -> dict[str, int]:
    """The sequences as the entries leave them."""
    next_seq: dict[str, int] = {}
    for index, data, recorded in rows:
        try:
            entry = decode_entry(data)
        except InvalidInput as error:
            raise LogUnusable(f"{label}: entry {index}: {error}; {_RESTORE}") from error
        if leaf_hash(data) != recorded:
            raise LogUnusable(f"{label}: entry {index} is not what was logged; {_RESTORE}")
        next_seq[entry.strategy] = entry.seq + 1
    return next_seq
