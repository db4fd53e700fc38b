"""A PostgreSQL server of our own, for as long as we live; its data stay."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from attrs import field, frozen

from alpine_service.adapters.postgres.home import (
    HOST,
    SUPERUSER,
    Home,
    is_in_use,
    last_line,
    locked,
    made_ready,
    ready_server,
)
from alpine_service.adapters.postgres.watched import Watched, watched
from alpine_service.errors import NoServer

START_S = 30.0
STOP_S = 10.0
_TRIES = 5


@frozen
class Server:
    """A running server: where it answers its superuser, password included; its first process."""

    url: str = field(repr=False)
    pid: int
    port: int
    _watched: Watched | None = field(default=None, repr=False, eq=False)

    def has_ended(self) -> bool:
        """Whether it died, with all of its processes; for whoever runs it."""
        return self._watched is not None and self._watched.ended(0)


@asynccontextmanager
async def embedded_server(
    folder: Path, *, port: int = 0, durable: bool = True
) -> AsyncIterator[Server]:
    """As `server_in`, for an event loop: what blocks is done in a thread."""
    block = server_in(folder, port=port, durable=durable)
    entering = asyncio.ensure_future(asyncio.to_thread(block.__enter__))
    try:
        server = await asyncio.shield(entering)
    except asyncio.CancelledError:
        # The thread cannot be stopped; a server that it still starts has to be ended.
        await asyncio.wait([entering])
        if entering.exception() is None:
            await asyncio.to_thread(block.__exit__, None, None, None)
        raise
    try:
        yield server
    finally:
        await asyncio.shield(asyncio.to_thread(block.__exit__, None, None, None))


@contextmanager
def server_in(
    folder: Path,
    *,
    port: int = 0,
    durable: bool = True,
    programs: Path | None = None,
    start_s: float = START_S,
    stop_s: float = STOP_S,
) -> Iterator[Server]:
    """A server with its data in `folder`, ended when the block is left; blocking.

    Args:
        folder: made if it is not there; data in it are used again.
        port: of the loopback address; 0 is any that is free.
        durable: False is for tests: nothing is forced to the disk, and the end is abrupt.
        programs: the folder with `postgres` and `initdb`; those of the machine otherwise.
        start_s: how long the server, and the making of its data, may take, in seconds.
        stop_s: how long an orderly end may take, in seconds; it is killed after that.

    Raises:
        NoServer: there are no programs, another process has the folder, or the server refused.
    """
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(locked(folder, stop_s))
            home = made_ready(folder.resolve(), programs, lock, start_s, durable=durable)
        except OSError as error:
            problem = f"{folder}: {error.strerror or error}"
            raise NoServer(problem, "give a folder that can be written to") from error
        yield stack.enter_context(_running(home, port, lock, start_s, stop_s))


def server_run_by_another(folder: Path) -> Server | None:
    """The server that another process runs on the folder, if one does; blocking.

    For a command that is to work beside the service.
    """
    if not is_in_use(folder):
        return None
    known = ready_server(folder / "data")
    return _server((folder / "password").read_text(), *known) if known else None


@contextmanager
def _running(
    home: Home, port: int, lock: IO[bytes], start_s: float, stop_s: float
) -> Iterator[Server]:
    tries_left = 1 if port else _TRIES
    while True:
        tries_left -= 1
        chosen = port or _free_port()
        with watched(
            home.command(chosen),
            log=home.log,
            lock=lock,
            account=home.account,
            # An orderly end writes everything down; what is not kept need not be.
            stop="INT" if home.durable else "QUIT",
            stop_s=stop_s,
        ) as running:
            pid = running.pid
            if running.answered(lambda: home.is_ready(pid), start_s):  # noqa: B023 - asked at once
                yield _server(home.password, pid, chosen, running)
                return
        said = home.log.read_text(errors="replace")
        # Between our looking for a free port and the server's taking it, another may have.
        if tries_left == 0 or "could not bind" not in said:
            raise NoServer(f"the server did not start: {last_line(said)}", f"see {home.log}")


def _server(password: str, pid: int, port: int, running: Watched | None = None) -> Server:
    # On the loopback address there is nobody to hide from.
    url = f"postgresql://{SUPERUSER}:{password}@{HOST}:{port}/postgres?sslmode=disable"
    return Server(url, pid, port, running)


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind((HOST, 0))
        return int(chosen.getsockname()[1])
