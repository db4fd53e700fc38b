"""What a verification compares of what lies beside the entries."""

from collections.abc import AsyncIterator, Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

from argo_adapters.postgres.link import Connection
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.commitment import commitment
from argo_core.ledger.cosignature import check_cosignature
from argo_core.ledger.note import Verify, parse_note, parse_signature_line
from argo_core.ledger.verifier_key import parse_verifier_key

Tell: TypeAlias = Callable[[str], None]
"""Takes note of what is wrong."""

_CHUNK = 500
_CAPSULES = "SELECT encode(sha256, 'hex'), data FROM record.capsules"
_SEALED = "SELECT encode(commitment, 'hex'), nonce, body FROM record.sealed"
_LEASES = "SELECT token FROM record.leases ORDER BY token"
_COSIGNATURES = """
SELECT c.size, c.key, c.time_s, c.line, h.note
FROM record.cosignatures c LEFT JOIN record.heads h USING (size) ORDER BY c.size
"""


async def audit_capsules(
    connection: Connection, tell: Tell, wanted: AbstractSet[str], welcome: AbstractSet[str]
) -> None:
    """Every capsule has its own hash and is named; `wanted` ones are there, `welcome` may be."""
    missing = set(wanted)
    async for digest, data in _all(connection, _CAPSULES):
        if sha256_hex(data) != digest:
            tell(f"capsule {digest} has another hash")
        elif digest not in wanted and digest not in welcome:
            tell(f"capsule {digest} is named by no entry")
        missing.discard(digest)
    _miss(tell, "capsule", missing)


async def audit_sealed(connection: Connection, tell: Tell, wanted: AbstractSet[str]) -> None:
    """Every sealed body is what a commit commits to, and none is missing."""
    missing = set(wanted)
    async for digest, nonce, body in _all(connection, _SEALED):
        if not _opens(digest, nonce, body):
            tell(f"the sealed body of {digest} has another commitment")
        elif digest not in wanted:
            tell(f"the sealed body of {digest} is committed to by no entry")
        missing.discard(digest)
    _miss(tell, "the sealed body of", missing)


async def audit_leases(connection: Connection, tell: Tell, newest: int) -> None:
    """Leases are numbered from 1, and the `newest` checkpoint was written under one of them."""
    tokens = [row[0] for row in await connection.fetch(_LEASES)]
    if tokens != list(range(1, len(tokens) + 1)) or newest > max(len(tokens), 1):
        tell("the leases are not numbered from 1 to the newest checkpoint's")


async def audit_cosignatures(connection: Connection, tell: Tell, check: Verify) -> None:
    """Every cosignature is of a checkpoint, and good."""
    async for size, key, time_s, line, note in _all(connection, _COSIGNATURES):
        try:
            text, parsed = parse_note(note or b"").text, parse_signature_line(line)
            good = check_cosignature(text, parsed, parse_verifier_key(key), check)
        except InvalidInput as error:
            tell(f"a cosignature of {size} entries: {error}")
            continue
        if good is None or good.time_s != time_s:
            tell(f"a cosignature of {size} entries by {key} is bad")


async def _all(connection: Connection, query: str) -> AsyncIterator[tuple[Any, ...]]:
    """The rows, so many at a time that memory stays small."""
    cursor = await connection.cursor(query)
    while rows := await cursor.fetch(_CHUNK):
        for row in rows:
            yield tuple(row)


def _miss(tell: Tell, what: str, missing: Iterable[str]) -> None:
    for digest in sorted(missing):
        tell(f"{what} {digest} is missing")


def _opens(digest: str, nonce: bytes, body: bytes) -> bool:
    try:
        return commitment(nonce, body) == digest
    except InvalidInput:
        return False
