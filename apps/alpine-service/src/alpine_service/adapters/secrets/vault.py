"""Small secrets sealed by AES-256-GCM, with keys in a file that only we may read.

A line of the file is a key in hex. The first seals; the others still unseal, so that a new key is
put first and the old one stays until nothing is sealed by it. A sealed secret is one byte of
version, four that name the key, a nonce of twelve, and the ciphertext with its tag; its purpose is
authenticated with it, so that what was sealed for one thing is worth nothing for another.
"""

import os
import secrets
import stat
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from alpine_service.errors import DatabaseRefused, InvalidSetting
from alpine_service.ports.outside import Chance

FILE = "vault.keys"
_SETTING = "ALPINE_FOLDER"
_VERSION = b"\x01"
_KEY_BYTES = 32
_NAME_BYTES = 4
_NONCE_BYTES = 12
_LONGEST_FILE = 65_536


class AesVault:
    """Keeps the port `Vault`."""

    def __init__(self, keys: list[bytes], chance: Chance) -> None:
        if not keys:
            raise ValueError("a vault without a key")
        self._ciphers = {_name(key): AESGCM(key) for key in keys}
        self._current = _name(keys[0])
        self._chance = chance

    def seal(self, secret: bytes, purpose: str) -> bytes:
        nonce = self._chance.draw(_NONCE_BYTES)
        head = _VERSION + self._current
        sealed = self._ciphers[self._current].encrypt(nonce, secret, head + purpose.encode())
        return head + nonce + sealed

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        head, rest = sealed[: 1 + _NAME_BYTES], sealed[1 + _NAME_BYTES :]
        cipher = self._ciphers.get(head[1:])
        if head[:1] != _VERSION or cipher is None:
            raise DatabaseRefused("a secret was sealed with a key that is gone; restore the file")
        try:
            nonce, text = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
            return cipher.decrypt(nonce, text, head + purpose.encode())
        except (InvalidTag, ValueError) as error:
            raise DatabaseRefused("a sealed secret was altered, or is for another use") from error


def open_vault(folder: Path, chance: Chance) -> AesVault:
    """The vault whose keys are in the folder, made at the first time; blocking.

    Raises:
        InvalidSetting: the file can be read by others, or is none of ours.
    """
    path = folder / FILE
    try:
        if not path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(path)
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise InvalidSetting(_SETTING, f"others may read {path}", f"chmod 600 {path}")
        with path.open("rb") as file:
            lines = file.read(_LONGEST_FILE).decode("ascii").split()
        keys = [bytes.fromhex(line) for line in lines]
    except OSError as error:
        raise InvalidSetting(_SETTING, f"{path}: {error.strerror}", "see to its rights") from error
    except ValueError:
        # From None, because the error below quotes the line, which is a key.
        raise InvalidSetting(_SETTING, f"{path} is damaged", "restore it from a copy") from None
    if not keys or any(len(key) != _KEY_BYTES for key in keys):
        raise InvalidSetting(_SETTING, f"{path} is damaged", "restore it from a copy")
    return AesVault(keys, chance)


def _make(path: Path) -> None:
    """Whole or not at all: two starts at the same time must end with one key."""
    half = path.with_name(f"{path.name}.{os.getpid()}.half")
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(_KEY_BYTES).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(half)
        except FileExistsError:
            return
    finally:
        half.unlink(missing_ok=True)


def _name(key: bytes) -> bytes:
    return sha256(b"alpine vault key " + key).digest()[:_NAME_BYTES]
