"""Events, endpoints and plans for tests of delivery, put where they belong without a service."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import Factory, define

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.events import append_events
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.endpoint import Health
from alpine_service.domain.delivery.webhook import Webhook
from alpine_service.domain.delivery.wishes import Filters
from alpine_service.domain.signals.event import Audience, EventKind, NewEvent
from alpine_service.errors import DatabaseRefused
from alpine_service.ports.webhooks import Post
from alpine_service.testing.fake_clock import BEGINNING

BEGINNING_US = int(BEGINNING.timestamp()) * 1_000_000
_YEAR = timedelta(days=365)


def new_event(
    log_index: int,
    kind: EventKind = EventKind.SIGNAL_PUBLISHED,
    audience: Audience = Audience.EVERYBODY,
    *,
    symbol: str | None = "AAPL",
    strategy: str = "trend",
    at_us: int = BEGINNING_US,
) -> NewEvent:
    """What an entry at that index told."""
    data = b'{"log_index":%d}' % log_index
    return NewEvent(kind, audience, log_index, strategy, data, at_us, symbol, f"sig-{log_index}")


async def tell_events(database: Database, events: Sequence[NewEvent]) -> range:
    """Commit them; their numbers."""
    async with database.transaction() as connection:
        return await append_events(connection, events)


def webhook(
    webhook_id: str,
    user_id: str,
    *,
    url: str = "https://example.com/hook",
    filters: Filters | None = None,
    created_at: datetime = BEGINNING,
) -> Webhook:
    """An endpoint that is well."""
    return Webhook(webhook_id, user_id, url, "", filters or Filters(), Health(), created_at)


def deed(webhook_id: str, user_id: str = "usr_1", at: datetime = BEGINNING) -> AuditEntry:
    """An audit entry of something done to an endpoint."""
    return AuditEntry(at, user_id, "webhook.tested", webhook_id)


async def set_plan(database: Database, user_id: str, plan: str, at: datetime = BEGINNING) -> None:
    """Let the user have that plan for a year."""
    await database.execute(
        "INSERT INTO subscriptions (user_id, plan, state, until, paid_until, changed_at)"
        " VALUES ($1, $2, 'active', $4, $4, $3)"
        " ON CONFLICT (user_id) DO UPDATE SET plan = excluded.plan, until = excluded.until",
        user_id,
        plan,
        at,
        at + _YEAR,
    )


class FakeVault:
    """Seals by turning the secret round, and remembers for what."""

    def seal(self, secret: bytes, purpose: str) -> bytes:
        return purpose.encode() + b"|" + secret[::-1]

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        head = purpose.encode() + b"|"
        if not sealed.startswith(head):
            raise DatabaseRefused("a sealed secret is for another use")
        return sealed.removeprefix(head)[::-1]


@define
class FakeSender:
    """Keeps the port `Sender`; answers by URL, 200 where nothing else is said."""

    answers: Mapping[str, Answer] = Factory(dict)
    sent: list[Post] = Factory(list)

    async def send(self, post: Post) -> Answer:
        self.sent.append(post)
        return self.answers.get(post.url, Answer(0.01, 200))

    def ids(self) -> list[str]:
        """Of what was sent, in order."""
        return [post.headers["webhook-id"] for post in self.sent]
