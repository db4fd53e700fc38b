"""Past events as they are answered."""

from collections.abc import Mapping

import orjson
from attrs import field, frozen

from alpine_service.domain.signals.event import Event, EventKind


@frozen
class EventBody:
    """Something that happened; the stream and webhooks tell the same under the same `id`."""

    id: str = field(metadata={"example": "evt_41"})
    number: int = field(metadata={"meaning": "Its place in the stream: 1, 2, 3 without a gap."})
    type: EventKind
    at_us: int = field(metadata={"meaning": "When we accepted it, in microseconds since 1970."})
    data: Mapping[str, str | int | None]


@frozen
class EventPage:
    """Events in their order."""

    events: tuple[EventBody, ...]
    next: int = field(metadata={"meaning": "Give it as `since` to go on, now or later."})


def event_of(event: Event) -> EventBody:
    return EventBody(event.id, event.number, event.kind, event.at_us, orjson.loads(event.data))
