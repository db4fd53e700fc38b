"""Time's part in subscriptions: trials, graces and periods end when they end."""

from attrs import frozen

from alpine_service.domain.plans.use import KEPT_DAYS
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock
from alpine_service.ports.plans import KeyStore, SubscriptionStore, UsageStore

# A subscription that began since the last look is found after so long at the latest.
LOOK_EVERY_S = 60.0
AT_ONCE = 100
_SWEEP_EVERY_S = 3_600.0


@frozen
class Renewals:
    """Catches up with whatever time has changed, also while nobody was looking.

    What somebody may have does not wait for it: an entitlement ends by its own end.
    """

    _store: SubscriptionStore
    _keys: KeyStore
    _usage: UsageStore
    _clock: Clock
    _observer: Observer

    async def run(self) -> None:
        """Until cancelled.

        Raises:
            Unavailable: the database is away; run again, nothing is lost.
        """
        sweep_at = self._clock.monotonic()
        while True:
            wait_s = await self.settle()
            if self._clock.monotonic() >= sweep_at:
                sweep_at = self._clock.monotonic() + _SWEEP_EVERY_S
                await self.sweep()
            await self._clock.sleep(wait_s)

    async def settle(self) -> float:
        """Bring up to date what is due now; the seconds until it is worth while to look again."""
        while True:
            settled = await self._store.settle(self._clock.now(), AT_ONCE)
            if settled.count:
                self._observer.tell("subscription.settled", count=settled.count)
            if settled.count < AT_ONCE:
                break
        if settled.next_due is None:
            return LOOK_EVERY_S
        wait_s = (settled.next_due - self._clock.now()).total_seconds()
        # Somebody else may hold what is due, so it is asked again in a moment and not at once.
        return min(LOOK_EVERY_S, max(1.0, wait_s))

    async def sweep(self) -> None:
        """Delete keys that have long been dead, and old counts."""
        now = self._clock.now()
        before = now.date().fromordinal(now.date().toordinal() - KEPT_DAYS)
        while await self._keys.sweep(now) or await self._usage.sweep(before):
            await self._clock.sleep(0)
