"""A clock on which a moment stands still, for one cycle that anybody can repeat."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from argo_core.market.moment import aware
from argo_core.ports import Clock


class StillClock:
    """`now` is always that moment; waiting and measuring go on as on the clock underneath."""

    def __init__(self, moment: datetime, underneath: Clock) -> None:
        self._moment = aware("moment", moment)
        self._underneath = underneath

    def now(self) -> datetime:
        return self._moment

    async def sleep(self, seconds: float) -> None:
        await self._underneath.sleep(seconds)

    def monotonic(self) -> float:
        return self._underneath.monotonic()

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        return self._underneath.timeout(seconds)
