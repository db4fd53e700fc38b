"""A private PostgreSQL server, for as long as we live.

It listens on a socket in a folder that only we can enter, and asks for a password all the same. As
root we run it as somebody else, because it refuses to run as root.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import field, frozen

from argo_adapters.postgres.programs import (
    copy_programs,
    find_programs,
    foreign_account,
    is_open_to_all,
)
from argo_adapters.watched import Account, Watched, watched

START_S = 30.0
STOP_S = 10.0
SUPERUSER = "postgres"
_READY_LINE = 7


@frozen
class NoServer:
    """There is none to be had, and why."""

    problem: str


@frozen
class PrivateServer:
    """`url` is where it answers its superuser, password included; `pid` its first process."""

    url: str = field(repr=False)
    pid: int


@contextmanager
def private_server(
    *,
    folder: Path | None = None,
    programs: Path | None = None,
    start_s: float = START_S,
    stop_s: float = STOP_S,
) -> Iterator[PrivateServer | NoServer]:
    """A server of our own, stopped when the block is left; blocking, so enter it in a thread.

    It forgets everything when it stops, unless a `folder` is given: there it keeps its data, and
    knows it again after a restart. `programs` is the folder with `postgres` and `initdb`. Where no
    server can be had or started, the block gets `NoServer`.
    """
    found = programs or find_programs()
    if found is None:
        yield NoServer("neither this machine nor the extra `postgresql` has a server, 15 or later")
        return
    with tempfile.TemporaryDirectory(prefix="argo-") as name:
        home = Path(name)
        try:
            place = _prepare(found, home, folder or home / "data", start_s)
        except (_NotPrepared, OSError) as error:
            yield NoServer(str(error))
            return
        with watched(
            place.command(),
            stop_s=stop_s,
            # Nobody may finish; what is kept is written down, what is not need not be.
            stop_signal="INT" if folder else "QUIT",
            log=str(place.log),
            account=place.account,
        ) as running:
            yield _started(running, place, start_s)


class _NotPrepared(Exception):  # noqa: N818 - it says what happened, and stays in this module
    pass


@frozen
class _Place:
    """Where a server has what: `sockets` and `log` are for this run, `data` may be for ever."""

    programs: Path
    sockets: Path
    data: Path
    account: Account | None
    password: str = field(repr=False)

    @property
    def log(self) -> Path:
        return self.sockets / "server.log"

    @property
    def url(self) -> str:
        return f"postgresql://{SUPERUSER}:{self.password}@/postgres?host={self.sockets}"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "50",
            "shared_buffers": "64MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Statements may have secrets in them.
            "log_min_error_statement": "panic",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.data), *options]

    def is_ready(self, pid: int) -> bool:
        """Whether the server says so in its own file; an older one's may still lie there."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ready = len(lines) > _READY_LINE and lines[_READY_LINE].strip() == "ready"
        return ready and lines[0] == str(pid)


def _prepare(programs: Path, home: Path, data: Path, within_s: float) -> _Place:
    """Make the folders, and the data if there are none.

    Raises:
        _NotPrepared: something is missing, and what.
    """
    try:
        account = foreign_account()
    except KeyError as error:
        problem = f"as root, a server needs somebody to run as; add the account {error}"
        raise _NotPrepared(problem) from error
    is_made = (data / "PG_VERSION").exists()
    if not is_made and data.exists() and any(data.iterdir()):
        raise _NotPrepared(f"{data}: it holds something else; choose an empty folder")
    sockets = home / "run"
    sockets.mkdir(mode=0o700)
    if account:
        # Only to be passed through: what lies below is the server's alone.
        home.chmod(0o711)
        os.chown(sockets, account.uid, account.gid)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in (home, data.parent):
            if not is_open_to_all(one):
                raise _NotPrepared(
                    f"{one}: others may not enter it, and a server is not run as root"
                )
        if not is_open_to_all(programs):
            programs = copy_programs(programs, home)
        for one in (data, *data.rglob("*")):
            os.chown(one, account.uid, account.gid, follow_symlinks=False)
    kept = data.with_name(f"{data.name}.password")
    if not is_made:
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
        _make(_Place(programs, sockets, data, account, kept.read_text()), within_s)
    return _Place(programs, sockets, data, account, kept.read_text())


def _make(place: _Place, within_s: float) -> None:
    # A file that the server may read, because a command line is for everybody to see.
    handed, account = place.sockets / "password", place.account
    handed.touch(mode=0o600)
    handed.write_text(place.password)
    if account:
        os.chown(handed, account.uid, account.gid)
    command = [
        str(place.programs / "initdb"),
        f"--pgdata={place.data}",
        f"--username={SUPERUSER}",
        f"--pwfile={handed}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--no-locale",
        "--data-checksums",
        "--no-instructions",
    ]
    try:
        subprocess.run(  # noqa: S603 - our own words
            command,
            check=True,
            capture_output=True,
            timeout=within_s,
            cwd=place.sockets,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or str(error).encode()
        # Half of a cluster is none, and would be taken for one the next time.
        shutil.rmtree(place.data, ignore_errors=True)
        raise _NotPrepared(f"initdb: {_last_line(said.decode(errors='replace'))}") from error
    finally:
        handed.unlink()


def _started(running: Watched, place: _Place, start_s: float) -> PrivateServer | NoServer:
    if running.answered(lambda: place.is_ready(running.pid), start_s):
        return PrivateServer(place.url, running.pid)
    said = place.log.read_text(errors="replace") if place.log.exists() else ""
    return NoServer(f"the server did not start within {start_s:g} s; {_last_line(said)}")


def _last_line(said: str) -> str:
    return "".join(said.strip().splitlines()[-1:])[:300]
