"""Every try is counted before it is looked at."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.domain.accounts.session import Visitor
from alpine_service.domain.accounts.throttle import (
    Bucket,
    Deed,
    account_buckets,
    network_buckets,
)
from alpine_service.errors import TooMany
from alpine_service.ports.accounts import Throttle
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock


@frozen
class Tries:
    """Counts tries by network and by account; the domain's module `throttle` has the rules."""

    throttle: Throttle
    clock: Clock
    observer: Observer

    async def by_network(self, deed: Deed, visitor: Visitor) -> None:
        """Count one of whoever asks from there.

        Raises:
            TooMany: wait.
        """
        await self._spend(deed, network_buckets(deed, visitor.address), "network")

    async def by_account(self, deed: Deed, account: str, known: Visitor | None = None) -> None:
        """Count one for the account; `known` is given where its owner was there before.

        Raises:
            TooMany: wait.
        """
        await self._spend(deed, _of_account(deed, account, known), "account")

    async def forgive(self, deed: Deed, account: str, known: Visitor | None = None) -> None:
        """It was its owner: what was counted for the account is forgotten."""
        await self.throttle.forget(_of_account(deed, account, known))

    async def _spend(self, deed: Deed, buckets: Sequence[Bucket], by: str) -> None:
        wait = await self.throttle.spend(buckets, self.clock.now())
        if wait is not None:
            self.observer.tell("tries.refused", Weight.WARNING, deed=deed.value, by=by)
            raise TooMany(deed.value, wait.total_seconds())


def _of_account(deed: Deed, account: str, known: Visitor | None) -> Sequence[Bucket]:
    return account_buckets(deed, account, known.address if known is not None else None)
