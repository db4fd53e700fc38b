"""Proofs as text: a hash in base64 on each line."""

from collections.abc import Iterable, Sequence

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.tree import HASH_BYTES
from alpine_service.errors import Malformed

LARGEST_PROOF = 63
"""Hashes that a proof has at most."""


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    """At most 63 hashes.

    Raises:
        Malformed: they are more, or one is none.
    """
    if len(lines) > LARGEST_PROOF:
        raise Malformed("long-proof", f"a proof has at most {LARGEST_PROOF} hashes")
    return tuple(base64_strict.decode(line, size=HASH_BYTES) for line in lines)


def write_hashes(hashes: Iterable[bytes]) -> list[str]:
    """The lines, without their ends."""
    return [base64_strict.encode(one) for one in hashes]
