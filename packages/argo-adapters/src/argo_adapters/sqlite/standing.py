"""Where a stored log stands, believed only after it has been hashed and signed once more."""

from pathlib import Path
from typing import Any

from sqlite_utils import Database

from argo_adapters.sqlite.connection import chunks
from argo_core.errors import LogUnusable
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.stored_head import StoredHead, read_head
from argo_core.ports import Signer

_RESTORE = "run a verification and restore it from a copy"
_NEWEST = (
    "SELECT size, peaks, sequences, last_decided_us, note FROM heads ORDER BY size DESC LIMIT 1"
)


def read_standing(db: Database, path: Path, signer: Signer) -> Standing:
    """Where the newest head says the log stands; the log's own signature vouches for its tree.

    Ed25519 gives one signature for one message, so signing again is as good as verifying.

    Raises:
        LogUnusable: the head contradicts itself, the entries end elsewhere, or the log bears
            another name or another key's signatures.
    """
    row = db.execute(_NEWEST).fetchone()
    if row is None:
        standing = Standing(signer.key.name)
    else:
        standing = read_head(_stored(path, *row), signer.key, signer.sign, str(path))
    size = standing.frontier.size
    for table in ("entries", "leaves"):
        (count,) = db.execute(f"SELECT coalesce(max(idx), -1) + 1 FROM {table}").fetchone()  # noqa: S608 - ours
        if count != size:
            problem = f"the newest checkpoint is of {size} entries, the {table} are {count}"
            raise LogUnusable(f"{path}: {problem}; {_RESTORE}")
    return standing


def check_tree(db: Database, path: Path, standing: Standing) -> None:
    """Hash the whole tree again, from its leaves up.

    Raises:
        LogUnusable: the leaves, the nodes above them and the newest head disagree.
    """
    frontier, above = Frontier(), dict[int, list[bytes]]()
    for rows in chunks(db.execute("SELECT hash FROM leaves ORDER BY idx")):
        hashes = [digest for (digest,) in rows]
        if set(map(type, hashes)) != {bytes} or set(map(len, hashes)) != {HASH_BYTES}:
            raise LogUnusable(f"{path}: a leaf is not a SHA-256; {_RESTORE}")
        frontier, grown = frontier.grow(hashes)
        for level, nodes in grown.items():
            above.setdefault(level, []).extend(nodes)
    if frontier != standing.frontier:
        problem = "the leaves have another root than the newest checkpoint"
        raise LogUnusable(f"{path}: {problem}; {_RESTORE}")
    computed = [
        (level, index, node) for level in sorted(above) for index, node in enumerate(above[level])
    ]
    if db.execute("SELECT level, idx, hash FROM nodes ORDER BY level, idx").fetchall() != computed:
        raise LogUnusable(f"{path}: the tiles' nodes are not those of the leaves; {_RESTORE}")


def check_entries(db: Database, path: Path, start: int, stop: int) -> None:
    """Hash stored entries again: a torn or flipped page shows up where it was last written.

    Raises:
        LogUnusable: an entry does not have the hash it was logged under.
    """
    stored = db.execute(
        "SELECT idx, data, hash FROM entries LEFT JOIN leaves USING (idx) "
        "WHERE idx >= ? AND idx < ?",
        [start, stop],
    )
    for index, data, recorded in stored:
        if type(data) is not bytes or leaf_hash(data) != recorded:
            problem = f"entry {index} is not what was logged"
            raise LogUnusable(f"{path}: {problem}; restore it from a copy")


def _stored(path: Path, *row: Any) -> StoredHead:
    # A flipped bit can also change the type that SQLite reads.
    if [*map(type, row)] != [int, bytes, str, int, bytes]:
        raise LogUnusable(f"{path}: its newest head cannot be read; {_RESTORE}")
    return StoredHead(*row)
