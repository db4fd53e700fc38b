"""Which events an endpoint is told of."""

from collections.abc import Iterable, Mapping, Sequence

from attrs import frozen

from alpine_service.domain.delivery.message import message_id
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.signals.event import Audience, Event, EventKind


@frozen
class Filters:
    """What the owner wants to hear of; an empty set means everything."""

    kinds: frozenset[EventKind] = frozenset()
    symbols: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()

    def want(self, event: Event) -> bool:
        """Whether it is to be told; one that has no symbol is wanted only where all are."""
        return (
            (not self.kinds or event.kind in self.kinds)
            and (not self.symbols or event.symbol in self.symbols)
            and (not self.strategies or event.strategy in self.strategies)
        )


@frozen
class Listener:
    """What choosing must know of an endpoint. `after` is the last event before its time."""

    endpoint_id: str
    user_id: str
    filters: Filters
    after: int


@frozen
class NewDelivery:
    """One event that one endpoint is to be told of."""

    id: str
    endpoint_id: str
    event_number: int


def may_be_told(entitlement: Entitlement, audience: Audience) -> bool:
    """Whether a plan has webhooks, and events for that audience."""
    return Channel.WEBHOOKS in entitlement.channels and (
        entitlement.is_realtime or audience is Audience.EVERYBODY
    )


def choose(
    events: Sequence[Event],
    listeners: Iterable[Listener],
    entitlements: Mapping[str, Entitlement],
) -> list[NewDelivery]:
    """Every pair of an event and an endpoint that wants it, and whose owner may have it.

    Of an owner's endpoints, which come oldest first, only as many count as the plan has.
    """
    chosen: list[NewDelivery] = []
    counts: dict[str, int] = {}
    for listener in listeners:
        entitlement = entitlements.get(listener.user_id)
        counts[listener.user_id] = counts.get(listener.user_id, 0) + 1
        if entitlement is None or counts[listener.user_id] > entitlement.endpoints:
            continue
        chosen.extend(
            NewDelivery(
                message_id(listener.endpoint_id, event.id), listener.endpoint_id, event.number
            )
            for event in events
            if event.number > listener.after
            and may_be_told(entitlement, event.audience)
            and listener.filters.want(event)
        )
    return chosen
