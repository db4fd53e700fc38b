"""The stand-in for a store of secrets keeps the port's promises."""

import pytest

from argo_core.errors import SecretsAway
from argo_core.testing.fake_secrets import FakeSecrets
from argo_core.testing.secrets_contract import Putting, Removing, RotatingSecretsContract


class TestFakeSecrets(RotatingSecretsContract):
    @pytest.fixture
    def secrets(self) -> FakeSecrets:
        return FakeSecrets()

    @pytest.fixture
    def putting(self, secrets: FakeSecrets) -> Putting:
        async def put(name: str, value: str) -> None:
            secrets.put(name, value)

        return put

    @pytest.fixture
    def removing(self, secrets: FakeSecrets) -> Removing:
        async def remove(name: str) -> None:
            secrets.remove(name)

        return remove

    async def test_it_can_be_away(self, secrets: FakeSecrets) -> None:
        secrets.trouble = SecretsAway("a", "no answer", "wait")
        with pytest.raises(SecretsAway):
            await secrets.read("a")
        assert secrets.reads == 1
