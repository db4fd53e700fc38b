"""Committing to a signal before it is shown: the hash goes into the log at once, the body later."""

from hashlib import sha256
from hmac import new

from argo_core.errors import InvalidInput

NONCE_BYTES = 32
_DOMAIN = b"signal-commit/v1\n"
_NONCE_DOMAIN = b"signal-nonce/v1\n"


def nonce_of(reveal_key: bytes, log: str, strategy: str, seq: int) -> bytes:
    """HMAC-SHA256(reveal key, `signal-nonce/v1`, log, strategy, seq; a line each).

    Nobody without the key can guess it, so nobody can try likely bodies against a commitment; with
    the key a replay finds the same one. No two triples share a text.

    Raises:
        InvalidInput: the key is too short to be secret, or a name has a line feed.
    """
    if len(reveal_key) < NONCE_BYTES:
        problem = f"it has {len(reveal_key)} bytes"
        raise InvalidInput("reveal_key", problem, f"give at least {NONCE_BYTES} random bytes")
    if "\n" in log or "\n" in strategy:
        raise InvalidInput("strategy", "a name has a line feed", "give names of one line")
    named = _NONCE_DOMAIN + f"{log}\n{strategy}\n{seq}\n".encode()
    return new(reveal_key, named, sha256).digest()


def commitment(nonce: bytes, body: bytes) -> str:
    """Hexadecimal SHA-256(`signal-commit/v1` || LF || nonce || body).

    Raises:
        InvalidInput: the nonce has another length than 32 bytes.
    """
    if len(nonce) != NONCE_BYTES:
        raise InvalidInput("nonce", f"it has {len(nonce)} bytes", f"give {NONCE_BYTES}")
    return sha256(_DOMAIN + nonce + body).hexdigest()
