"""Tasks that ask beside the cycle: one for each key, owned here, backing off after failures."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from argo_core.engine.ended import ended
from argo_core.ports import Clock
from argo_core.resilience.flights import Flights, Landing, Lead, Ticket

Key = TypeVar("Key", bound=Hashable)


class SingleFlight(Generic[Key]):
    """Lets the machine `Flights` fly: tasks with a strong reference here, ended by `stop`.

    Back-off follows `Clock.now`, so that a recording played again fails and recovers alike.
    """

    def __init__(
        self, clock: Clock, chance: Callable[[], float], flights: Flights[Key] | None = None
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._flights = flights or Flights()
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    @property
    def busy(self) -> frozenset[Key]:
        """Keys whose job is still under way."""
        return frozenset(self._tasks)

    def launch(self, key: Key, job: Callable[[], Awaitable[bool]]) -> bool:
        """Begin `job` beside everything else; False while one flies or a failure is too recent.

        The job returns whether it was answered, and has dealt with its own errors.
        """
        step = self._flights.join(key, 0, self._clock.now().timestamp(), background=True)
        if not isinstance(step, Lead):
            return False
        self._tasks[key] = asyncio.create_task(self._fly(step.ticket, job), name=f"ask {key}")
        return True

    async def landed(self) -> None:
        """Wait until all that is under way has landed; giving up waiting harms none of it."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks.values()))

    async def stop(self) -> None:
        """Cancel what is under way and wait for it to end, though not for one that will not."""
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await ended(tasks, self._clock)

    async def _fly(self, ticket: Ticket[Key], job: Callable[[], Awaitable[bool]]) -> None:
        landing = Landing.CANCELLED
        try:
            landing = Landing.ANSWERED if await job() else Landing.FAILED
        finally:
            del self._tasks[ticket.key]
            now = self._clock.now().timestamp()
            self._flights.settle(ticket, landing, now, self._chance())
