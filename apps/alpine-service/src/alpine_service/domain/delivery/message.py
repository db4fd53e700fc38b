"""What a webhook says, and the id that it keeps over all attempts."""

from datetime import UTC, datetime
from hashlib import sha256

from alpine_service.domain.accounts.tokens import make_id
from alpine_service.domain.signals.event import Event

TEST_KIND = "webhook.test"
_US = 1_000_000


def payload(kind: str, at_us: int, data: bytes) -> bytes:
    """The body: type, time and data of the event. `data` is JSON and goes in as it is.

    It depends on nothing but the event, so every attempt sends the same bytes.
    """
    seconds, rest = divmod(at_us, _US)
    at = f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:06}Z"
    return b'{"type":"%s","timestamp":"%s","data":%s}' % (kind.encode(), at.encode(), data)


def payload_of(event: Event) -> bytes:
    """The body that tells of that event."""
    return payload(event.kind, event.at_us, event.data)


def message_id(endpoint_id: str, event_id: str) -> str:
    """The id of what one endpoint is told of one event, however often it is made anew."""
    return make_id("msg", sha256(f"{endpoint_id}/{event_id}".encode()).digest())
