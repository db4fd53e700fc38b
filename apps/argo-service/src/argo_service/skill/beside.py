"""What confidences came to, for whoever shows signals: told at once, kept up in the background."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from attrs import frozen

from argo_core.consensus.opinion import STEPS
from argo_core.consensus.reasons import Direction
from argo_core.errors import ArgoError
from argo_core.market.moment import to_micros
from argo_core.ports import Clock
from argo_core.signals.calibration.calibration import Running
from argo_core.signals.signal import Signal
from argo_core.signals.skill.judged_log import Track
from argo_core.signals.skill.skill import confidence_so_far
from argo_service.skill.reading import Reading

# Keeping up takes at most a tenth of one processor, and no more than once in so many seconds.
_REST: Final = 10
_LEAST_S: Final = 5.0
_LOGGER: Final = logging.getLogger("argo.skill")

_LATEST_US: Final = 2**62

ByHorizon = Mapping[int, Running]


@frozen
class Calibrated:
    """The probability that a signal is right, by `outcomes` of earlier ones, and by which method.

    Only outcomes count that were known when it was decided.
    """

    probability: float
    method: str
    outcomes: int


@frozen
class SoFar:
    """What is known by now, by strategy and horizon in seconds."""

    strategies: Mapping[str, ByHorizon]

    def calibrated(self, strategy: str, signal: Signal) -> Calibrated | None:
        """None for a HOLD, and where no earlier outcome is known."""
        running = self.strategies.get(strategy, {}).get(signal.horizon_s)
        if running is None or signal.direction is Direction.HOLD:
            return None
        curve = running.at(to_micros(signal.decided_at))
        if not curve.outcomes:
            return None
        probability = curve.confidence(signal.confidence_bp / STEPS)
        return Calibrated(round(probability, 4), curve.method.value, curve.outcomes)


NOTHING: Final = SoFar({})


def _so_far(tracks: Mapping[str, Track]) -> SoFar:
    found = {name: confidence_so_far(one.opinions) for name, one in tracks.items()}
    for by_horizon in found.values():
        for running in by_horizon.values():
            # Others were fitted already; this one is what newest signals will ask for.
            running.at(_LATEST_US)
    return SoFar(found)


class Beside:
    """Call `close` at the end."""

    def __init__(self, reading: Reading, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock
        self._told = NOTHING
        self._size = 0
        self._task: asyncio.Task[None] | None = None
        self._rests_until_s = float("-inf")

    def so_far(self, size: int) -> SoFar:
        """What is known by now, without waiting; the log's first `size` entries are read on."""
        idle = self._task is None or self._task.done()
        if size > self._size and idle and self._clock.monotonic() >= self._rests_until_s:
            self._task = asyncio.create_task(self._keep_up(size), name="confidences")
        return self._told

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_up(self, size: int) -> None:
        began_s = self._clock.monotonic()
        try:
            await self._reading.go_on(size)
            tracks = {name: await self._reading.track(name) for name in self._reading.strategies}
            self._told = await asyncio.to_thread(_so_far, tracks)
            self._size = size
        except ArgoError as error:
            _LOGGER.warning("what confidences came to is not known: %s", error)
        now_s = self._clock.monotonic()
        self._rests_until_s = now_s + max(_LEAST_S, _REST * (now_s - began_s))
