"""What systemd is told of us, after sd_notify(3): that we are ready, that we live, that we stop.

A few lines over a datagram socket, which is all the protocol is; without such a socket in the
environment nobody is told anything.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

from attrs import frozen


@frozen
class ServiceManager:
    """Tells whoever started us. `watch_s`: it restarts us when it hears nothing for so long."""

    address: str | None = None
    watch_s: float | None = None

    def tell(self, *words: str) -> None:
        """Such as `READY=1`; a manager that does not listen is no reason to fail."""
        if self.address is None:
            return
        # A name in the abstract namespace begins with a zero byte, which it writes as @.
        name = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
            way.setblocking(False)
            way.sendto("\n".join(words).encode(), name)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Say for the block that we live, from the event loop: if that hangs, so do we."""
        beat = asyncio.create_task(self._beat(), name="service manager")
        try:
            yield
        finally:
            self.tell("STOPPING=1")
            beat.cancel()
            with suppress(asyncio.CancelledError):
                await beat

    async def _beat(self) -> None:
        # Twice as often as it has to be, as sd_watchdog_enabled(3) advises.
        while self.watch_s is not None:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self.watch_s / 2)  # noqa: TID251 - it is the wall that it watches


def service_manager(environment: Mapping[str, str]) -> ServiceManager:
    """As the environment says; a watch that was meant for another process is not ours."""
    address = environment.get("NOTIFY_SOCKET")
    spoken = environment.get("WATCHDOG_USEC", "")
    ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    watch_s = int(spoken) / 1e6 if ours and spoken.isdecimal() and int(spoken) else None
    return ServiceManager(address or None, watch_s)
