"""What is asked and answered about webhooks."""

from datetime import UTC, datetime, timedelta

from attrs import field, frozen

from alpine_service.domain.delivery.endpoint import OffReason, State
from alpine_service.domain.delivery.errand import Attempt, Delivery, DeliveryState, EndReason
from alpine_service.domain.delivery.webhook import Webhook
from alpine_service.domain.signals.event import EventKind
from alpine_service.ports.webhooks import Place
from alpine_service.services.webhooks import MadeWebhook, NewSecret

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@frozen
class AddingWebhook:
    """Where to and what of; an empty list means everything."""

    url: str = field(repr=False)
    description: str = ""
    kinds: tuple[EventKind, ...] = ()
    symbols: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()


@frozen
class ChangingWebhook:
    """What is not there stays as it is."""

    url: str | None = field(default=None, repr=False)
    description: str | None = None
    kinds: tuple[EventKind, ...] | None = None
    symbols: tuple[str, ...] | None = None
    strategies: tuple[str, ...] | None = None
    is_on: bool | None = None


@frozen
class WebhookBody:
    """An endpoint. `failing_since` is the first failure after the last success."""

    id: str
    url: str = field(repr=False)
    description: str
    kinds: tuple[EventKind, ...]
    symbols: tuple[str, ...]
    strategies: tuple[str, ...]
    state: State
    reason: OffReason | None
    failing_since: datetime | None
    created_at: datetime


@frozen
class WebhookList:
    """Endpoints, the oldest first."""

    webhooks: tuple[WebhookBody, ...]


@frozen
class WebhookMade:
    """A new endpoint with its secret, which is shown now and never again."""

    secret: str = field(repr=False)
    webhook: WebhookBody


@frozen
class WebhookSecret:
    """A new secret, shown now and never again; until `old_until` the one before signs as well."""

    secret: str = field(repr=False)
    old_until: datetime


@frozen
class Recovering:
    """From when on."""

    since: datetime


@frozen
class RecoveredBody:
    """How many deliveries begin anew; where it is not complete, ask again."""

    deliveries: int
    is_complete: bool


@frozen
class WebhookTest:
    """The id of the test's delivery."""

    delivery_id: str


@frozen
class AttemptBody:
    """One attempt. `excerpt` is the beginning of the answer, `problem` why there was none."""

    number: int
    at: datetime
    took_ms: int
    status: int | None
    problem: str | None
    excerpt: str | None = field(repr=False)


@frozen
class DeliveryBody:
    """One delivery, with its newest attempts, the last one first. `due_at` is the next one."""

    id: str
    webhook_id: str
    event: str | None
    kind: str
    state: DeliveryState
    reason: EndReason | None
    attempt_count: int
    made_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    attempts: tuple[AttemptBody, ...]


@frozen
class DeliveryPage:
    """Deliveries, the newest first; `next` is the cursor of the next page, if there may be one."""

    deliveries: tuple[DeliveryBody, ...]
    next: str | None


def webhook_body(webhook: Webhook) -> WebhookBody:
    filters, health = webhook.filters, webhook.health
    return WebhookBody(
        id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        kinds=tuple(sorted(filters.kinds)),
        symbols=tuple(sorted(filters.symbols)),
        strategies=tuple(sorted(filters.strategies)),
        state=health.state,
        reason=health.reason,
        failing_since=health.failing_since,
        created_at=webhook.created_at,
    )


def made_body(made: MadeWebhook) -> WebhookMade:
    return WebhookMade(made.secret, webhook_body(made.webhook))


def secret_body(new: NewSecret) -> WebhookSecret:
    return WebhookSecret(new.secret, new.old_until)


def page_body(deliveries: list[Delivery], limit: int, *, with_excerpts: bool) -> DeliveryPage:
    """A page; what receivers answered is for their owners only."""
    more = _cursor(deliveries[-1]) if len(deliveries) == limit else None
    return DeliveryPage(tuple(_delivery(each, with_excerpts) for each in deliveries), more)


def place_of(cursor: str) -> Place:
    """The place that a cursor names, which must be one of ours."""
    made_us, _, delivery_id = cursor.partition("_")
    return Place(_EPOCH + timedelta(microseconds=int(made_us)), delivery_id)


def _cursor(delivery: Delivery) -> str:
    return f"{(delivery.made_at - _EPOCH) // timedelta(microseconds=1)}_{delivery.id}"


def _delivery(delivery: Delivery, with_excerpts: bool) -> DeliveryBody:
    number = delivery.event_number
    return DeliveryBody(
        id=delivery.id,
        webhook_id=delivery.endpoint_id,
        event=None if number is None else f"evt_{number}",
        kind=delivery.kind,
        state=delivery.state,
        reason=delivery.reason,
        attempt_count=delivery.attempt_count,
        made_at=delivery.made_at,
        due_at=delivery.due_at,
        ended_at=delivery.ended_at,
        attempts=tuple(_attempt(each, with_excerpts) for each in delivery.attempts),
    )


def _attempt(attempt: Attempt, with_excerpts: bool) -> AttemptBody:
    return AttemptBody(
        attempt.number,
        attempt.at,
        attempt.took_ms,
        attempt.status,
        attempt.problem,
        attempt.excerpt if with_excerpts else None,
    )
