"""What owners do with their webhooks.

A secret is shown when it is made, and never again: whoever lost it makes a new one, and the old
one signs beside it for a day.
"""

from datetime import UTC, datetime, timedelta

from attrs import evolve, field, frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.tokens import ID_BYTES, make_id
from alpine_service.domain.delivery.endpoint import Health, State
from alpine_service.domain.delivery.errand import Delivery, DeliveryState
from alpine_service.domain.delivery.message import TEST_KIND, payload
from alpine_service.domain.delivery.signature import SECRET_BYTES, write_secret
from alpine_service.domain.delivery.target import PUBLIC_ONLY, TargetRules, check_target
from alpine_service.domain.delivery.webhook import Change, Webhook, check_description
from alpine_service.domain.delivery.wishes import Filters, Listener, choose
from alpine_service.domain.plans.entitlement import Entitlement
from alpine_service.errors import Conflict, InvalidInput, NotThere
from alpine_service.ports.events import Events
from alpine_service.ports.outside import Chance, Clock, Vault
from alpine_service.ports.webhooks import DeliveryRecords, Place, WebhookStore
from alpine_service.services.courier import purpose
from alpine_service.services.subscriptions import Deed

OVERLAP = timedelta(days=1)
# How far back lost deliveries can be had again, and how many in one go.
RECOVERED_FOR = timedelta(days=30)
MOST_RECOVERED = 10_000
_PAGE = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


@frozen
class Draft:
    """An endpoint to be."""

    url: str = field(repr=False)
    description: str
    filters: Filters


@frozen
class MadeWebhook:
    """A new endpoint and its secret."""

    webhook: Webhook
    secret: str = field(repr=False)


@frozen
class NewSecret:
    """A secret; the one before signs until then as well."""

    secret: str = field(repr=False)
    old_until: datetime


@frozen
class Recovered:
    """How many deliveries begin anew; not complete where there may be more."""

    deliveries: int
    is_complete: bool


@frozen
class WebhookNeeds:
    """Everything that webhooks need from outside."""

    store: WebhookStore
    records: DeliveryRecords
    events: Events
    vault: Vault
    clock: Clock
    chance: Chance


