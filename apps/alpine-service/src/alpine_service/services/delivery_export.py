"""What somebody may take with them of their webhooks and their daily mail."""

from typing import Any

from attrs import asdict, frozen

from alpine_service.domain.delivery.digest import DigestWish
from alpine_service.ports.digests import DigestStore
from alpine_service.ports.webhooks import WebhookStore


@frozen
class DeliveryExport:
    """Keeps the port `Exporter`; webhooks are without their secrets."""

    _webhooks: WebhookStore
    _digests: DigestStore
    name: str = "delivery"

    async def export(self, user_id: str) -> Any:
        webhooks = await self._webhooks.of_user(user_id)
        wish = await self._digests.wish(user_id) or DigestWish()
        shown = [asdict(each, value_serializer=_plain) for each in webhooks]
        return {"webhooks": shown, "digest": asdict(wish)}


def _plain(_owner: object, _field: object, value: Any) -> Any:
    """Sets as lists, in an order that is the same each time."""
    return sorted(value) if isinstance(value, frozenset) else value
