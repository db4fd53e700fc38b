"""Subscriptions: what their owners do with them, and what is paid for them."""

from datetime import datetime, timedelta

from attrs import frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.plans.billing import (
    Billed,
    BillingEvent,
    BillingKind,
    BillingShown,
    check_event,
)
from alpine_service.domain.plans.plan import PLANS
from alpine_service.domain.plans.subscription import (
    Subscription,
    cancel,
    change_plan,
    resume,
    start_trial,
)
from alpine_service.errors import InvalidInput
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock
from alpine_service.ports.plans import Billing, HowToPay, Step, SubscriptionStore

# Clocks of providers may be a little ahead of ours.
_AHEAD = timedelta(minutes=5)


@frozen
class Deed:
    """Who does something, and from where."""

    actor: str
    address: str


@frozen
class Subscriptions:
    """What can be done with subscriptions; every change is in the audit trail."""

    _store: SubscriptionStore
    _billing: Billing
    _clock: Clock
    _observer: Observer

    async def get(self, user_id: str) -> Subscription | None:
        return await self._store.get(user_id)

    async def how_to_pay(self, user_id: str) -> dict[str, HowToPay]:
        """By the name of each plan that costs something."""
        return {
            plan.name: await self._billing.how_to_pay(user_id, plan.name)
            for plan in PLANS.values()
            if plan.monthly_cents
        }

    async def start_trial(self, user_id: str, plan: str, deed: Deed) -> Subscription:
        """The one trial; see the domain's `start_trial` for what is refused."""
        now = self._clock.now()
        return await self._change(
            user_id, lambda old: start_trial(old, plan, now), "subscription.trial", deed, now
        )

    async def cancel(self, user_id: str, deed: Deed) -> Subscription:
        """It ends with what was paid for."""
        now = self._clock.now()
        return await self._change(
            user_id, lambda old: cancel(old, now), "subscription.cancelled", deed, now
        )

    async def resume(self, user_id: str, deed: Deed) -> Subscription:
        """Take a cancellation back."""
        now = self._clock.now()
        return await self._change(
            user_id, lambda old: resume(old, now), "subscription.resumed", deed, now
        )

    async def change_plan(self, user_id: str, plan: str, deed: Deed) -> Subscription:
        """Up at once, down at the end of what was paid for."""
        now = self._clock.now()
        return await self._change(
            user_id, lambda old: change_plan(old, plan, now), "subscription.plan", deed, now
        )

    async def bill(self, event: BillingEvent, deed: Deed) -> Billed:
        """Take what a provider, or a member of staff for it, says that happened.

        The same event again changes nothing, and events may come in any order.

        Raises:
            NotThere: no such account.
            Conflict: another event has the reference.
            InvalidInput: it says what no event can.
        """
        now = self._clock.now()
        check_event(event)
        if event.at > now + _AHEAD:
            raise InvalidInput("at", "it has not come yet", "give when it happened")
        details = {"provider": event.provider, "reference": event.reference}
        entry = AuditEntry(
            now, deed.actor, f"billing.{event.kind}", event.user_id, details, deed.address
        )
        billed = await self._store.bill(event, entry)
        self._observer.tell(
            "billing.event",
            Weight.INFO if billed.is_applied or not billed.is_new else Weight.WARNING,
            kind=event.kind,
            provider=event.provider,
            user=event.user_id,
            is_new=billed.is_new,
            is_applied=billed.is_applied,
        )
        return billed

    async def record(
        self,
        user_id: str,
        kind: BillingKind,
        reference: str,
        deed: Deed,
        *,
        plan: str | None = None,
        days: int | None = None,
        refunds: str | None = None,
    ) -> Billed:
        """The same, told by staff for the provider of this service."""
        event = BillingEvent(
            self._billing.provider,
            reference,
            kind,
            user_id,
            self._clock.now(),
            plan,
            days,
            refunds,
        )
        return await self.bill(event, deed)

    async def billing(self, user_id: str, limit: int = 100) -> list[BillingShown]:
        """What was told of the account, the newest first."""
        return await self._store.events(user_id, limit)

    async def _change(
        self, user_id: str, step: Step, name: str, deed: Deed, now: datetime
    ) -> Subscription:
        entry = AuditEntry(now, deed.actor, name, user_id, {}, deed.address)
        new = await self._store.change(user_id, step, entry)
        self._observer.tell(name, user=user_id, plan=new.plan, state=new.state)
        return new
