"""Where the key rests that makes the nonces of sealed signals: one line, a word and base64.

Whoever has it can guess what a sealed signal says; without it no sealed signal can be revealed.
"""

import secrets
from pathlib import Path

from argo_adapters.keys.secret_line import read_secret_line, write_secret_line
from argo_core.errors import InvalidInput
from argo_core.ledger.commitment import NONCE_BYTES
from argo_core.ledger.strict_base64 import read_base64, write_base64

_HEAD = "REVEAL+KEY+"


def read_reveal_key(path: Path) -> bytes | None:
    """The 32 bytes in the file; None where there is no file.

    Raises:
        InvalidInput: others may read it, or it holds no such key. `field` is the path.
    """
    line = read_secret_line(path)
    if line is None:
        return None
    try:
        key = read_base64("key", line.removeprefix(_HEAD))
    except InvalidInput:
        key = b""
    if not line.startswith(_HEAD) or len(key) != NONCE_BYTES:
        fix = "restore the file from your copy of it; a part of it was changed"
        raise InvalidInput(str(path), "it holds no reveal key", fix)
    return key


def make_reveal_key(path: Path) -> bytes:
    """Make 32 random bytes and keep them in the file.

    Raises:
        InvalidInput: the file is there already or cannot be made.
    """
    key = secrets.token_bytes(NONCE_BYTES)
    write_secret_line(path, _HEAD + write_base64(key))
    return key
