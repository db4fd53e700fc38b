"""Skill for whoever asks the service: the log is read on, and skill told anew when it changed."""

import asyncio
from contextlib import suppress
from typing import Final

from attrs import frozen

from argo_core.ports import Clock
from argo_core.signals.skill.judged_log import Track
from argo_service.parts import Entries
from argo_service.skill.reading import Reading
from argo_service.skill.told import SpentSoFar, ToldSkill, nothing_spent, tell

PATIENCE_S: Final = 5.0
"""So long an answer waits for the log to be read; then it tells what was read by then."""

_RENEW_S: Final = 60.0
# Telling takes at most a tenth of one processor, however often it is asked for.
_REST: Final = 10


@frozen
class _Kept:
    track: Track
    told: ToldSkill
    at_s: float
    took_s: float


class SkillDesk:
    """One for each service; call `close` at its end."""

    def __init__(self, log: Entries, clock: Clock, spent: SpentSoFar = nothing_spent) -> None:
        self._reading = Reading(log)
        self._clock = clock
        self._spent = spent
        self._going_on: asyncio.Task[None] | None = None
        self._telling = asyncio.Lock()
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
        """The skill of that strategy's sources.

        Raises:
            InvalidInput: there is none of that name.
        """
        track = await self._reading.track(strategy)
        # Two at a time would take twice as long each.
        async with self._telling:
            kept = self._kept.get(strategy)
            if kept is not None and not self._outdated(kept, track):
                return kept.told
            began_s = self._clock.monotonic()
            told = await asyncio.to_thread(tell, strategy, track, self._spent)
            now_s = self._clock.monotonic()
            self._kept[strategy] = _Kept(track, told, now_s, now_s - began_s)
            return told

    async def close(self) -> None:
        """Stop reading."""
        if self._going_on is not None:
            self._going_on.cancel()
            await asyncio.gather(self._going_on, return_exceptions=True)

    def _outdated(self, kept: _Kept, track: Track) -> bool:
        age_s = self._clock.monotonic() - kept.at_s
        changed = (track.signals, track.void, track.unmoved, track.waiting, track.weights) != (
            kept.track.signals,
            kept.track.void,
            kept.track.unmoved,
            kept.track.waiting,
            kept.track.weights,
        )
        return age_s >= _RENEW_S or (changed and age_s >= _REST * kept.took_s)
