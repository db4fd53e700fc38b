"""Signing with Ed25519: the port's promises, and the vectors of RFC 8032."""

import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_core.errors import InvalidInput
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.signer_contract import SignerCase, SignerContract

# RFC 8032, section 7.1: secret key, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
            "f9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
            "f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
            "dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]
SEED = bytes(range(32))


class TestEd25519Signer(SignerContract):
    @pytest.fixture
    def case(self) -> SignerCase:
        name = "signer.example"
        cosigner = Ed25519Signer(name, SEED[::-1], COSIGNATURE)
        return SignerCase(Ed25519Signer(name, SEED), cosigner, verify_ed25519)


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_it_signs_as_rfc_8032_says(secret: str, public: str, message: str, signature: str) -> None:
    signer = Ed25519Signer("signer.example", bytes.fromhex(secret))
    assert signer.key.public_key.hex() == public
    assert signer.sign(bytes.fromhex(message)).hex() == signature
    assert verify_ed25519(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


def test_a_signature_has_one_spelling() -> None:
    # RFC 8032, section 5.1.7: S must be below the group's order, or S + L would do as well.
    order = 2**252 + 27742317777372353535851937790883648493
    signer = Ed25519Signer("signer.example", SEED)
    signature = signer.sign(b"message")
    scalar = int.from_bytes(signature[32:], "little") + order
    again = signature[:32] + scalar.to_bytes(32, "little")
    assert not verify_ed25519(signer.key.public_key, b"message", again)


def test_the_repr_shows_only_the_public_key() -> None:
    signer = Ed25519Signer("signer.example", SEED)
    assert repr(signer) == f"Ed25519Signer({signer.key})"


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_private_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput, match="private_key"):
        Ed25519Signer("signer.example", bytes(length))