@frozen
class Webhooks:
    """Each method is for the endpoint's owner; anybody else's does not exist."""

    _needs: WebhookNeeds
    _rules: TargetRules = PUBLIC_ONLY

    async def add(
        self, user_id: str, draft: Draft, entitlement: Entitlement, deed: Deed
    ) -> MadeWebhook:
        """A new endpoint, which is told what happens from now on.

        Raises:
            InvalidInput: URL or description will not do.
            Conflict: the plan's number of endpoints is there.
        """
        now = self._needs.clock.now()
        webhook = Webhook(
            make_id("whk", self._needs.chance.draw(ID_BYTES)),
            user_id,
            check_target(draft.url, self._rules),
            check_description(draft.description),
            draft.filters,
            Health(),
            now,
        )
        secret, sealed = self._new_secret(webhook.id)
        most = entitlement.endpoints
        entry = _entry("webhook.added", webhook.id, deed, now)
        if not await self._needs.store.add(webhook, sealed, most, now, entry):
            raise Conflict(f"the plan has {most} webhooks, and they are there; delete one")
        return MadeWebhook(webhook, secret)

    async def of_user(self, user_id: str) -> list[Webhook]:
        """The oldest first."""
        return await self._needs.store.of_user(user_id)

    async def get(self, user_id: str, webhook_id: str) -> Webhook:
        """Raises: NotThere."""
        found = await self._needs.store.get(user_id, webhook_id)
        if found is None:
            raise NotThere("webhook")
        return found

    async def change(self, user_id: str, webhook_id: str, change: Change, deed: Deed) -> Webhook:
        """The endpoint as it is then; turned on again, it is told what happens from then on.

        Raises:
            InvalidInput: URL or description will not do.
            NotThere: there is none.
        """
        now = self._needs.clock.now()
        if change.url is not None:
            change = evolve(change, url=check_target(change.url, self._rules))
        if change.description is not None:
            check_description(change.description)
        entry = _entry("webhook.changed", webhook_id, deed, now)
        found = await self._needs.store.change(user_id, webhook_id, change, now, entry)
        if found is None:
            raise NotThere("webhook")
        return found

    async def delete(self, user_id: str, webhook_id: str, deed: Deed) -> None:
        """Raises: NotThere."""
        entry = _entry("webhook.deleted", webhook_id, deed, self._needs.clock.now())
        if not await self._needs.store.delete(user_id, webhook_id, entry):
            raise NotThere("webhook")

    async def rotate(self, user_id: str, webhook_id: str, deed: Deed) -> NewSecret:
        """A new secret; every webhook is signed with both for a day.

        Raises:
            NotThere: there is none.
        """
        now = self._needs.clock.now()
        secret, sealed = self._new_secret(webhook_id)
        until = now + OVERLAP
        entry = _entry("webhook.rotated", webhook_id, deed, now)
        if not await self._needs.store.rotate(
            user_id, webhook_id, sealed, now=now, overlap_until=until, entry=entry
        ):
            raise NotThere("webhook")
        return NewSecret(secret, until)

    async def test(self, user_id: str, webhook_id: str) -> str:
        """Send a `webhook.test` to this endpoint only; the delivery's id.

        Raises:
            NotThere: there is none.
            Conflict: it is off.
        """
        await self._working(user_id, webhook_id)
        now = self._needs.clock.now()
        delivery_id = make_id("msg", self._needs.chance.draw(ID_BYTES))
        body = payload(TEST_KIND, _us(now), b'{"webhook":"%s"}' % webhook_id.encode())
        await self._needs.records.add_test(webhook_id, delivery_id, TEST_KIND, body, now)
        return delivery_id

    async def recover(
        self, user_id: str, webhook_id: str, since: datetime, entitlement: Entitlement
    ) -> Recovered:
        """Send what failed since then, and what happened while the endpoint was off.

        Raises:
            NotThere: there is none.
            Conflict: it is off.
            InvalidInput: `since` is too long ago, or has not come.
        """
        webhook = await self._working(user_id, webhook_id)
        now = self._needs.clock.now()
        if not now - RECOVERED_FOR <= since <= now:
            fix = f"give a time within the last {RECOVERED_FOR.days} days"
            raise InvalidInput("since", "it is too long ago, or has not come", fix)
        count = await self._needs.records.revive(webhook_id, since, MOST_RECOVERED, now)
        first = await self._needs.records.first_since(_us(since))
        place = None if first is None else first - 1
        while place is not None and count < MOST_RECOVERED:
            events = await self._needs.events.after(place, _PAGE)
            place = events[-1].number if events else None
            # The endpoint's own beginning does not count here, because its time off does not.
            ears = [Listener(webhook.id, user_id, webhook.filters, 0)]
            chosen = choose(events, ears, {user_id: entitlement})
            count += await self._needs.records.add(chosen, now)
        return Recovered(count, is_complete=count < MOST_RECOVERED)

    async def deliveries(
        self,
        user_id: str,
        webhook_id: str,
        state: DeliveryState | None,
        behind: Place | None,
        limit: int,
    ) -> list[Delivery]:
        """The newest first.

        Raises:
            NotThere: there is no such endpoint.
        """
        await self.get(user_id, webhook_id)
        return await self._needs.records.page(webhook_id, state, behind, limit)

    async def resend(self, user_id: str, webhook_id: str, delivery_id: str) -> None:
        """Send one again, with the same id.

        Raises:
            NotThere: there is no such endpoint or delivery.
            Conflict: the endpoint is off.
        """
        await self._working(user_id, webhook_id)
        now = self._needs.clock.now()
        if not await self._needs.records.resend(webhook_id, delivery_id, now):
            raise NotThere("delivery")

    async def failed(self, behind: Place | None, limit: int) -> list[Delivery]:
        """Dead and cancelled deliveries of everybody, for staff."""
        return await self._needs.records.failed(behind, limit)

    async def _working(self, user_id: str, webhook_id: str) -> Webhook:
        webhook = await self.get(user_id, webhook_id)
        if webhook.health.state is State.OFF:
            raise Conflict("the webhook is off; turn it on first")
        return webhook

    def _new_secret(self, webhook_id: str) -> tuple[str, bytes]:
        secret = self._needs.chance.draw(SECRET_BYTES)
        return write_secret(secret), self._needs.vault.seal(secret, purpose(webhook_id))


def _entry(what: str, webhook_id: str, deed: Deed, now: datetime) -> AuditEntry:
    return AuditEntry(now, deed.actor, what, webhook_id, address=deed.address)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _US
