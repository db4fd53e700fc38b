"""Checking one entry offline, from files."""

from base64 import b64decode
from datetime import datetime
from pathlib import Path

from argo_core.errors import InvalidInput, RecordError, Refuted, Unchecked
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.commitment import NONCE_BYTES
from argo_core.ledger.note import Verify
from argo_core.ledger.policy import Policy
from argo_core.ledger.proof_file import parse_proof_file
from argo_core.ledger.record import Sealed
from argo_core.ledger.verdict import Report, failed
from argo_core.ledger.verification import verify_proof
from argo_service.verifying.folder_shelf import read_bounded


def check_proof(
    file: bytes,
    policy: Policy,
    verify: Verify,
    *,
    entry: Path | None,
    opening: Sealed | None,
    now: datetime,
) -> Report:
    """What the proof file shows of the entry, which may also stand in the file itself; blocks."""
    try:
        data = _embedded(file) if entry is None else needed(entry, MAX_BYTES)
        return verify_proof(data, file, policy, verify, now=now, opening=opening).report()
    except RecordError as error:
        return failed(error)


def read_opening(body: Path | None, nonce: str | None) -> Sealed | None:
    """What a commit is said to commit to; blocks.

    Raises:
        InvalidInput: there is one without the other, or the nonce is malformed.
        Unchecked: the body cannot be read.
    """
    if body is None and nonce is None:
        return None
    if body is None or nonce is None:
        raise InvalidInput("--body", "body and nonce go together", "give both --body and --nonce")
    fix = f"give {NONCE_BYTES} bytes in hexadecimal or base64"
    try:
        opened = bytes.fromhex(nonce) if len(nonce) == 2 * NONCE_BYTES else b64decode(nonce)
    except ValueError as error:
        raise InvalidInput("--nonce", "it is neither", fix) from error
    if len(opened) != NONCE_BYTES:
        raise InvalidInput("--nonce", f"it has {len(opened)} bytes", fix)
    return Sealed(needed(body, MAX_BYTES), opened)


def needed(path: Path, max_bytes: int) -> bytes:
    """The whole file; blocks.

    Raises:
        Unchecked: there is none, or it cannot be read, or is larger than that.
    """
    data = read_bounded(path, max_bytes)
    if data is None:
        raise Unchecked(f"there is no file {path}")
    return data


def _embedded(file: bytes) -> bytes:
    # Nobody vouches for what stands there, and nobody need: its hash has to be the leaf's.
    try:
        extra = parse_proof_file(file).extra
    except InvalidInput as error:
        raise Refuted(f"the proof file is malformed: {error}") from error
    if not extra:
        raise InvalidInput("--entry", "the proof file does not hold the entry", "give its file")
    return extra
