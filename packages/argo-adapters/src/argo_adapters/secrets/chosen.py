"""Several stores as one: each secret is in the store that the operator chose for it."""

from collections.abc import Mapping

from argo_core.errors import SecretMissing
from argo_core.ports import Secrets
from argo_core.resilience.secret import SecretValue


class ChosenSecrets:
    """The port `Secrets` over `stores`, by the names of the secrets."""

    def __init__(self, stores: Mapping[str, Secrets]) -> None:
        self._stores = stores

    def __repr__(self) -> str:
        return f"ChosenSecrets({len(self._stores)} secrets)"

    async def read(self, name: str) -> SecretValue:
        """As the port promises, if the store does."""
        if name not in self._stores:
            raise SecretMissing(name, "no store was chosen for it", "see the settings' reference")
        return await self._stores[name].read(name)
