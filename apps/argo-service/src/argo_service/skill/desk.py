"""Skill for whoever asks the service: the log is read on, and skill told anew when it changed."""

import asyncio
from contextlib import suppress
from typing import Final

from attrs import frozen

from argo_core.ports import Clock
from argo_core.signals.skill.judged_log import Track
from argo_service.parts import Entries
from argo_service.skill.beside import Beside
from argo_service.skill.reading import Reading
from argo_service.skill.told import SpentSoFar, ToldSkill, nothing_spent, tell

PATIENCE_S: Final = 5.0
"""So long an answer waits for the log to be read; then it tells what was read by then."""

_RENEW_S: Final = 60.0
# Telling takes at most a tenth of one processor, however often it is asked for.
_REST: Final = 10


_Mark = tuple[object, ...]


@frozen
class _Kept:
    """What was told, of what, when, and how long that took; seconds of the monotonic clock."""

    told: ToldSkill
    mark: _Mark
    at_s: float
    took_s: float


class SkillDesk:
    """One for each service; call `close` at its end. `beside` is for whoever shows signals."""

    def __init__(self, log: Entries, clock: Clock, spent: SpentSoFar = nothing_spent) -> None:
        self._reading = Reading(log)
        self.beside = Beside(self._reading, clock)
        self._clock = clock
        self._spent = spent
        self._going_on: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._telling: dict[str, asyncio.Task[ToldSkill]] = {}
        self._kept: dict[str, _Kept] = {}

    @property
    def read(self) -> int:
        """How many of the log's entries were read."""
        return self._reading.size

    @property
    def strategies(self) -> tuple[str, ...]:
        """All strategies, the one that registered last at the end."""
        return self._reading.strategies

    async def read_on(self, size: int) -> None:
        """Read the log's first `size` entries, as far as that is done soon; the rest goes on.

        Raises:
            LogError: the log cannot be read.
        """
        if self._reading.size >= size:
            return
        if self._going_on is None or self._going_on.done():
            self._going_on = asyncio.create_task(self._reading.go_on(size), name="skill")
        with suppress(TimeoutError):
            async with self._clock.timeout(PATIENCE_S):
                # Whoever hangs up must not stop what others wait for.
                await asyncio.shield(self._going_on)

    async def tell(self, strategy: str) -> ToldSkill:
        """The skill of that strategy's sources; what was told before, if telling anew takes long.

        Raises:
            InvalidInput: there is none of that name.
        """
        track = await self._reading.track(strategy)
        kept = self._kept.get(strategy)
        if kept is not None and not self._outdated(kept, track):
            return kept.told
        telling = self._telling.get(strategy)
        if telling is None or telling.done():
            telling = asyncio.create_task(self._tell(strategy, track), name=f"skill of {strategy}")
            self._telling[strategy] = telling
        if kept is None:
            return await asyncio.shield(telling)
        with suppress(TimeoutError):
            async with self._clock.timeout(PATIENCE_S):
                return await asyncio.shield(telling)
        return kept.told

    async def close(self) -> None:
        """Stop reading and telling."""
        await self.beside.close()
        tasks = [one for one in (self._going_on, *self._telling.values()) if one is not None]
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell(self, strategy: str, track: Track) -> ToldSkill:
        # Two at a time would take twice as long each.
        async with self._turn:
            began_s = self._clock.monotonic()
            told = await asyncio.to_thread(tell, strategy, track, self._spent)
            now_s = self._clock.monotonic()
        self._kept[strategy] = _Kept(told, _mark(track), now_s, now_s - began_s)
        return told

    def _outdated(self, kept: _Kept, track: Track) -> bool:
        age_s = self._clock.monotonic() - kept.at_s
        changed = kept.mark != _mark(track)
        return age_s >= _RENEW_S or (changed and age_s >= _REST * kept.took_s)


def _mark(track: Track) -> _Mark:
    """What is told anew when it changes."""
    return track.signals, track.void, track.unmoved, track.waiting, track.weights
