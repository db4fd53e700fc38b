"""Where keys and passwords are kept."""

from typing import Protocol

from argo_core.resilience.secret import SecretValue


class Secrets(Protocol):
    """Where keys and passwords are kept, by the names of the settings they are for."""

    async def read(self, name: str) -> SecretValue:
        """What the store has now; asked anew each time, so whoever asks often keeps the answer.

        No error, and nothing the answer shows of itself, holds the value.

        Raises:
            SecretMissing: there is none of that name.
            SecretDenied: it may not be read, or not by us alone.
            SecretGarbled: what is there is no key.
            SecretThrottled: the store was asked too often.
            SecretsAway: the store did not answer in time.
        """
        ...
