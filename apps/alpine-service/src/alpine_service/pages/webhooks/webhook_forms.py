"""What the forms of webhooks send, and what it means."""

import re
from datetime import UTC, datetime

from attrs import field, frozen

from alpine_service.api.webhook_bodies import WebhookBody
from alpine_service.domain.delivery.webhook import check_filters
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.domain.signals.event import EventKind
from alpine_service.errors import InvalidInput

_BETWEEN = re.compile(r"[\s,;]+")


@frozen
class WritingWebhook:
    """Where to and what of; where nothing is chosen or named, all of it is meant.

    `symbols` and `strategies` are names with commas or blanks between them.
    """

    url: str = field(default="", repr=False)
    description: str = ""
    kinds: tuple[str, ...] = ()
    symbols: str = ""
    strategies: str = ""


@frozen
class RecoveringSince:
    """From when on, as a browser writes a time without a zone; UTC is meant."""

    since: str


def written(webhook: WebhookBody) -> WritingWebhook:
    """A webhook as its form shows it."""
    return WritingWebhook(
        webhook.url,
        webhook.description,
        tuple(webhook.kinds),
        ", ".join(webhook.symbols),
        ", ".join(webhook.strategies),
    )


def filters_of(asked: WritingWebhook) -> Filters:
    """What is asked to be told of.

    Raises:
        InvalidInput: there can be no such kind or name, or there are too many.
    """
    kinds = [_kind(each) for each in asked.kinds]
    return check_filters(kinds, _names(asked.symbols.upper()), _names(asked.strategies))


def since_of(asked: RecoveringSince) -> datetime:
    """The time that was written.

    Raises:
        InvalidInput: it is none.
    """
    try:
        moment = datetime.fromisoformat(asked.since)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None:
        raise InvalidInput("since", "it is not a time", "give one such as 2026-03-02T12:00")
    return moment.replace(tzinfo=UTC)


def _kind(text: str) -> EventKind:
    try:
        return EventKind(text)
    except ValueError:
        raise InvalidInput("kinds", "there is no such kind", "use the form as it is") from None


def _names(text: str) -> list[str]:
    return [each for each in _BETWEEN.split(text) if each]
