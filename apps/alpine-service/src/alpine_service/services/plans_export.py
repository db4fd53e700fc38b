"""What somebody may take with them of their plan, keys and use."""

from datetime import date
from typing import Any

from attrs import asdict, frozen

from alpine_service.ports.plans import KeyStore, SubscriptionStore, UsageStore

_MOST_EVENTS = 1_000


@frozen
class PlansExport:
    """Keeps the port `Exporter`; keys are without what opens anything."""

    _subscriptions: SubscriptionStore
    _keys: KeyStore
    _usage: UsageStore
    name: str = "plans"

    async def export(self, user_id: str) -> Any:
        subscription = await self._subscriptions.get(user_id)
        return {
            "subscription": asdict(subscription) if subscription else None,
            "billing": [
                asdict(each) for each in await self._subscriptions.events(user_id, _MOST_EVENTS)
            ],
            "keys": [asdict(each) for each in await self._keys.of_user(user_id)],
            "usage": [asdict(each) for each in await self._usage.used(user_id, date.min)],
        }
