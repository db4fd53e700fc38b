"""What an owner takes along of webhooks and of the daily mail."""

import orjson

from alpine_service.domain.delivery.digest import DigestWish
from alpine_service.domain.delivery.endpoint import Health
from alpine_service.domain.delivery.webhook import Webhook
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.services.delivery_export import DeliveryExport
from alpine_service.testing.fake_clock import BEGINNING


class OneWebhook:
    async def of_user(self, user_id: str) -> list[Webhook]:
        filters = Filters(symbols=frozenset({"MSFT", "AAPL"}))
        target = "https://receiver.example/hook"
        return [Webhook("whk_1", user_id, target, "mine", filters, Health(), BEGINNING)]


class OneWish:
    async def wish(self, user_id: str) -> DigestWish | None:
        return DigestWish(is_on=True) if user_id == "usr_1" else None


async def test_webhooks_and_wishes_are_plain_data_that_json_can_hold() -> None:
    exporter = DeliveryExport(OneWebhook(), OneWish())

    found = orjson.loads(orjson.dumps(await exporter.export("usr_1")))

    assert exporter.name == "delivery"
    (webhook,) = found["webhooks"]
    assert webhook["url"] == "https://receiver.example/hook"
    assert webhook["filters"]["symbols"] == ["AAPL", "MSFT"]
    assert "secret" not in str(webhook)
    assert found["digest"]["is_on"] is True


async def test_who_wished_nothing_takes_along_that_they_wish_nothing() -> None:
    found = await DeliveryExport(OneWebhook(), OneWish()).export("usr_2")

    assert found["digest"]["is_on"] is False
