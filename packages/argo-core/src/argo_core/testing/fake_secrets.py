"""Secrets in memory, that can be rotated and be away."""

from argo_core.errors import SecretError, SecretMissing
from argo_core.resilience.secret import Secret, SecretValue


class FakeSecrets:
    """The port `Secrets`; set `trouble`, and every read raises it until it is unset."""

    def __init__(self) -> None:
        self.trouble: SecretError | None = None
        self.reads = 0
        self._held: dict[str, SecretValue] = {}

    def put(self, name: str, value: str) -> None:
        """Store a value; the one there was becomes the previous one."""
        before = self._held.get(name)
        number = 1 if before is None else int(before.version) + 1
        previous = None if before is None else before.current
        self._held[name] = SecretValue(Secret(value), str(number), previous)

    def remove(self, name: str) -> None:
        """Forget a secret."""
        self._held.pop(name, None)

    async def read(self, name: str) -> SecretValue:
        """As the port promises."""
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        if name not in self._held:
            raise SecretMissing(name, "there is none of that name", "put it into the store")
        return self._held[name]
