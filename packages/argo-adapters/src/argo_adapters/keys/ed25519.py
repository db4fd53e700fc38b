"""Ed25519 (RFC 8032) by `cryptography`: what signs checkpoints and cosignatures."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from argo_core.errors import InvalidInput
from argo_core.ledger.verifier_key import ED25519, VerifierKey

PRIVATE_KEY_BYTES = 32


class Ed25519Signer:
    """Keeps the promises of the port `Signer` with one private key, the 32 raw bytes of its seed.

    Raises:
        InvalidInput: the key has another length, or the name cannot name a key.
    """

    def __init__(self, name: str, private_key: bytes, algorithm: int = ED25519) -> None:
        if len(private_key) != PRIVATE_KEY_BYTES:
            problem = f"it has {len(private_key)} bytes"
            raise InvalidInput("private_key", problem, f"give {PRIVATE_KEY_BYTES} random bytes")
        self._private = Ed25519PrivateKey.from_private_bytes(private_key)
        self._key = VerifierKey(name, algorithm, self._private.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"Ed25519Signer({self._key})"

    @property
    def key(self) -> VerifierKey:
        """The public half, under the name it signs for."""
        return self._key

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the message's signature; the same for the same message."""
        return self._private.sign(message)


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether they belong together; what is no key or no signature does not. Never raises."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
