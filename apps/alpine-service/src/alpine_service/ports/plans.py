"""What plans, keys and quotas need from outside: a store for each, and whoever takes the money."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol, TypeAlias

from attrs import frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.plans.api_key import KeyFound, KeyShown, NewKey
from alpine_service.domain.plans.billing import Billed, BillingEvent, BillingShown
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.domain.plans.subscription import Subscription
from alpine_service.domain.plans.use import Counted, Used

Step: TypeAlias = Callable[[Subscription | None], Subscription]


@frozen
class HowToPay:
    """What somebody does to pay; `link` leads to the provider, if it has pages for that."""

    words: str
    link: str | None = None


class Billing(Protocol):
    """Whoever takes the money.

    What happens there comes back as `BillingEvent`s, in any order and more than once.
    """

    @property
    def provider(self) -> str:
        """Its name, which its events carry."""
        ...

    async def how_to_pay(self, user_id: str, plan: str) -> HowToPay:
        """For that account and plan.

        Raises:
            Unavailable: the provider does not answer now.
        """
        ...


@frozen
class Settled:
    """How many subscriptions time had changed, and when it will change the next."""

    count: int
    next_due: datetime | None


class SubscriptionStore(Protocol):
    """Subscriptions, and what providers told.

    A method that changes one is a transaction with its audit entry, and of changes to one account
    at the same time each sees what the other did.
    """

    async def get(self, user_id: str) -> Subscription | None: ...

    async def change(self, user_id: str, step: Step, entry: AuditEntry) -> Subscription:
        """Apply a step; what it raises undoes everything. The entry is given the new state.

        Raises:
            NotThere: no such account.
            Conflict: it begins a trial, and the address had one, if with an account that is gone.
        """
        ...

    async def bill(self, event: BillingEvent, entry: AuditEntry) -> Billed:
        """Take down an event and apply it, once for each provider and reference.

        Raises:
            NotThere: no such account.
            Conflict: another event has the reference.
            InvalidInput: it says what no event can.
        """
        ...

    async def events(self, user_id: str, limit: int) -> list[BillingShown]:
        """The newest first."""
        ...

    async def settle(self, now: datetime, limit: int) -> Settled:
        """Catch up with time for so many subscriptions at most; others may do the same at once."""
        ...


class Entitlements(Protocol):
    """What accounts may have, now."""

    async def of(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, Entitlement]:
        """For each of them; `NOTHING` for one that is suspended or not there."""
        ...

    async def entitlement_now(self, user_id: str, now: datetime) -> Entitlement:
        """The same for one; cheap enough to be asked often while a stream is open."""
        ...


class KeyStore(Protocol):
    """API keys, found by the digest of their text."""

    async def find(self, digest: bytes, now: datetime) -> KeyFound | None:
        """Whom it stands for; None if it is revoked, expired or unknown, or its owner suspended."""
        ...

    async def touch(self, key_id: str, address: str, now: datetime) -> None:
        """It was used; written at most once a minute, however many say so."""
        ...

    async def of_user(self, user_id: str) -> list[KeyShown]:
        """Live and dead, the newest first."""
        ...

    async def add(self, key: NewKey, entry: AuditEntry) -> None:
        """Raises Conflict if the plan's number of live keys is there already."""
        ...

    async def rotate(self, key_id: str, until: datetime, key: NewKey, entry: AuditEntry) -> None:
        """Add a key that takes over from one of the same owner, which ends at `until`.

        One that is in its overlap does not count for the plan, but of those there are no more than
        the plan's number either.

        Raises:
            NotThere: the owner has no such live key.
            Conflict: it is being replaced already, or too many are.
        """
        ...

    async def revoke(self, key_id: str, user_id: str, entry: AuditEntry) -> bool:
        """End it now; False if the user has no such live key."""
        ...

    async def sweep(self, now: datetime) -> int:
        """Delete some that have long been dead; how many."""
        ...


@frozen
class Block:
    """Requests that may be handed out: how many, and how many of the day are taken with them."""

    granted: int
    taken: int


@frozen
class Unused:
    """Requests of a block that nobody made."""

    user_id: str
    means: Counted
    day: date
    count: int


class UsageStore(Protocol):
    """Requests by account, means and day of UTC."""

    async def take(
        self, user_id: str, means: Counted, day: date, limit: int, most: int
    ) -> Block | None:
        """Take a block for this process: none when the limit is reached, few when it is near.

        Over all processes never more than `limit` are granted. None: no such account.
        """
        ...

    async def give_back(self, unused: Sequence[Unused]) -> None:
        """Return what was granted and not handed out."""
        ...

    async def used(self, user_id: str, since: date) -> list[Used]:
        """Day by day, the newest first."""
        ...

    async def sweep(self, before: date) -> int:
        """Delete some that are older; how many."""
        ...
