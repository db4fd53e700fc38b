"""A server of our own that is started again whenever it dies, on the same port and data.

Whoever reaches it by its URL goes on as with any database that was away for a moment.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define, frozen

from alpine_service.adapters.postgres.launcher import Server, embedded_server
from alpine_service.errors import NoServer
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock


@frozen
class KeepPolicy:
    """How a death is noticed and answered; times are in seconds.

    The first start comes at once, the others after waits that double. A server that ran for
    `steady_s` has earned a short wait again. After `tries` starts in vain nobody tries any more.
    """

    look_every_s: float = 0.2
    first_wait_s: float = 0.5
    longest_wait_s: float = 30.0
    steady_s: float = 60.0
    tries: int = 5

    def wait_s(self, number: int) -> float:
        """Before the start of that number in a row, counted from 0."""
        if number == 0:
            return 0.0
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** (number - 1))


KEEP_POLICY = KeepPolicy()


@define(eq=False)
class KeptServer:
    """The server as it runs now; `run` keeps it running."""

    server: Server
    _folder: Path
    _running: AsyncExitStack
    _policy: KeepPolicy

    async def run(self, clock: Clock, observer: Observer) -> None:
        """Start it again whenever it dies, until cancelled.

        Raises:
            NoServer: it does not come up any more.
        """
        quick_deaths = 0
        while True:
            began = clock.monotonic()
            while not self.server.has_ended():
                await clock.sleep(self._policy.look_every_s)
            is_steady = clock.monotonic() - began >= self._policy.steady_s
            quick_deaths = 0 if is_steady else quick_deaths + 1
            observer.tell("database.died", Weight.ALERT)
            await clock.sleep(self._policy.wait_s(max(0, quick_deaths - 1)))
            died_at = clock.monotonic()
            await self._start_again(clock, observer)
            seconds = round(clock.monotonic() - died_at, 3)
            observer.tell("database.started_again", Weight.WARNING, seconds=seconds)

    async def _start_again(self, clock: Clock, observer: Observer) -> None:
        port = self.server.port
        await self._running.aclose()
        for number in range(self._policy.tries):
            await clock.sleep(self._policy.wait_s(number))
            try:
                block = embedded_server(self._folder, port=port)
                self.server = await self._running.enter_async_context(block)
            except NoServer as error:
                observer.tell("database.does_not_start", Weight.ALERT, problem=str(error))
                failure = error
            else:
                return
        raise failure


@asynccontextmanager
async def kept_server(folder: Path, policy: KeepPolicy = KEEP_POLICY) -> AsyncIterator[KeptServer]:
    """A server with its data in `folder`, ended when the block is left, whichever it is by then.

    Whoever runs it lets `run` work, and ends it before the block is left.

    Raises:
        NoServer: none can be had, or another process has the folder.
    """
    async with AsyncExitStack() as running:
        server = await running.enter_async_context(embedded_server(folder))
        yield KeptServer(server, folder, running, policy)
