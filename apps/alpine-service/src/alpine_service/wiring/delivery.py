"""Webhooks: who is told, by whom, and what is swept up behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import CHANNEL as EVENTS
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.webhook_rows import CHANNEL as DELIVERIES
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.adapters.webhooks.sender import open_sender
from alpine_service.domain.delivery.target import TargetRules
from alpine_service.services.courier import Courier, CourierNeeds
from alpine_service.services.fan_out import FanOut
from alpine_service.services.webhooks import WebhookNeeds, Webhooks
from alpine_service.tasks import Run
from alpine_service.wiring.ground import Ground


@frozen
class DeliveryRoom:
    """`webhooks` is for the API; the others run in the background."""

    webhooks: Webhooks
    fan_out: FanOut
    carry: Run


@asynccontextmanager
async def delivery_room(ground: Ground) -> AsyncIterator[DeliveryRoom]:
    """Everything about webhooks, with connections of its own to the receivers."""
    database, clock, observer = ground.database, ground.clock, ground.observer
    rules = TargetRules(own_network=ground.settings.private_webhooks)
    events = EventStore(database)
    outbox = PostgresOutbox(database, ground.settings.public_url)
    entitled = Entitlements(database)
    needs = WebhookNeeds(
        PostgresWebhooks(database),
        PostgresDeliveryRecords(database),
        events,
        ground.vault,
        clock,
        ground.chance,
    )
    due, news = ground.wakeups.listen(DELIVERIES), ground.wakeups.listen(EVENTS)
    async with open_sender(clock, rules) as sender:
        courier = Courier(
            CourierNeeds(outbox, entitled, sender, ground.vault, clock, ground.chance, observer)
        )
        yield DeliveryRoom(
            webhooks=Webhooks(needs, rules),
            fan_out=FanOut(outbox, events, entitled, clock, observer, news),
            carry=lambda: courier.run(due),
        )
