"""Where a signing key rests: one line in the private key form of signed notes.

PRIVATE+KEY+<name>+<key id, 8 hexadecimal digits>+<base64 of algorithm byte || seed>
"""

import secrets
from pathlib import Path

from argo_adapters.keys.ed25519 import PRIVATE_KEY_BYTES, Ed25519Signer
from argo_adapters.keys.secret_line import read_secret_line, write_secret_line
from argo_core.errors import InvalidInput
from argo_core.ledger.strict_base64 import read_base64, write_base64
from argo_core.ledger.verifier_key import ED25519

_HEAD = "PRIVATE+KEY+"


def read_key_file(path: Path) -> Ed25519Signer | None:
    """The signer whose key is in the file; None where there is no file.

    Raises:
        InvalidInput: others may read it, or it holds no such key. `field` is the path.
    """
    line = read_secret_line(path)
    if line is None:
        return None
    try:
        return _parse(line)
    except InvalidInput:
        # Whatever was found wrong, its description might quote the secret.
        problem = "it holds no private key of a signed note"
    fix = "restore the file from your copy of it; a part of it was changed"
    raise InvalidInput(str(path), problem, fix)


def make_key_file(path: Path, name: str, algorithm: int = ED25519) -> Ed25519Signer:
    """Make a new key under that name and keep it in the file.

    Raises:
        InvalidInput: the file is there already or cannot be made, or the name names no key.
    """
    seed = secrets.token_bytes(PRIVATE_KEY_BYTES)
    signer = Ed25519Signer(name, seed, algorithm)
    material = write_base64(bytes([algorithm]) + seed)
    write_secret_line(path, f"{_HEAD}{name}+{signer.key.key_id.hex()}+{material}")
    return signer


def _parse(line: str) -> Ed25519Signer:
    # Base64 may have plus signs; names and ids have none.
    name, _, rest = line.removeprefix(_HEAD).partition("+")
    key_id, _, encoded = rest.partition("+")
    material = read_base64("key", encoded)
    if not line.startswith(_HEAD) or not material:
        raise InvalidInput("key", "it is of another form", "give one of this form")
    signer = Ed25519Signer(name, material[1:], material[0])
    if signer.key.key_id.hex() != key_id:
        raise InvalidInput("key", "its id is another key's", "give the id of this key")
    return signer
