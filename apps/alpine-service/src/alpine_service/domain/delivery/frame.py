"""An event on the wire of server-sent events, encoded once for all who listen."""

from attrs import field, frozen

from alpine_service.domain.signals.event import Audience, Event

# A comment, which listeners skip; it shows them, and what stands between, that we are there.
HEARTBEAT = b":\n\n"
# What a listener's client waits before it comes back, spread by itself; in milliseconds.
HELLO = b"retry: 3000\n\n"


@frozen
class Frame:
    """One event's bytes, and what decides who gets them."""

    number: int
    audience: Audience
    strategy: str
    symbol: str | None
    wire: bytes = field(repr=False)


@frozen
class Wish:
    """What a listener wants to hear of; empty sets mean everything."""

    audience: Audience
    symbols: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()

    def wants(self, frame: Frame) -> bool:
        """Whether the frame is for this listener."""
        return (
            frame.audience <= self.audience
            and (not self.symbols or frame.symbol in self.symbols)
            and (not self.strategies or frame.strategy in self.strategies)
        )


def frame_of(event: Event) -> Frame:
    """The event as `id`, `event` and one line of `data`, which is JSON and so has no line ends."""
    wire = b"id: %d\nevent: %s\ndata: %s\n\n" % (event.number, event.kind.encode(), event.data)
    return Frame(event.number, event.audience, event.strategy, event.symbol, wire)
