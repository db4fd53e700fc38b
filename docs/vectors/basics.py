"""The keys, the times and the spelling that all vectors share. The keys are known to all."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, TypeAlias

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.verifier_key import COSIGNATURE, ED25519

Case: TypeAlias = dict[str, Any]

LOG = "argo.example/log"
AT = 1_700_000_000_000_000
NOW = 1_700_000_060
NONCE = sha256(b"test nonce").digest()


def _signer(name: str, algorithm: int, words: str) -> Ed25519Signer:
    return Ed25519Signer(name, sha256(words.encode()).digest(), algorithm)


LOG_KEY = _signer(LOG, ED25519, "test log")
WITNESS = _signer("witness.example/one", COSIGNATURE, "test witness one")
SECOND = _signer("witness.example/two", COSIGNATURE, "test witness two")
STRANGER = _signer("stranger.example/log", ED25519, "test stranger")
FORGER = _signer(LOG, ED25519, "test forger")


def spelled(data: bytes) -> Case:
    try:
        return {"text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"base64": write_base64(data)}


def bad_case(reason: str, data: bytes) -> Case:
    return {**spelled(data), "reason": reason}


def digests(data: bytes) -> Case:
    return {"signal_sha256": sha256_hex(data), "leaf_hash": leaf_hash(data).hex()}


def spelled_hex(proof: Iterable[bytes]) -> list[str]:
    return [one.hex() for one in proof]


def flipped(value: bytes) -> bytes:
    return value[:-1] + bytes([value[-1] ^ 1])
