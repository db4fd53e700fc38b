"""Ids that say what they name, and secrets of which only a hash is kept."""

import base64
from hashlib import sha256

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# 131 bits, as many as base62 gives by 22 characters; a byte more than needed evens the digits out.
ID_LENGTH = 22
ID_BYTES = 24
SECRET_BYTES = 32
# Of 32 bytes in base64 without padding; anything longer was not made here.
LONGEST_SECRET = 43


def make_id(prefix: str, drawn: bytes) -> str:
    """Such as `usr_4fYx...`, from at least 24 drawn bytes."""
    if len(drawn) < ID_BYTES:
        raise ValueError(f"an id takes {ID_BYTES} bytes of chance")
    number, digits = int.from_bytes(drawn), ""
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits += _BASE62[digit]
    return f"{prefix}_{digits}"


def make_secret(drawn: bytes) -> str:
    """32 drawn bytes as text that passes through cookies, mails and URLs unchanged."""
    if len(drawn) != SECRET_BYTES:
        raise ValueError(f"a secret takes {SECRET_BYTES} bytes of chance")
    return base64.urlsafe_b64encode(drawn).rstrip(b"=").decode()


def digest_of(secret: str) -> bytes:
    """What is stored in a secret's place.

    A secret of 256 random bits cannot be guessed from it, so it needs neither salt nor slowness.
    """
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
