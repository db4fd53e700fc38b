"""A signer that needs no cryptography: anybody can forge it, and every test can check it."""

from hashlib import sha256, sha512

from argo_core.ledger.verifier_key import ED25519, VerifierKey


class FakeSigner:
    """Keeps the promises of the port `Signer` with `fake_verify`; one name, one key."""

    def __init__(self, name: str, algorithm: int = ED25519) -> None:
        self._key = VerifierKey(name, algorithm, sha256(f"{name}/{algorithm}".encode()).digest())

    @property
    def key(self) -> VerifierKey:
        return self._key

    def sign(self, message: bytes) -> bytes:
        return sha512(self._key.public_key + message).digest()


def fake_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a `FakeSigner` with that key made the signature."""
    return signature == sha512(public_key + message).digest()
