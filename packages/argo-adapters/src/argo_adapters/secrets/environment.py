"""Secrets in the environment, which a process gets at its start and keeps."""

from collections.abc import Mapping

from argo_adapters.secrets.form import as_secret
from argo_core.errors import SecretMissing
from argo_core.resilience.secret import SecretValue


class EnvironmentSecrets:
    """The port `Secrets` on an environment; `variables` are by the names of the secrets."""

    def __init__(self, environment: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self._environment = environment
        self._variables = variables

    def __repr__(self) -> str:
        return f"EnvironmentSecrets({len(self._variables)} variables)"

    async def read(self, name: str) -> SecretValue:
        """As the port promises; the version is always the same."""
        variable = self._variables.get(name, "")
        if not self._environment.get(variable, "").strip():
            problem = f"{variable or 'no variable'} is not set"
            fix = "set it and start again: a process keeps the environment it began with"
            raise SecretMissing(name, problem, fix)
        return SecretValue(as_secret(name, self._environment[variable]), "1")
