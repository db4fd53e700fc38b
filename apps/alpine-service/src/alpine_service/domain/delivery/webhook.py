"""A webhook endpoint as its owner made it."""

import re
from collections.abc import Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from alpine_service.domain.delivery.endpoint import Happening, Health, State
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.domain.signals.event import EventKind
from alpine_service.errors import InvalidInput

LONGEST_DESCRIPTION = 200
# How many names each of its filters may have.
MOST_NAMES = 100
# As in entries of the log.
_SYMBOL = re.compile(r"[A-Z][A-Z0-9./]{0,15}")
_STRATEGY = re.compile(r"[a-z0-9][a-z0-9._-]{0,127}")


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
    kinds: frozenset[EventKind] | None = None
    symbols: frozenset[str] | None = None
    strategies: frozenset[str] | None = None
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
        filters=_changed_filters(webhook.filters, change),
        health=health,
    )


def _changed_filters(filters: Filters, change: Change) -> Filters:
    return Filters(
        filters.kinds if change.kinds is None else change.kinds,
        filters.symbols if change.symbols is None else change.symbols,
        filters.strategies if change.strategies is None else change.strategies,
    )


def check_description(text: str) -> str:
    """The description, if it is one.

    Raises:
        InvalidInput: it is too long, or has characters that cannot be read.
    """
    if len(text) > LONGEST_DESCRIPTION or not text.isprintable():
        fix = f"give at most {LONGEST_DESCRIPTION} printable characters"
        raise InvalidInput("description", "it is too long or unreadable", fix)
    return text


def check_filters(
    kinds: Sequence[EventKind], symbols: Sequence[str], strategies: Sequence[str]
) -> Filters:
    """The filters, if there can be events that they want.

    Raises:
        InvalidInput: a name is none of the log's, or there are too many.
    """
    for where, names, pattern in (
        ("symbols", symbols, _SYMBOL),
        ("strategies", strategies, _STRATEGY),
    ):
        if len(names) > MOST_NAMES:
            raise InvalidInput(where, "there are too many", f"give at most {MOST_NAMES}")
        if not all(pattern.fullmatch(name) for name in names):
            raise InvalidInput(where, "there can be no such name", "give names as signals have")
    return Filters(frozenset(kinds), frozenset(symbols), frozenset(strategies))
