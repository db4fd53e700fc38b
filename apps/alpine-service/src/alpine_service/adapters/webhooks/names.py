"""Names to addresses, in threads of our own.

Whoever owns a name decides how long its look-up takes. In the threads that everybody shares a few
slow names would hold up all that is done there, hashing passwords included.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

_THREADS = 16
_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Names(AbstractResolver):
    """Asks the system."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Every address of the name.

        Raises:
            OSError: there is none.
        """
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, 0),
        )
        return [
            ResolveResult(
                hostname=host,
                # A zone stays behind the address, and an address with a zone is refused.
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=_NUMERIC,
            )
            for kind, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        """Let go of the threads without waiting for slow names."""
        self._threads.shutdown(wait=False, cancel_futures=True)
