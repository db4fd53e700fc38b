"""Public keys with the name they sign under, as C2SP signed-note writes them.

<name>+<key id, 8 hexadecimal digits>+<base64 of algorithm byte || public key>
"""

import re
from hashlib import sha256

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.strict_base64 import read_base64, write_base64

ED25519 = 0x01
"""Signs the text of a note."""
COSIGNATURE = 0x04
"""Ed25519 as well, over `cosignature/v1`, a time and the text: what a witness does."""

PUBLIC_KEY_BYTES = 32
# No plus sign, because the text form of a key is split at it, and nothing that could be a space.
NAME_PATTERN = r"[!-*,-~]{1,255}"
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_FIX = "give a key such as argo.example/log+1a2b3c4d+AbCd..."


def check_name(name: str) -> None:
    """Refuse what cannot name a key: ASCII without spaces and plus signs, 1 to 255 characters.

    Raises:
        InvalidInput: it cannot.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        problem = f"{name[:60]!r} cannot name a key"
        raise InvalidInput("name", problem, "use printable ASCII without spaces and +")


@frozen
class VerifierKey:
    """An Ed25519 public key, 32 bytes, under a name, for one of two uses."""

    name: str
    algorithm: int
    public_key: bytes
    key_id: bytes = field(init=False)

    def __attrs_post_init__(self) -> None:
        check_name(self.name)
        if self.algorithm not in {ED25519, COSIGNATURE}:
            problem = f"{self.algorithm} is no algorithm"
            raise InvalidInput("algorithm", problem, f"give {ED25519} or {COSIGNATURE}")
        if len(self.public_key) != PUBLIC_KEY_BYTES:
            problem = f"it has {len(self.public_key)} bytes"
            raise InvalidInput("public_key", problem, f"give {PUBLIC_KEY_BYTES}")
        # SHA-256(name || LF || algorithm || key)[:4]: a hint for finding the key, not a promise.
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public_key
        object.__setattr__(self, "key_id", sha256(named).digest()[:4])

    def __str__(self) -> str:
        material = write_base64(bytes([self.algorithm]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{material}"


def parse_verifier_key(text: str) -> VerifierKey:
    """The key that `text` spells.

    Raises:
        InvalidInput: it is malformed, of an unknown algorithm, or its id is another key's.
    """
    # Base64 may have plus signs; names and ids have none.
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    if not _KEY_ID.fullmatch(key_id):
        raise InvalidInput("key", f"{text[:80]!r} is not a verifier key", _FIX)
    material = read_base64("key", encoded)
    if not material:
        raise InvalidInput("key", "it is empty", _FIX)
    key = VerifierKey(name, material[0], material[1:])
    if key.key_id.hex() != key_id:
        problem = f"its id is {key.key_id.hex()}, not {key_id}"
        raise InvalidInput("key", problem, "copy the whole key again; a part of it was changed")
    return key
