"""A proof as C2SP's formats write it: one hash a line, in base64."""

from collections.abc import Sequence

from argo_core.errors import InvalidInput
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.proof import Proof
from argo_core.ledger.strict_base64 import read_base64

MAX_HASHES = 63
"""A tree of 2^63 leaves is as high."""


def check_hashes(proof: Proof) -> None:
    """Refuse what cannot be a proof.

    Raises:
        InvalidInput: it has too many hashes, or one of another length.
    """
    if len(proof) > MAX_HASHES:
        raise InvalidInput("proof", f"it has {len(proof)} hashes", f"send {MAX_HASHES} at most")
    if any(len(one) != HASH_BYTES for one in proof):
        raise InvalidInput("proof", "a hash is no SHA-256", f"give {HASH_BYTES} bytes each")


def read_hashes(lines: Sequence[str]) -> Proof:
    """The hashes that the lines spell, not yet checked to be a proof.

    Raises:
        InvalidInput: a line is not base64.
    """
    return tuple(read_base64("proof", line) for line in lines)
