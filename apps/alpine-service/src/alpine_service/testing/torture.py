"""Processes that are killed at moments which a seed decides, and started again.

Whoever is killed has no time to tidy up; whatever it had promised before has to hold afterwards.
"""

import asyncio
import signal
import subprocess
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from threading import RLock
from typing import Protocol

from attrs import field, frozen, mutable

_LOOK_EVERY_S = 0.05
# One blow in four falls on whoever has hardly begun; a start takes about a second.
_EARLY_S = 1.5
# The others come when work is seen to be done, within the time that a few steps of it take.
_AT_WORK_S = 0.8


@frozen
class Blow:
    """So many seconds after the one before these are killed, or after they were seen at work."""

    after_s: float
    at_work: bool
    victims: frozenset[str]


class Victim(Protocol):
    """Somebody who may be killed and started again; both block."""

    def start(self) -> object: ...

    def kill(self) -> None: ...


def blows(seed: int, count: int, names: Sequence[str]) -> Iterator[Blow]:
    """As many blows as `count`, the same ones for the same seed."""
    chance = Random(seed)  # noqa: S311 - it has to come again
    for _ in range(count):
        together = chance.choice((1, 1, 1, len(names)))
        victims = frozenset(chance.sample(list(names), together))
        at_work = chance.random() >= 1 / 4
        latest = _AT_WORK_S if at_work else _EARLY_S
        yield Blow(chance.uniform(0, latest), at_work, victims)


@mutable
class Process:
    """A program that is started again when it ends by itself, as a service manager would."""

    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    log: Path
    ended_by_itself: list[int] = field(factory=list, init=False)
    """Its exit codes, other than those of kills."""
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _turn: RLock = field(factory=RLock, init=False, repr=False)

    @property
    def exit_code(self) -> int | None:
        """How it ended by itself; None while it runs."""
        return None if self._running is None else self._running.poll()

    def start(self) -> None:
        """Start it; it may take a while until it is of any use."""
        with self._turn, self.log.open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 - our own words
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        with self._turn:
            if self._running is not None:
                self._running.kill()
                self._running.wait()
                self._running = None

    def send(self, how: signal.Signals) -> None:
        """Send it a signal, and go on."""
        with self._turn:
            if self._running is not None:
                self._running.send_signal(how)

    def end(self, how: signal.Signals, within_s: float = 10.0) -> int | None:
        """Send it a signal and wait for its end; its exit code, None if it takes too long."""
        with self._turn:
            running, self._running = self._running, None
        if running is None:
            return None
        running.send_signal(how)
        try:
            return running.wait(within_s)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()
            return None

    def tend(self) -> None:
        """Start it again if it has ended by itself."""
        with self._turn:
            if self._running is not None and self._running.poll() is not None:
                self.ended_by_itself.append(self._running.returncode)
                self.start()


@asynccontextmanager
async def running(*processes: Process) -> AsyncIterator[None]:
    """Start them, and leave none behind."""
    try:
        for one in processes:
            await asyncio.to_thread(one.start)
        yield
    finally:
        for one in processes:
            await asyncio.to_thread(one.kill)


async def torture(
    victims: Mapping[str, Victim],
    plan: Iterable[Blow],
    settle: Callable[[int], Awaitable[None]],
    *,
    settle_every: int,
    at_work: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Kill as planned; after every so many blows `settle` waits for calm and checks what must hold.

    It is given the number of blows so far; an error of it ends the torture. `at_work` returns once
    it has seen something done after it was called.
    """
    number, done = 0, asyncio.Event()
    processes = [one for one in victims.values() if isinstance(one, Process)]
    tending = asyncio.create_task(_tend(processes, done))
    try:
        for number, blow in enumerate(plan, 1):
            if blow.at_work and at_work is not None:
                await at_work()
            await asyncio.sleep(blow.after_s)  # noqa: TID251 - processes take real time
            struck = [victims[name] for name in sorted(blow.victims)]
            # All are dead before the first is started again.
            await asyncio.gather(*(asyncio.to_thread(one.kill) for one in struck))
            await asyncio.gather(*(asyncio.to_thread(one.start) for one in struck))
            if number % settle_every == 0:
                await settle(number)
        await settle(number)
    finally:
        done.set()
        await tending


async def until(holds: Callable[[], Awaitable[bool]], within_s: float, what: str) -> None:
    """Wait until it holds, looking again and again.

    Raises:
        AssertionError: it took longer; with the words of `what`.
    """
    try:
        async with asyncio.timeout(within_s):
            # Other processes have no event of ours to set.
            while not await holds():  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_EVERY_S)  # noqa: TID251 - processes take real time
    except TimeoutError:
        raise AssertionError(f"not within {within_s:g} s: {what}") from None


async def _tend(processes: Sequence[Process], done: asyncio.Event) -> None:
    while not done.is_set():
        for one in processes:
            await asyncio.to_thread(one.tend)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await done.wait()
