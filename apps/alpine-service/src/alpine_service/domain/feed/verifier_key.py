"""Public keys with the names and ids by which notes call them, after C2SP signed-note."""

import re
from collections.abc import Callable
from enum import IntEnum
from hashlib import sha256

from attrs import frozen

from alpine_service.domain.feed import base64_strict
from alpine_service.errors import Malformed

Verify = Callable[[bytes, bytes, bytes], bool]
"""Says of a public key, a message and a signature whether they belong together, by Ed25519."""


KEY_BYTES = 32
ID_BYTES = 4
SIGNATURE_BYTES = 64

_NAME = re.compile("[!-*,-~]{1,255}")
_ID = re.compile("[0-9a-f]{8}")


class Algorithm(IntEnum):
    """What a key signs; both are Ed25519."""

    CHECKPOINT = 1
    COSIGNATURE = 4


@frozen
class VerifierKey:
    """A public key that has a name and a use. Its id follows from all of them."""

    name: str
    algorithm: Algorithm
    public_key: bytes
    id: bytes

    def __str__(self) -> str:
        """The line by which the key is pinned."""
        return f"{self.name}+{self.id.hex()}+{base64_strict.encode(self._payload)}"

    @property
    def _payload(self) -> bytes:
        return bytes([self.algorithm]) + self.public_key


def make_verifier_key(name: str, algorithm: Algorithm, public_key: bytes) -> VerifierKey:
    """A key with the id that is its own.

    Raises:
        Malformed: such a name or key cannot be.
    """
    if not is_name(name):
        raise _malformed("the name has a space, a plus or something else that no name has")
    if len(public_key) != KEY_BYTES:
        raise _malformed(f"the public key has not {KEY_BYTES} bytes")
    payload = bytes([algorithm]) + public_key
    key_id = sha256(name.encode("ascii") + b"\n" + payload).digest()[:ID_BYTES]
    return VerifierKey(name, algorithm, public_key, key_id)


def read_verifier_key(line: str) -> VerifierKey:
    """The key that a line stands for: `<name>+<id>+<base64 of algorithm and public key>`.

    Raises:
        Malformed: it is no such line, or its id is another key's.
    """
    # The base64 may have a plus, names and ids have none.
    parts = line.split("+", 2)
    if len(parts) != len(("name", "id", "key")):
        raise _malformed("it has no name, id and key with a plus between them")
    name, key_id, encoded = parts
    payload = base64_strict.decode(encoded, size=1 + KEY_BYTES)
    if payload[0] not in set(Algorithm):
        raise _malformed("its algorithm is unknown")
    key = make_verifier_key(name, Algorithm(payload[0]), payload[1:])
    if not _ID.fullmatch(key_id) or bytes.fromhex(key_id) != key.id:
        raise _malformed("its id is not the one of its name and key")
    return key


def is_name(text: str) -> bool:
    """Whether a log or a witness may be called so."""
    return _NAME.fullmatch(text) is not None


def _malformed(problem: str) -> Malformed:
    return Malformed("bad-key", problem)
