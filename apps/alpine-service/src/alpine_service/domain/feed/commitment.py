"""Commit and reveal: a signal that is fixed at once and shown later."""

from hashlib import sha256

NONCE_BYTES = 32

_PREFIX = b"signal-commit/v1\n"


def commitment(nonce: bytes, body: bytes) -> str:
    """What fixes the bytes of a signal without showing them, in hexadecimal."""
    return sha256(_PREFIX + nonce + body).hexdigest()


def opens(nonce: bytes, body: bytes, committed: str) -> bool:
    """Whether nonce and body are what was committed to."""
    return len(nonce) == NONCE_BYTES and commitment(nonce, body) == committed
