"""A webhook endpoint as its owner made it."""

from datetime import datetime

from attrs import evolve, field, frozen

from alpine_service.domain.delivery.endpoint import Happening, Health, State
from alpine_service.domain.delivery.wishes import Filters

LONGEST_DESCRIPTION = 200
# How many names each of its filters may have.
MOST_NAMES = 100


@frozen
class Webhook:
    """Where to, what of, and how it is. The URL may have a secret of the receiver's in it."""

    id: str
    user_id: str
    url: str = field(repr=False)
    description: str
    filters: Filters
    health: Health
    created_at: datetime


@frozen
class Change:
    """What an owner changes; None leaves it."""

    url: str | None = field(default=None, repr=False)
    description: str | None = None
    filters: Filters | None = None
    is_on: bool | None = None


def changed(webhook: Webhook, change: Change, now: datetime) -> Webhook:
    """The endpoint after it; turning on what is on, or off what is off, changes nothing."""
    health = webhook.health
    if change.url is not None and change.url != webhook.url:
        health = health.moved()
    if change.is_on is not None and change.is_on != (health.state is not State.OFF):
        health = health.after(Happening.TURNED_ON if change.is_on else Happening.TURNED_OFF, now)
    return evolve(
        webhook,
        url=webhook.url if change.url is None else change.url,
        description=webhook.description if change.description is None else change.description,
        filters=change.filters or webhook.filters,
        health=health,
    )
