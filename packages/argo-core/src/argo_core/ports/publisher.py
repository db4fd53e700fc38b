"""Who of several processes may publish."""

from typing import Protocol

from argo_core.resilience.lease import Granted, Held


class PublisherLease(Protocol):
    """Who of several processes may publish: one at a time, for a while, by the store's clock."""

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        """The lease for `ttl_s` if nobody has it, or who has it.

        The token is greater than every token before, and than `above`: so it still grows where the
        store has forgotten.

        Raises:
            SharedAway: nobody can say; it may have been granted.
        """
        ...

    async def renew(self, token: int, ttl_s: float) -> bool:
        """Whether the lease of that token was in force; from now on it lasts `ttl_s` more.

        Raises:
            SharedAway: nobody can say; it may have been renewed.
        """
        ...

    async def release(self, token: int) -> None:
        """End the lease of that token, if it is in force.

        Raises:
            SharedAway: it could not be ended; it ends by itself.
        """
        ...

    async def look(self) -> Held | None:
        """Who has it, or None.

        Raises:
            SharedAway: nobody can say.
        """
        ...
