"""Where secrets come from: the environment, files, a secrets manager."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen


@frozen
class Secret:
    """A secret, and the one that it took the place of, as long as that may still be the right one.

    Neither is ever shown.
    """

    current: str = field(repr=False)
    previous: str | None = field(default=None, repr=False)


class Secrets(Protocol):
    """Knows some secrets, by the names of their settings."""

    def read(self) -> Mapping[str, Secret]:
        """All that it knows, as they are now; blocking.

        Raises:
            InvalidSetting: what is there cannot be meant, or is not to be had by us.
            SecretsAway: whoever keeps them does not answer now.
        """
        ...
