"""The event loop's beat: how late it comes to what is due.

A loop that is late makes everybody wait, and no single request shows why.
"""

from collections import deque
from collections.abc import Callable

from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.ports.outside import Clock

EVERY_S = 0.25
# As many beats as half a minute has: what was late stays seen until somebody has looked.
_KEPT = 120
MOST_LAG_S = 1.0


class Heartbeat:
    """Keeps the port `Probe`; beats while `run` does, and tells `lagged` how late each beat was."""

    name = "loop"
    level = Level.LIVE

    def __init__(self, clock: Clock, lagged: Callable[[float], None] = lambda _: None) -> None:
        self._clock = clock
        self._lagged = lagged
        self._began = clock.monotonic()
        self._lags: deque[float] = deque(maxlen=_KEPT)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            due = self._clock.monotonic() + EVERY_S
            await self._clock.sleep(EVERY_S)
            lag = max(0.0, self._clock.monotonic() - due)
            self._lags.append(lag)
            self._lagged(lag)

    async def check(self) -> Finding:
        lag = max(self._lags, default=0.0)
        uptime_s = round(self._clock.monotonic() - self._began, 1)
        facts = {"uptime_s": uptime_s, "lag_s": round(lag, 3)}
        if lag > MOST_LAG_S:
            return Finding(Condition.DEGRADED, facts, "the event loop comes late to what is due")
        return Finding(facts=facts)
