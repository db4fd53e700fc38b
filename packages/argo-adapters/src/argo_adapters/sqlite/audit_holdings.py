"""Checking what lies beside the entries: capsules, sealed bodies, leases."""

from collections.abc import Iterable

from sqlite_utils import Database

from argo_adapters.sqlite.audit import Findings
from argo_adapters.sqlite.connection import chunks
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.commitment import commitment


def audit_capsules(
    db: Database, found: Findings, wanted: Iterable[str], welcome: Iterable[str]
) -> None:
    """Every capsule has its own hash and is named; `wanted` ones are there, `welcome` may be."""
    missing, spare = set(wanted), set(welcome)
    for rows in chunks(db.execute("SELECT sha256, data FROM capsules")):
        for digest, data in rows:
            if type(data) is not bytes or sha256_hex(data) != digest:
                found.note(f"capsule {digest} has another hash")
            elif digest in missing:
                missing.remove(digest)
            elif digest not in spare:
                found.note(f"capsule {digest} is named by no entry")
    for digest in sorted(missing):
        found.note(f"capsule {digest} is missing")


def audit_sealed(db: Database, found: Findings, wanted: Iterable[str]) -> None:
    """Every sealed body is what a commit commits to, and none is missing."""
    missing = set(wanted)
    for rows in chunks(db.execute("SELECT commitment, nonce, body FROM sealed")):
        for digest, nonce, body in rows:
            if not _opens(digest, nonce, body):
                found.note(f"the sealed body of {digest} has another commitment")
            elif digest not in missing:
                found.note(f"the sealed body of {digest} is committed to by no entry")
            missing.discard(digest)
    for digest in sorted(missing):
        found.note(f"the sealed body of {digest} is missing")


def audit_leases(db: Database, found: Findings) -> None:
    """Leases are numbered from 1, and every batch was written under one, never an older one."""
    tokens = [token for (token,) in db.execute("SELECT token FROM leases ORDER BY token")]
    if tokens != list(range(1, len(tokens) + 1)):
        found.note("the leases are not numbered from 1")
    newest = 1
    for rows in chunks(db.execute("SELECT size, fence FROM heads ORDER BY size")):
        for size, fence in rows:
            # Damage may leave what is no number.
            if type(fence) is not int or not newest <= fence <= len(tokens):
                found.note(f"the checkpoint of {size} entries was written under an old lease")
                continue
            newest = fence


def _opens(digest: object, nonce: object, body: object) -> bool:
    try:
        return type(nonce) is type(body) is bytes and commitment(nonce, body) == digest
    except InvalidInput:
        return False
