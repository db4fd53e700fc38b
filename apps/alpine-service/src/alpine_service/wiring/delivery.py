"""Webhooks and the daily mail: who is told, by whom, and what is swept up behind them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from alpine_service.adapters.postgres.delivery_records import PostgresDeliveryRecords
from alpine_service.adapters.postgres.digests import PostgresDigests
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import CHANNEL as EVENTS
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.signal_store import PostgresSignals
from alpine_service.adapters.postgres.webhook_rows import CHANNEL as DELIVERIES
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.adapters.webhooks.sender import open_sender
from alpine_service.adapters.zones import SystemZones
from alpine_service.domain.delivery.target import TargetRules
from alpine_service.services.courier import Courier, CourierNeeds
from alpine_service.services.delivery_export import DeliveryExport
from alpine_service.services.digest import DigestNeeds, Digests
from alpine_service.services.fan_out import FanOut
from alpine_service.services.webhooks import WebhookNeeds, Webhooks
from alpine_service.tasks import Run
from alpine_service.wiring.ground import Ground


@frozen
class DeliveryRoom:
    """`webhooks` and `digests` are for the API; the latter and the others run in the background."""

    webhooks: Webhooks
    fan_out: FanOut
    carry: Run
    digests: Digests


def delivery_export_on(ground: Ground) -> DeliveryExport:
    """What somebody may take with them of webhooks and digests."""
    return DeliveryExport(PostgresWebhooks(ground.database), PostgresDigests(ground.database))


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
    digests = Digests(
        DigestNeeds(
            PostgresDigests(database),
            PostgresSignals(database),
            entitled,
            SystemZones(),
            clock,
            ground.chance,
            observer,
        ),
        ground.settings.public_url,
    )
    due, news = ground.wakeups.listen(DELIVERIES), ground.wakeups.listen(EVENTS)
    async with open_sender(clock, rules) as sender:
        courier = Courier(
            CourierNeeds(
                outbox,
                entitled,
                sender,
                ground.vault,
                clock,
                ground.chance,
                observer,
                ground.tracing.tracer,
            )
        )
        yield DeliveryRoom(
            webhooks=Webhooks(needs, rules),
            digests=digests,
            fan_out=FanOut(outbox, events, entitled, clock, observer, news),
            carry=lambda: courier.run(due),
        )
