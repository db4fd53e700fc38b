"""Starts and stops colours when a command asks for it, as a service manager does."""

import asyncio
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from alpine_service.testing.torture import Process

# A stop may take the service's own grace and a little more.
_STOP_S = 30.0
_CLIENT = """
import socket, sys
with socket.socket(socket.AF_UNIX) as manager:
    manager.connect(sys.argv[1])
    manager.sendall(" ".join(sys.argv[2:]).encode() + b"\\n")
    told = manager.makefile().read().strip()
sys.exit(told if told != "done" else 0)
"""


def command(socket: Path, verb: str) -> str:
    """What asks the manager for `start` or `stop` of `{colour}`."""
    return shlex.join([sys.executable, "-I", "-c", _CLIENT, str(socket), verb, "{colour}"])


@asynccontextmanager
async def managing(socket: Path, processes: Mapping[str, Process]) -> AsyncIterator[None]:
    """Answer at that socket for the block; then end whatever still runs."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, _, name = (await reader.readline()).decode().strip().partition(" ")
        said = "done"
        if verb == "start":
            await asyncio.to_thread(processes[name].kill)
            await asyncio.to_thread(processes[name].start)
        else:
            code = await asyncio.to_thread(processes[name].end, signal.SIGTERM, _STOP_S)
            said = said if code == 0 else f"{name} ended with {code}"
        writer.write(f"{said}\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, socket)
    try:
        yield
    finally:
        server.close()
        for process in processes.values():
            await asyncio.to_thread(process.kill)
