"""Where a stored log stands, believed only after it has been hashed and signed once more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from argo_adapters.sqlite.connection import as_stored, chunks
from argo_core.errors import LogUnusable
from argo_core.ledger.checkpoint import parse_checkpoint, sign_checkpoint
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import HASH_BYTES, Frontier, leaf_hash
from argo_core.ledger.note import Note, parse_note
from argo_core.ledger.tile import split_hashes
from argo_core.ports import Signer

_RESTORE = "run a verification and restore it from a copy"


def read_standing(db: Database, path: Path, signer: Signer) -> Standing:
    """Where the newest head says the log stands; the log's own signature vouches for its tree.

    Ed25519 gives one signature for one message, so signing again is as good as verifying.

    Raises:
        LogUnusable: the head contradicts itself, the entries end elsewhere, or the log bears
            another name or another key's signatures.
    """
    row = next(db.query("SELECT * FROM heads ORDER BY size DESC LIMIT 1"), None)
    standing = Standing(signer.key.name)
    if row is not None:
        standing = _standing(path, signer.key.name, row)
        wanted = sign_checkpoint(standing.checkpoint(), signer.key, signer.sign)
        if row["note"] != wanted.encode():
            raise LogUnusable(f"{path}: {_why(path, row['note'], wanted, signer)}")
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


def write_sequences(next_seq: Mapping[str, int]) -> str:
    """The column `sequences` of a head: JSON with sorted keys and no spaces."""
    return json.dumps(dict(next_seq), sort_keys=True, separators=(",", ":"))


def _standing(path: Path, log: str, row: Mapping[str, Any]) -> Standing:
    size, peaks, sequences = row["size"], row["peaks"], row["sequences"]
    try:
        next_seq = json.loads(sequences)
        good = type(peaks) is bytes and write_sequences(next_seq) == sequences
        counted = good and all(type(seq) is int for seq in (*next_seq.values(), size))
    except (ValueError, TypeError, AttributeError):
        counted = False
    if not counted:
        raise LogUnusable(f"{path}: its newest head cannot be read; {_RESTORE}")
    with as_stored(path):
        frontier = Frontier(size, split_hashes(peaks, size.bit_count()))
    return Standing(log, frontier, next_seq, row["last_decided_us"])


def _why(path: Path, data: Any, wanted: Note, signer: Signer) -> str:
    """What is wrong with a note that is not the wanted one, and what can be done."""
    with as_stored(path):
        note = parse_note(data if isinstance(data, bytes) else b"")
        origin = parse_checkpoint(note.text).origin
    key, (line, *_) = signer.key, note.signatures
    if origin != key.name:
        fix = "give the key of that name, or choose another file"
        return f"it is the log {origin[:60]}, and the key given is of {key.name[:60]}; {fix}"
    if not line.is_by(key):
        problem = f"it is signed by the key {line.name[:60]}+{line.key_id.hex()}"
        given = f"the key given is {key.name[:60]}+{key.key_id.hex()}"
        fix = "give the key it was begun with; a log whose key is lost ends there: begin a new one"
        return f"{problem}, {given}; {fix}"
    if note.text != wanted.text:
        return f"its newest checkpoint is not of the tree recorded with it; {_RESTORE}"
    return f"its newest checkpoint has a bad signature; {_RESTORE}"
