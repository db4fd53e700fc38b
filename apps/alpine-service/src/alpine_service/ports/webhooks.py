"""What webhooks need from outside: their stores, and what sends."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from attrs import field, frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.endpoint import OffReason
from alpine_service.domain.delivery.errand import (
    Delivery,
    DeliveryState,
    EndReason,
    Errand,
    Result,
)
from alpine_service.domain.delivery.pace import Pace
from alpine_service.domain.delivery.webhook import Change, Webhook
from alpine_service.domain.delivery.wishes import Listener, NewDelivery
from alpine_service.domain.plans.entitlement import Entitlement


class Entitled(Protocol):
    """What accounts may have now."""

    async def of(self, user_ids: Sequence[str], now: datetime) -> Mapping[str, Entitlement]:
        """By user; one that is not in it does not exist."""
        ...


@frozen
class Post:
    """A request to a receiver."""

    url: str = field(repr=False)
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Sender(Protocol):
    """Posts to receivers, and to nothing else."""

    async def send(self, post: Post) -> Answer:
        """What it answered, or why nothing came, within bounds of time and size; never raises."""
        ...


class WebhookStore(Protocol):
    """Endpoints. Each method is one transaction; those that change also write the audit entry.

    A webhook of somebody else is as one that does not exist: None or False.
    """

    async def add(
        self, webhook: Webhook, sealed: bytes, limit: int, now: datetime, entry: AuditEntry
    ) -> bool:
        """False if the owner has `limit` already; two at the same time do not pass it either.

        Only events from now on are told.
        """
        ...

    async def of_user(self, user_id: str) -> list[Webhook]:
        """The oldest first."""
        ...

    async def get(self, user_id: str, webhook_id: str) -> Webhook | None: ...

    async def change(
        self, user_id: str, webhook_id: str, change: Change, now: datetime, entry: AuditEntry
    ) -> Webhook | None:
        """As it is afterwards. Turned off, what is pending is cancelled; on, it begins from now."""
        ...

    async def delete(self, user_id: str, webhook_id: str, entry: AuditEntry) -> bool:
        """With its deliveries."""
        ...

    async def rotate(
        self,
        user_id: str,
        webhook_id: str,
        sealed: bytes,
        *,
        now: datetime,
        overlap_until: datetime,
        entry: AuditEntry,
    ) -> bool:
        """A new secret. The one before signs beside it until then, those before that end now."""
        ...


@frozen
class TurnedOff:
    """An endpoint that attempts turned off."""

    endpoint_id: str
    reason: OffReason


class Outbox(Protocol):
    """Deliveries, for those who make and those who carry them."""

    async def told(self) -> int:
        """The last event that deliveries were made of."""
        ...

    async def listeners(self) -> list[Listener]:
        """Endpoints that are on; of each owner the oldest first."""
        ...

    async def advance(
        self, told: int, to: int, deliveries: Sequence[NewDelivery], now: datetime
    ) -> int | None:
        """Add the deliveries and go on to event `to`; how many were new.

        None, and nothing was done, if somebody else went on from `told` meanwhile.
        """
        ...

    async def claim(
        self, lease: str, now: datetime, until: datetime, room: int, pace: Pace
    ) -> list[Errand]:
        """Lease up to `room` that are due, shared out fairly among endpoints and at their pace."""
        ...

    async def give_back(self, leases: Collection[str], now: datetime) -> None:
        """Let others claim at once what is held by these, and was not ended."""
        ...

    async def record(self, results: Sequence[Result], now: datetime) -> list[TurnedOff]:
        """Write down what came of attempts, and what it means for the endpoints.

        A success counts even if the lease was over; anything else only while it is held. Endpoints
        that were turned off by it have their pending deliveries cancelled and their owners written
        to.
        """
        ...

    async def cancel(self, errands: Sequence[Errand], reason: EndReason, now: datetime) -> None:
        """These are not to be sent."""
        ...


@frozen
class Place:
    """Behind which delivery a page begins."""

    made_at: datetime
    delivery_id: str


class DeliveryRecords(Protocol):
    """Deliveries, for those who own and those who look after them."""

    async def page(
        self, webhook_id: str, state: DeliveryState | None, behind: Place | None, limit: int
    ) -> list[Delivery]:
        """The newest first."""
        ...

    async def failed(self, behind: Place | None, limit: int) -> list[Delivery]:
        """Dead and cancelled ones of everybody, the newest first."""
        ...

    async def add_test(
        self, webhook_id: str, delivery_id: str, kind: str, body: bytes, now: datetime
    ) -> None:
        """A delivery of no event."""
        ...

    async def resend(self, webhook_id: str, delivery_id: str, now: datetime) -> bool:
        """Begin its schedule anew, now; False if it does not exist."""
        ...

    async def revive(self, webhook_id: str, since: datetime, limit: int, now: datetime) -> int:
        """Begin anew with up to `limit` made since that failed, or that wait; how many."""
        ...

    async def first_since(self, at_us: int) -> int | None:
        """The first event of that time or later."""
        ...

    async def add(self, deliveries: Sequence[NewDelivery], now: datetime) -> int:
        """Those of them that do not exist; how many."""
        ...
