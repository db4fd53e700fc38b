"""Background tasks: each has an owner here, starts again when what it needs was away, and is ended.

A task that fails for a reason that waiting may cure is started again with back-off. One that fails
otherwise is a mistake of ours: it is told with its place in the code, and started again as well,
because the other tasks and the API are of use without it; health shows it.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from attrs import define

from alpine_service.errors import Unavailable
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
# What was away is asked for often enough that everything goes on within seconds of its return,
# however often it went away before: asking costs little.
LONGEST_AWAY_S = 5.0
# A task that ran for so long before it failed has earned a short wait again.
STEADY_S = 60.0
GOODBYE_S = 3.0

Run = Callable[[], Awaitable[None]]


@define
class TaskState:
    """How one task fares: `failures` in a row, what the last one was, and since when it runs.

    `since` is in seconds of the monotonic clock, and None while it waits to be started again.
    """

    name: str
    failures: int = 0
    problem: str | None = None
    since: float | None = None

    def is_well(self, now: float) -> bool:
        """Whether it runs, and has not failed or runs steadily again."""
        return self.since is not None and (self.failures == 0 or now - self.since >= STEADY_S)


class Tasks:
    """Keeps background tasks running while its block is open."""

    def __init__(self, clock: Clock, observer: Observer, goodbye_s: float = GOODBYE_S) -> None:
        self._clock = clock
        self._goodbye_s = goodbye_s
        self._observer = observer
        self._states: dict[str, TaskState] = {}

    @property
    def states(self) -> tuple[TaskState, ...]:
        """All tasks, for health."""
        return tuple(self._states.values())

    @asynccontextmanager
    async def running(self, runs: Mapping[str, Run]) -> AsyncIterator[None]:
        """Run them until the block is left; then they are cancelled and waited for."""
        tasks = [
            asyncio.create_task(self._keep(name, run), name=name) for name, run in runs.items()
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=self._goodbye_s)
                for task in late:
                    self._observer.tell("task.stuck", Weight.WARNING, task=task.get_name())

    async def _keep(self, name: str, run: Run) -> None:
        state = self._states.setdefault(name, TaskState(name))
        while True:
            state.since = began = self._clock.monotonic()
            longest = LONGEST_WAIT_S
            try:
                await run()
            except Unavailable as error:
                longest = LONGEST_AWAY_S
                self._failed(state, began, str(error), Weight.WARNING)
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                # The message of an unknown error may quote a value, so only its kind and place.
                place = traceback.extract_tb(error.__traceback__)[-1]
                said = f"{type(error).__name__} in {place.name}, line {place.lineno}"
                self._failed(state, began, said, Weight.ALERT)
            else:
                self._failed(state, began, "it ended by itself", Weight.ALERT)
            wait = min(longest, FIRST_WAIT_S * 2 ** min(state.failures - 1, 10))
            await self._clock.sleep(wait)

    def _failed(self, state: TaskState, began: float, problem: str, weight: Weight) -> None:
        was_steady = self._clock.monotonic() - began >= STEADY_S
        state.failures = 1 if was_steady else state.failures + 1
        state.problem, state.since = problem, None
        self._observer.tell("task.failed", weight, task=state.name, problem=problem)
