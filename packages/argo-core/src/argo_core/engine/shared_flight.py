"""One ask for the same thing at a time, among all processes that share a store of locks."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from argo_core.errors import SharedAway
from argo_core.ports import Clock, FlightLocks

POLL_S = 0.1


class SharedFlight:
    """Takes turns through `locks`; without any, or while they are away, everybody may ask."""

    def __init__(self, clock: Clock, locks: FlightLocks | None = None) -> None:
        self._clock = clock
        self._locks = locks

    @asynccontextmanager
    async def turn(self, key: str, ttl_s: float) -> AsyncIterator[bool]:
        """Enter when nobody else asks for `key`; whether somebody did, so that it is worth a look.

        Whoever died with the lock, or needs longer than `ttl_s`, is waited for no longer than that.
        """
        token, waited = None, False
        began = self._clock.monotonic()
        with suppress(SharedAway):
            while self._locks is not None:
                token = await self._locks.take(key, ttl_s)
                if token is not None or self._clock.monotonic() - began >= ttl_s:
                    break
                waited = True
                await self._clock.sleep(POLL_S)
        try:
            yield waited
        finally:
            if self._locks is not None and token is not None:
                with suppress(SharedAway):
                    await self._locks.release(key, token)
