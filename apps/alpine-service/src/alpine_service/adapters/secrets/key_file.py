"""Private keys in files that nobody else may read, a line each as Go's signed notes write them."""

import os
import stat
from pathlib import Path

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer, make_signer
from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import InvalidSetting, Malformed

SEED_BYTES = 32

_BEGINNING = "PRIVATE+KEY+"
_MODE = 0o600
_OTHERS = 0o077
_LARGEST = 1024


def make_key_file(path: Path, name: str, algorithm: Algorithm, seed: bytes) -> Ed25519Signer:
    """Write a new private key, durably, and return its signer. A file that is there stays.

    Raises:
        InvalidSetting: the file is there already or cannot be written.
        Malformed: nobody can be called so.
    """
    signer = make_signer(name, seed, algorithm)
    secret = base64_strict.encode(bytes([algorithm]) + seed)
    line = f"{_BEGINNING}{name}+{signer.verifier_key.id.hex()}+{secret}\n"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_new(path, line.encode("ascii"))
    except OSError as error:
        raise InvalidSetting(str(path), _why(error), "name a file that can be made") from error
    return signer


def read_key_file(path: Path) -> Ed25519Signer:
    """The signer of the private key in a file.

    Raises:
        InvalidSetting: it cannot be read, is no key, or others than its owner may look at it.
    """
    try:
        data = _read_private(path)
    except OSError as error:
        raise InvalidSetting(str(path), _why(error), "name a key file that can be read") from error
    try:
        return _read_line(data.decode("ascii").removesuffix("\n"))
    except (Malformed, ValueError) as error:
        # The cause might show what is in the file.
        del error
    raise InvalidSetting(str(path), "it is no private key", "restore it, or make a new key")


def _write_new(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & _OTHERS:
            raise InvalidSetting(str(path), "others may look at it", "chmod 600, or make a new key")
        return file.read(_LARGEST)


def _read_line(line: str) -> Ed25519Signer:
    if not line.startswith(_BEGINNING):
        raise ValueError
    name, key_id, secret = line.removeprefix(_BEGINNING).split("+", 2)
    payload = base64_strict.decode(secret, size=1 + SEED_BYTES)
    signer = make_signer(name, payload[1:], Algorithm(payload[0]))
    if signer.verifier_key.id.hex() != key_id:
        raise ValueError
    return signer


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
