"""How many streams each account has open, and whether those who listen still may."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from attrs import Factory, define

from alpine_service.domain.accounts.principal import Principal
from alpine_service.errors import AlpineError, TooMany
from alpine_service.ports.outside import Clock

# How old what is known of a listener may be when it is told something.
CHECK_S = 5.0
# How often that is looked up, so that in good times nobody has to look when there is news.
_LOOK_EVERY_S = 4.0
# What a listener that is over the count should wait, in seconds.
_COME_BACK_S = 15.0

Look = Callable[[], Awaitable[Principal | None]]


@define(eq=False)
class Door:
    """What is known of a session or key, for all streams that were opened with it."""

    _clock: Clock
    _look: Look
    _seen: Principal | None
    _seen_at: float
    streams: int = 0

    async def who(self) -> Principal | None:
        """Whom it stands for, or stood for less than `CHECK_S` ago; None for nobody.

        Raises:
            AlpineError: it had to be looked up, and could not be.
        """
        if self._clock.monotonic() - self._seen_at >= CHECK_S:
            await self._look_up()
        return self._seen

    async def watch(self) -> None:
        """Look it up from time to time until cancelled.

        Looked up only when there is news, it would be looked up for all listeners at once, and the
        news would wait for that.
        """
        while True:
            await self._clock.sleep(_LOOK_EVERY_S)
            # Who asks has to look then, and is told why it cannot.
            with suppress(AlpineError):
                await self._look_up()

    async def _look_up(self) -> None:
        # Taken before the look, so that a slow answer does not make it last longer.
        begun = self._clock.monotonic()
        self._seen = await self._look()
        self._seen_at = begun


@define
class Listeners:
    """How many streams each account has open in this process."""

    open: Counter[str] = Factory(Counter)
    _doors: dict[str, Door] = Factory(dict)
    _watching: dict[str, asyncio.Task[None]] = Factory(dict)

    @asynccontextmanager
    async def listening(self, who: Principal, look: Look, clock: Clock) -> AsyncIterator[Door]:
        """Count one more stream for the block; `look` says anew for whom its session or key stands.

        Raises:
            TooMany: the plan does not have as many.
        """
        if self.open[who.user_id] >= who.entitlement.streams:
            raise TooMany("open streams", _COME_BACK_S)
        door = self._enter(who, look, clock)
        try:
            yield door
        finally:
            self._leave(who, door)

    def _enter(self, who: Principal, look: Look, clock: Clock) -> Door:
        self.open[who.user_id] += 1
        door = self._doors.get(who.means_id)
        if door is None:
            door = self._doors[who.means_id] = Door(clock, look, who, clock.monotonic())
            self._watching[who.means_id] = asyncio.create_task(door.watch())
        door.streams += 1
        return door

    def _leave(self, who: Principal, door: Door) -> None:
        self.open[who.user_id] -= 1
        if not self.open[who.user_id]:
            del self.open[who.user_id]
        door.streams -= 1
        if not door.streams:
            del self._doors[who.means_id]
            self._watching.pop(who.means_id).cancel()
