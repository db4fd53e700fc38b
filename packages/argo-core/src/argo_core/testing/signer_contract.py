"""The promises of `Signer`, as tests. Inherit, and give the fixture `case`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

import pytest
from attrs import frozen

from argo_core.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import check_cosignature, cosign
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Verify
from argo_core.ledger.verifier_key import COSIGNATURE, ED25519
from argo_core.ports import Signer

MESSAGES = (b"", b"a", b"a\n", bytes(range(256)), b"a" * 70_000)


@frozen
class SignerCase:
    """A signer of checkpoints, another one of the same name for cosignatures, and the check."""

    signer: Signer
    cosigner: Signer
    verify: Verify


class SignerContract:
    """A class of tests for one implementation of `Signer` and what checks its signatures."""

    @pytest.mark.parametrize("message", MESSAGES)
    def test_a_signature_has_64_bytes_and_is_good(self, case: SignerCase, message: bytes) -> None:
        signature = case.signer.sign(message)
        assert len(signature) == 64
        assert case.verify(case.signer.key.public_key, message, signature)

    @pytest.mark.parametrize("message", MESSAGES)
    def test_the_same_message_has_the_same_signature(
        self, case: SignerCase, message: bytes
    ) -> None:
        assert case.signer.sign(message) == case.signer.sign(message)

    def test_a_signature_is_good_for_one_message_only(self, case: SignerCase) -> None:
        for signed in MESSAGES:
            signature = case.signer.sign(signed)
            good = [
                one for one in MESSAGES if case.verify(case.signer.key.public_key, one, signature)
            ]
            assert good == [signed]

    def test_a_signature_is_good_for_one_key_only(self, case: SignerCase) -> None:
        signature = case.signer.sign(b"message")
        assert not case.verify(case.cosigner.key.public_key, b"message", signature)

    def test_every_bit_of_a_signature_and_of_a_key_counts(self, case: SignerCase) -> None:
        key, signature = case.signer.key.public_key, case.signer.sign(b"message")
        for bit in range(8 * len(signature)):
            assert not case.verify(key, b"message", _flipped(signature, bit))
        for bit in range(8 * len(key)):
            assert not case.verify(_flipped(key, bit), b"message", signature)

    def test_what_is_no_key_or_no_signature_is_not_good(self, case: SignerCase) -> None:
        key, signature = case.signer.key.public_key, case.signer.sign(b"message")
        for wrong in (b"", key[:-1], key + b"\0", bytes(32), b"\xff" * 32):
            assert not case.verify(wrong, b"message", signature)
        for wrong in (b"", signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64):
            assert not case.verify(key, b"message", wrong)

    def test_a_checkpoint_it_signs_can_be_opened(self, case: SignerCase) -> None:
        key = case.signer.key
        assert key.algorithm == ED25519
        checkpoint = Checkpoint(key.name, 0, EMPTY_ROOT)
        note = sign_checkpoint(checkpoint, key, case.signer.sign)
        assert open_checkpoint(note.encode(), key, case.verify) == (checkpoint, note)

    def test_a_cosignature_it_makes_is_good(self, case: SignerCase) -> None:
        key = case.cosigner.key
        assert key.algorithm == COSIGNATURE
        line = cosign("text\n", 7, key, case.cosigner.sign)
        found = check_cosignature("text\n", line, key, case.verify)
        assert found is not None
        assert found.time_s == 7


def _flipped(data: bytes, bit: int) -> bytes:
    place, mask = bit // 8, 1 << bit % 8
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]
