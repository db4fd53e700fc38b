"""Recovery codes: what opens an account when the second factor is lost, each of them once."""

from alpine_service.domain.accounts.tokens import digest_of

COUNT = 10
# 120 bits: from 112 on a plain hash is enough to store (ASVS 6.5.2).
BYTES = 15
_LENGTH = 24
_GROUP = 4
# Crockford's base32: nobody mixes up l and 1 or O and 0, and no words come about.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_READ_AS = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def make_code(drawn: bytes) -> str:
    """Such as `7k3m-...`, six groups of four, from 15 drawn bytes."""
    if len(drawn) != BYTES:
        raise ValueError(f"a recovery code takes {BYTES} bytes of chance")
    number = int.from_bytes(drawn)
    text = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LENGTH))
    return "-".join(text[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def digest_of_code(text: str) -> bytes | None:
    """What is stored of it, however it was typed; None if it cannot be one."""
    if len(text) > 2 * _LENGTH:
        return None
    plain = text.strip().lower().translate(_READ_AS)
    if len(plain) != _LENGTH or not set(plain) <= set(_ALPHABET):
        return None
    return digest_of(plain)
