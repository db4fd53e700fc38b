"""The stand-in for a signer keeps the promises of the port."""

import pytest

from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.signer_contract import SignerCase, SignerContract


class TestFakeSigner(SignerContract):
    @pytest.fixture
    def case(self) -> SignerCase:
        name = "signer.example"
        return SignerCase(FakeSigner(name), FakeSigner(name, COSIGNATURE), fake_verify)
