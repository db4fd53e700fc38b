"""systemd hears that we are ready, alive and about to stop."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from argo_core.testing.fake_clock import FakeClock
from argo_service.service_manager import ServiceManager


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        yield ear


def heard(ear: socket.socket) -> list[bytes]:
    said = []
    while True:
        try:
            said.append(ear.recv(4_096))
        except BlockingIOError:
            return said


async def test_signs_of_life_come_twice_as_often_as_they_must(ear: socket.socket) -> None:
    clock = FakeClock()
    async with ServiceManager(ear.getsockname(), silence_s=30).watching(clock):
        await clock.advance(61)
        assert heard(ear) == [b"WATCHDOG=1"] * 5
    assert heard(ear) == [b"STOPPING=1"]


async def test_who_is_not_watched_gives_no_signs(ear: socket.socket) -> None:
    clock = FakeClock()
    async with ServiceManager(ear.getsockname()).watching(clock):
        await clock.advance(61)
        assert heard(ear) == []


def test_lines_travel_together(ear: socket.socket) -> None:
    ServiceManager(ear.getsockname()).tell("READY=1", "STATUS=well")
    assert heard(ear) == [b"READY=1\nSTATUS=well"]


def test_names_without_a_file_are_heard_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        # The system finds a name.
        ear.bind("")
        ServiceManager(f"@{ear.getsockname()[1:].decode()}").tell("READY=1")
        assert ear.recv(4_096) == b"READY=1"


def test_nobody_who_listens_is_no_fault(tmp_path: Path) -> None:
    ServiceManager().tell("READY=1")
    ServiceManager(str(tmp_path / "nobody")).tell("READY=1")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, ServiceManager()),
        ({"NOTIFY_SOCKET": ""}, ServiceManager()),
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "2500000"}, ServiceManager("/run/n", 2.5)),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": str(os.getpid())}, ServiceManager(None, 2.5)),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "1"}, ServiceManager()),
        ({"WATCHDOG_USEC": "0"}, ServiceManager()),
        ({"WATCHDOG_USEC": "often"}, ServiceManager()),
    ],
)
def test_the_environment_says_who_listens(
    environment: dict[str, str], expected: ServiceManager
) -> None:
    assert ServiceManager.of(environment) == expected
