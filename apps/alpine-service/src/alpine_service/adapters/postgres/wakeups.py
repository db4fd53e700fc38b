"""NOTIFY as a wake-up: one connection that listens for everybody in this process."""

import asyncio
from collections import defaultdict

from attrs import Factory, define

from alpine_service.adapters.postgres.link import connected
from alpine_service.domain.rotating import Rotating
from alpine_service.ports.outside import Clock

# How long the connection is trusted before it is asked whether it still lives.
CHECK_S = 15.0


@define(eq=False)
class Hint:
    """One listener's hint; several that come before it looks are one."""

    _event: asyncio.Event = Factory(asyncio.Event)

    def give(self) -> None:
        self._event.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when a hint came since the last wait, or when so much time has passed."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._event.wait()
        except TimeoutError:
            return
        finally:
            self._event.clear()


class Wakeups:
    """Hands the notifications of a channel to whoever asked for them.

    While the connection is down hints are lost, which is why everybody who waits for one also looks
    from time to time; when it is back all are woken once.
    """

    def __init__(self, url: str | Rotating, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._hints: defaultdict[str, list[Hint]] = defaultdict(list)

    def listen(self, channel: str) -> Hint:
        """A hint for that channel; ask before `run`."""
        hint = Hint()
        self._hints[channel].append(hint)
        return hint

    async def run(self) -> None:
        """Listen until cancelled.

        Raises:
            DatabaseAway: the connection cannot be had, or broke.
        """
        async with connected(self._url, name="alpine-wakeups") as connection:
            for channel in self._hints:
                await connection.add_listener(channel, self._notified)
                self._wake(channel)
            while True:
                await self._clock.sleep(CHECK_S)
                await connection.fetchval("SELECT 1")

    def _notified(self, _connection: object, _pid: int, channel: str, _payload: object) -> None:
        self._wake(channel)

    def _wake(self, channel: str) -> None:
        for hint in self._hints[channel]:
            hint.give()
