"""A server of our own: made once, known again, ended with us, and nobody else's."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from alpine_service.adapters.postgres.home import locked
from alpine_service.adapters.postgres.launcher import (
    Server,
    embedded_server,
    server_in,
    server_run_by_another,
)
from alpine_service.adapters.postgres.link import connected
from alpine_service.adapters.postgres.programs import Programs, copied, look, wheel_folders
from alpine_service.errors import NoServer
from alpine_service.testing.mortal_postgres import mortal_server
from alpine_service.testing.postgres import open_folder

RUN = """
import sys, time
from pathlib import Path
from alpine_service.adapters.postgres.launcher import server_in
with server_in(Path(sys.argv[1]), durable=False) as server:
    print(server.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def kept(postgres_server: object) -> Iterator[Path]:
    """A folder whose data were made by the first test that needed them."""
    with open_folder() as folder:
        yield folder / "kept"


@pytest.fixture
def place() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


def asked(server: Server, question: str) -> object:
    async def ask() -> object:
        async with connected(server.url) as connection:
            return await connection.fetchval(question)

    return asyncio.run(ask())


def is_alive(pid: int) -> bool:
    # Somebody who has ended and whom nobody has asked about yet works nowhere any more.
    return Path(f"/proc/{pid}/cwd").exists()


def arguments_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_data_and_password_stay_when_the_server_goes(kept: Path) -> None:
    with server_in(kept) as first:
        asked(first, "CREATE TABLE public.marks AS SELECT 42 AS mark")
    with server_in(kept) as second:
        assert asked(second, "SELECT mark FROM public.marks") == 42
        asked(second, "DROP TABLE public.marks")
    assert not is_alive(first.pid)
    assert not is_alive(second.pid)


def test_it_is_new_enough_checks_its_pages_and_asks_for_a_password(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        assert int(str(asked(server, "SHOW server_version_num"))) >= 15_00_00
        assert asked(server, "SHOW data_checksums") == "on"
        assert asked(server, "SHOW listen_addresses") == "127.0.0.1"
        methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
        assert asked(server, methods) == "scram-sha-256"
        password = (kept / "password").read_text()
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(asyncpg.connect(server.url.replace(password, "guess")))


def test_the_password_is_for_its_owner_alone(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        file = kept / "password"
        password = file.read_text()
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(password) == 64
        assert password not in repr(server)
        assert password not in arguments_of(server.pid)
        assert password not in (kept / "server.log").read_text()
        assert not list(kept.glob("password.*"))


def test_a_second_start_on_the_same_folder_is_refused(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        with pytest.raises(NoServer, match="another process runs a server"), server_in(kept):
            pass
        assert asked(server, "SELECT 1") == 1


def test_a_command_finds_the_server_that_the_service_runs(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        assert server_run_by_another(kept) == server
    assert server_run_by_another(kept) is None
    assert server_run_by_another(kept / "nowhere") is None


def test_a_server_that_only_starts_is_not_found_yet(place: Path) -> None:
    with locked(place, 0):
        assert server_run_by_another(place) is None


def test_the_server_ends_when_its_runner_is_killed(kept: Path) -> None:
    with server_in(kept, durable=False):
        pass
    command = [sys.executable, "-c", RUN, str(kept)]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own words
    with runner:
        assert runner.stdout is not None
        pid = int(runner.stdout.readline())
        assert is_alive(pid)
        runner.kill()
    # The next runner waits for the end of the orphan, so this needs no patience of ours.
    with server_in(kept, durable=False) as server:
        assert not is_alive(pid)
        assert asked(server, "SELECT 1") == 1


def test_the_server_outlives_the_thread_that_started_it(kept: Path) -> None:
    block, started = server_in(kept, durable=False), list[Server]()
    thread = threading.Thread(target=lambda: started.append(block.__enter__()))
    thread.start()
    thread.join()
    try:
        assert asked(started[0], "SELECT 1") == 1
    finally:
        block.__exit__(None, None, None)


async def test_an_event_loop_is_not_held_up(kept: Path) -> None:
    async with embedded_server(kept, durable=False) as server, connected(server.url) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    assert not is_alive(server.pid)


async def test_whoever_gives_up_waiting_leaves_no_server(kept: Path) -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        async with embedded_server(kept, durable=False):
            raise AssertionError

    waiting = asyncio.create_task(wait())
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    # The folder is free, so the server is gone.
    async with embedded_server(kept, durable=False):
        pass


async def test_giving_up_on_a_start_that_fails_is_only_that(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        async with embedded_server(tmp_path / "file"):
            raise AssertionError

    waiting = asyncio.create_task(wait())
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_server_that_does_not_hear_is_killed(kept: Path) -> None:
    with server_in(kept, durable=False, stop_s=0.1) as server:
        os.kill(server.pid, signal.SIGSTOP)
    assert not is_alive(server.pid)


def test_an_orphan_that_does_not_end_is_not_waited_for_without_end(kept: Path) -> None:
    with server_in(kept, durable=False):
        pass
    # An orphan is somebody who holds the server's lock and no runner's.
    with (kept / "server.lock").open() as held:
        script = f"flock -x {held.fileno()}; echo; read -r gone"
        orphan = subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", script],
            pass_fds=[held.fileno()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
    with orphan:
        assert orphan.stdout is not None
        assert orphan.stdin is not None
        orphan.stdout.readline()
        with pytest.raises(NoServer, match="nobody runs any more"), server_in(kept, stop_s=0.05):
            pass
        orphan.stdin.close()


def test_whoever_has_a_dead_servers_number_is_not_taken_for_it(kept: Path) -> None:
    with server_in(kept, durable=False):
        left = (kept / "data" / "postmaster.pid").read_text()
    _, _, rest = left.partition("\n")
    (kept / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n{rest}")
    with server_in(kept, durable=False) as server:
        assert asked(server, "SELECT 1") == 1


def test_a_server_that_somebody_else_started_is_left_alone(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        # As if it had been started by hand: nobody has our locks.
        for name in ("runner.lock", "server.lock"):
            (kept / name).rename(kept / f"{name}.away")
        with pytest.raises(NoServer, match="already exists"), server_in(kept):
            pass
        assert asked(server, "SELECT 1") == 1


def test_what_was_committed_is_there_after_a_kill(kept: Path) -> None:
    with mortal_server(kept) as mortal:
        url = mortal.url
        asked(mortal.server, "CREATE TABLE public.survivors AS SELECT 42 AS mark")
        mortal.kill()
        mortal.start()
        assert mortal.url == url
        assert asked(mortal.server, "SELECT mark FROM public.survivors") == 42
        asked(mortal.server, "DROP TABLE public.survivors")


def test_a_port_that_is_taken_is_said_to_be(kept: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(NoServer, match="did not start"), server_in(kept, port=port):
            pass


def test_another_port_is_tried_if_the_free_one_was_taken_meanwhile(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken, socket.socket() as free:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        free.bind(("127.0.0.1", 0))
        ports = [taken.getsockname()[1], free.getsockname()[1]]
        free.close()
        where = "alpine_service.adapters.postgres.launcher._free_port"
        monkeypatch.setattr(where, iter(list(ports)).__next__)
        with server_in(kept, durable=False) as server:
            assert server.port == ports[1]


def test_half_made_data_are_made_anew(place: Path) -> None:
    (place / "data.half").mkdir()
    (place / "data.half" / "PG_VERSION").write_text("15")
    (place / "password.half").write_text("ha")
    with server_in(place, durable=False) as server:
        assert asked(server, "SELECT 1") == 1
    assert not (place / "data.half").exists()


def test_data_without_their_password_are_left_alone(place: Path) -> None:
    (place / "data").mkdir()
    with pytest.raises(NoServer, match="it is gone"), server_in(place):
        pass
    assert not list((place / "data").iterdir())


def test_data_of_another_version_are_left_alone(place: Path) -> None:
    (place / "data").mkdir()
    (place / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(NoServer, match="PostgreSQL 9, which wrote"), server_in(place):
        pass


def fake_programs(folder: Path, *, version: str, initdb: str = "true") -> Path:
    folder.mkdir()
    for name, does in {
        "postgres": f"echo 'postgres (PostgreSQL) {version}'",
        "initdb": initdb,
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize("version", ["14.9", "9.6", "?"])
def test_programs_that_are_too_old_are_none(place: Path, version: str) -> None:
    old = fake_programs(place / "bin", version=version)
    with pytest.raises(NoServer, match="is not on this machine"), server_in(place, programs=old):
        pass


def test_a_folder_without_programs_has_none(place: Path) -> None:
    with pytest.raises(NoServer, match="is not on this machine"), server_in(place, programs=place):
        pass


def test_programs_that_cannot_be_run_are_none(place: Path) -> None:
    broken = fake_programs(place / "bin", version="16.1")
    (broken / "postgres").chmod(0o644)
    with pytest.raises(NoServer, match="is not on this machine"), server_in(place, programs=broken):
        pass


def test_what_initdb_complains_of_is_told(place: Path) -> None:
    bad = fake_programs(place / "bin", version="16.1", initdb="echo no room >&2; exit 1")
    with pytest.raises(NoServer, match="initdb: no room"), server_in(place / "x", programs=bad):
        pass
    assert not (place / "x" / "data").exists()


def test_an_initdb_that_takes_too_long_is_ended(place: Path) -> None:
    slow = fake_programs(place / "bin", version="16.1", initdb="exec sleep 60")
    with (
        pytest.raises(NoServer, match="timed out"),
        server_in(place / "x", programs=slow, start_s=0.05),
    ):
        pass


def test_a_server_that_takes_too_long_is_ended(kept: Path) -> None:
    with server_in(kept, durable=False):
        pass
    with pytest.raises(NoServer, match="did not start"), server_in(kept, start_s=0.0):
        pass


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NoServer, match="give a folder"), server_in(tmp_path / "file"):
        pass


@pytest.fixture
def programs() -> Programs:
    """Programs that may be moved."""
    found = next(filter(None, map(look, wheel_folders())), None)
    if found is None:
        pytest.skip("needs the extra `embedded`")
    return found


def test_copied_programs_run_and_are_copied_once(place: Path, programs: Programs) -> None:
    there = copied(programs, place)
    marked = there.folder / "postgres"
    before = marked.stat().st_mtime_ns, marked.stat().st_ino
    assert copied(programs, place) == there
    assert (marked.stat().st_mtime_ns, marked.stat().st_ino) == before
    with server_in(place / "home", programs=there.folder, durable=False) as server:
        assert asked(server, "SELECT 1") == 1


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@needs_root
def test_as_root_the_server_is_somebody_else(kept: Path) -> None:
    with server_in(kept, durable=False) as server:
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert (kept / "password").stat().st_uid == 0


@needs_root
def test_as_root_a_folder_that_others_cannot_enter_is_refused(place: Path) -> None:
    (place / "mine").mkdir(mode=0o700)
    with pytest.raises(NoServer, match="others may not enter"), server_in(place / "mine" / "deep"):
        pass


@needs_root
def test_as_root_programs_that_others_cannot_read_are_copied(
    place: Path, programs: Programs
) -> None:
    hidden = copied(programs, place / "hidden")
    (place / "hidden").chmod(0o700)
    with server_in(place / "home", programs=hidden.folder, durable=False) as server:
        assert asked(server, "SELECT 1") == 1
        assert str(place / "home" / "programs") in arguments_of(server.pid)


@needs_root
def test_without_root_the_server_is_ourselves(place: Path) -> None:
    os.chown(place, 65_534, 65_534)
    # The environment may be one that only root can enter, so it is entered first.
    become = "import os\nos.setgroups([])\nos.setgid(65_534)\nos.setuid(65_534)\nwith server"
    script = RUN.replace("with server", become)
    command = [sys.executable, "-c", script, str(place / "home")]
    runner = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own words
    with runner:
        assert runner.stdout is not None
        pid = int(runner.stdout.readline())
        assert Path(f"/proc/{pid}").stat().st_uid == 65_534
        assert (place / "home").stat().st_mode & 0o777 == 0o700
        runner.kill()
