"""Words for systemd: that we are ready, alive and about to stop, by sd_notify(3)'s protocol.

A datagram with lines such as `READY=1` is the whole of it. Nobody is told where nobody asks.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from attrs import frozen

from argo_core.ports import Clock


@frozen
class ServiceManager:
    """Whoever started us, if it listens; it ends us after `silence_s` without a sign of life."""

    listens_at: str | None = None
    silence_s: float | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "ServiceManager":
        """As `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` have it."""
        silence, meant = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID")
        watched = silence.isdecimal() and int(silence) > 0 and meant in {None, str(os.getpid())}
        address = environment.get("NOTIFY_SOCKET") or None
        return cls(address, int(silence) / 1e6 if watched else None)

    def tell(self, *lines: str) -> None:
        """Send them; what is not heard is no fault of ours."""
        if self.listens_at is None:
            return
        # An @ stands for the zero byte that names without a file begin with.
        name = self.listens_at
        name = f"\0{name[1:]}" if name.startswith("@") else name
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto("\n".join(lines).encode(), name)

    @asynccontextmanager
    async def watching(self, clock: Clock) -> AsyncIterator[None]:
        """Give signs of life for the block, out of the event loop: when that hangs, they stop."""
        task = asyncio.create_task(self._live(clock), name="service manager")
        try:
            yield
        finally:
            self.tell("STOPPING=1")
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _live(self, clock: Clock) -> None:
        if self.silence_s is None:
            return
        while True:
            self.tell("WATCHDOG=1")
            # Half of what is allowed, so that one that is late is not the end.
            await clock.sleep(self.silence_s / 2)
