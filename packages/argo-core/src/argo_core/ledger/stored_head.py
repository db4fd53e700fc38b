"""What a store writes down of where a log stands, and what it takes to believe it again."""

import json
from collections.abc import Mapping

from attrs import frozen

from argo_core.errors import InvalidInput, LogUnusable
from argo_core.ledger.checkpoint import parse_checkpoint, sign_checkpoint
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import Frontier
from argo_core.ledger.note import Note, Sign, parse_note
from argo_core.ledger.tile import split_hashes
from argo_core.ledger.verifier_key import VerifierKey

_RESTORE = "run a verification and restore it from a copy"


@frozen
class StoredHead:
    """One row of a store: `sequences` is JSON with sorted keys, `note` the signed checkpoint."""

    size: int
    peaks: bytes
    sequences: str
    last_decided_us: int | None
    note: bytes


def store_head(standing: Standing, key: VerifierKey, sign: Sign) -> StoredHead:
    """The row that says where the log stands; this is where its checkpoint is signed."""
    return StoredHead(
        standing.frontier.size,
        b"".join(standing.frontier.peaks),
        write_sequences(standing.next_seq),
        standing.last_decided_us,
        sign_checkpoint(standing.checkpoint(), key, sign).encode(),
    )


def read_head(head: StoredHead, key: VerifierKey, sign: Sign, where: str) -> Standing:
    """Where the log stands, by the row of its newest head; `where` begins what is complained of.

    The log's own signature vouches for the tree. Ed25519 gives one signature for one message, so
    signing again is as good as verifying.

    Raises:
        LogUnusable: the row contradicts itself, or the log bears another name or another key's
            signature.
    """
    try:
        next_seq = read_sequences(head.sequences)
        frontier = Frontier(head.size, split_hashes(head.peaks, head.size.bit_count()))
        standing = Standing(key.name, frontier, next_seq, head.last_decided_us)
        wanted = sign_checkpoint(standing.checkpoint(), key, sign)
    except InvalidInput as error:
        problem = f"its newest head cannot be read: {error}"
        raise LogUnusable(f"{where}: {problem}; {_RESTORE}") from error
    if head.note != wanted.encode():
        raise LogUnusable(f"{where}: {_why(head.note, wanted, key)}")
    return standing


def write_sequences(next_seq: Mapping[str, int]) -> str:
    """The next sequence number of each strategy: JSON with sorted keys and no spaces."""
    return json.dumps(dict(next_seq), sort_keys=True, separators=(",", ":"))


def read_sequences(text: str) -> dict[str, int]:
    """What `write_sequences` wrote.

    Raises:
        InvalidInput: it did not write this.
    """
    try:
        found = json.loads(text)
        good = isinstance(found, dict) and all(type(one) is int for one in found.values())
        if good and write_sequences(found) == text:
            return dict(found)
    except ValueError:
        pass
    raise InvalidInput("sequences", f"{text[:60]!r} is not what was written", "restore it")


def _why(data: bytes, wanted: Note, key: VerifierKey) -> str:
    """What is wrong with a note that is not the wanted one, and what can be done."""
    try:
        note = parse_note(data)
        origin = parse_checkpoint(note.text).origin
    except InvalidInput as error:
        return f"its newest checkpoint cannot be read: {error}; {_RESTORE}"
    if origin != key.name:
        fix = "give the key of that name, or choose another place"
        return f"it is the log {origin[:60]}, and the key given is of {key.name[:60]}; {fix}"
    line = note.signatures[0]
    if not line.is_by(key):
        problem = f"it is signed by the key {line.name[:60]}+{line.key_id.hex()}"
        given = f"the key given is {key.name[:60]}+{key.key_id.hex()}"
        fix = "give the key it was begun with; a log whose key is lost ends there: begin a new one"
        return f"{problem}, {given}; {fix}"
    if note.text != wanted.text:
        return f"its newest checkpoint is not of the tree recorded with it; {_RESTORE}"
    return f"its newest checkpoint has a bad signature; {_RESTORE}"
