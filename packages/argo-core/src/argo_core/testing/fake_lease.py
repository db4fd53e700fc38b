"""The publisher's lease in memory, as several processes share it."""

from typing import TypeVar

from argo_core.errors import SharedAway
from argo_core.ports import Clock
from argo_core.resilience.door import positive
from argo_core.resilience.lease import Granted, Held

Answer = TypeVar("Answer")


class FakePublisherLease:
    """On the clock's monotonic base. Set `away`, and every call raises `SharedAway`.

    Set `mute`, and what is asked is done, but the answer is lost.
    """

    def __init__(self, clock: Clock) -> None:
        self.away = False
        self.mute = False
        self._clock = clock
        self._token = 0
        self._holder = ""
        self._ends = 0.0

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        now = self._reached(ttl_s)
        if now < self._ends:
            return self._answer(Held(self._holder, self._ends - now))
        self._token = max(self._token, above) + 1
        self._holder, self._ends = holder, now + ttl_s
        return self._answer(Granted(self._token))

    async def renew(self, token: int, ttl_s: float) -> bool:
        now = self._reached(ttl_s)
        in_force = token == self._token and now < self._ends
        if in_force:
            self._ends = now + ttl_s
        return self._answer(in_force)

    async def release(self, token: int) -> None:
        now = self._reached()
        if token == self._token:
            self._ends = min(self._ends, now)
        self._answer(None)

    async def look(self) -> Held | None:
        now = self._reached()
        return self._answer(Held(self._holder, self._ends - now) if now < self._ends else None)

    def _reached(self, ttl_s: float = 1.0) -> float:
        positive("ttl_s", ttl_s)
        if self.away:
            raise SharedAway("it was told to be away")
        return self._clock.monotonic()

    def _answer(self, answer: Answer) -> Answer:
        if self.mute:
            raise SharedAway("it was told to be mute")
        return answer
