"""Makes one delivery for each event and each endpoint that wants it."""

from attrs import frozen

from alpine_service.domain.delivery.wishes import choose
from alpine_service.ports.events import Events, Wakeup
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Clock
from alpine_service.ports.webhooks import Entitled, Outbox


@frozen
class FanOutPolicy:
    """How many events and pairs of event and endpoint are looked at in one go, and how often."""

    events: int = 500
    pairs: int = 20_000
    poll_s: float = 2.0


class FanOut:
    """Follows the stream of events; of several only one goes on at a time, whichever."""

    def __init__(  # noqa: PLR0917 - each is another thing from outside
        self,
        outbox: Outbox,
        events: Events,
        entitled: Entitled,
        clock: Clock,
        observer: Observer,
        wakeup: Wakeup,
        policy: FanOutPolicy = FanOutPolicy(),
    ) -> None:
        self._outbox = outbox
        self._events = events
        self._entitled = entitled
        self._clock = clock
        self._observer = observer
        self._wakeup = wakeup
        self._policy = policy

    async def run(self) -> None:
        """Make deliveries until cancelled.

        Raises:
            DatabaseAway: try again; nothing is lost.
        """
        while True:
            if not await self.turn():
                await self._wakeup.wait(self._policy.poll_s)

    async def turn(self) -> int:
        """Go on by some events; how many, 0 when there was none or another was faster."""
        told = await self._outbox.told()
        events = await self._events.after(told, self._policy.events)
        if not events:
            return 0
        # After the events: an endpoint that is not there yet was made after them, and is not told.
        listeners = await self._outbox.listeners()
        events = events[: max(1, self._policy.pairs // max(1, len(listeners)))]
        now = self._clock.now()
        owners = sorted({each.user_id for each in listeners})
        entitlements = await self._entitled.of(owners, now)
        chosen = choose(events, listeners, entitlements)
        made = await self._outbox.advance(told, events[-1].number, chosen, now)
        if made is None:
            return 0
        self._observer.tell("delivery.fanned_out", events=len(events), deliveries=made)
        return len(events)
