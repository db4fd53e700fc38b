"""Whoever started us is told that we are ready, that we live and that we stop."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from alpine_service.adapters.service_manager import ServiceManager, service_manager


@pytest.fixture
def heard(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        yield manager


def test_words_arrive_as_they_are_and_one_to_a_line(heard: socket.socket) -> None:
    ServiceManager(heard.getsockname()).tell("READY=1", "STATUS=well")
    assert heard.recv(4096) == b"READY=1\nSTATUS=well"


def test_names_without_a_file_begin_with_an_at() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("")  # The system chooses one without a file.
        name = "@" + manager.getsockname()[1:].decode()
        ServiceManager(name).tell("READY=1")
        assert manager.recv(4096) == b"READY=1"


def test_nobody_there_is_no_failure(tmp_path: Path) -> None:
    ServiceManager(None).tell("READY=1")
    ServiceManager(str(tmp_path / "nobody")).tell("READY=1")


async def test_we_live_while_the_loop_runs_and_stop_at_the_end(heard: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    said: list[bytes] = []
    async with ServiceManager(heard.getsockname(), watch_s=0.02).watched():
        while len(said) < 3:
            said.append(await asyncio.wait_for(loop.sock_recv(heard, 4096), 10))
    assert set(said) == {b"WATCHDOG=1"}
    while said[-1] != b"STOPPING=1":
        said.append(await asyncio.wait_for(loop.sock_recv(heard, 4096), 10))
    with pytest.raises(BlockingIOError):
        heard.recv(4096)


async def test_who_is_not_watched_is_silent(heard: socket.socket) -> None:
    async with ServiceManager(heard.getsockname()).watched():
        await asyncio.sleep(0)  # noqa: TID251 - only to give it a turn
    assert heard.recv(4096) == b"STOPPING=1"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ServiceManager()),
        ({"NOTIFY_SOCKET": ""}, ServiceManager()),
        ({"NOTIFY_SOCKET": "/run/x"}, ServiceManager("/run/x")),
        (
            {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "30000000"},
            ServiceManager("/run/x", 30.0),
        ),
        (
            {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "5", "WATCHDOG_PID": str(os.getpid())},
            ServiceManager("/run/x", 5e-6),
        ),
        (
            {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"},
            ServiceManager("/run/x"),
        ),
        ({"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "soon"}, ServiceManager("/run/x")),
    ],
)
def test_the_environment_says_whom_to_tell(
    environment: dict[str, str], expected: ServiceManager
) -> None:
    assert service_manager(environment) == expected
