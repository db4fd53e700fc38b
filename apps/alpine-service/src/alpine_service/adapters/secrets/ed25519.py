"""Ed25519 signatures."""

from attrs import field, frozen
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from alpine_service.domain.feed.verifier_key import Algorithm, VerifierKey, make_verifier_key


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature over the message is by the key of 32 bytes, after RFC 8032."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@frozen
class Ed25519Signer:
    """A private key that signs; its repr says only who it is."""

    verifier_key: VerifierKey
    _private: Ed25519PrivateKey = field(repr=False, eq=False)

    @property
    def key(self) -> str:
        """The verifier key, one line, as readers pin it."""
        return str(self.verifier_key)

    def sign(self, message: bytes) -> bytes:
        """A signature of 64 bytes over the message."""
        return self._private.sign(message)


def make_signer(name: str, seed: bytes, algorithm: Algorithm) -> Ed25519Signer:
    """The signer whose private key is the seed of 32 bytes.

    Raises:
        Malformed: nobody can be called so.
    """
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    return Ed25519Signer(make_verifier_key(name, algorithm, public), private)
