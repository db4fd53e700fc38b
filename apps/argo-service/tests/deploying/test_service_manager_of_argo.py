"""systemd hears that we are ready, alive and about to stop."""

import os
import signal
import socket
import subprocess
import sys
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


@pytest.mark.timed
def test_the_service_says_when_it_answers_lives_and_stops(
    ear: socket.socket, tmp_path: Path
) -> None:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    nowhere = "http://127.0.0.1:9"
    environment = {
        **{name: value for name, value in plain.items() if not name.startswith("ARGO_")},
        "ARGO_LISTEN__PORT": "0",
        "ARGO_ALPACA__BASE_URL": nowhere,
        "ARGO_YFINANCE__ENABLED": "false",
        **{
            f"ARGO_SOURCES__{name}__BASE_URL": nowhere
            for name in ("MASSIVE", "ALPHA_VANTAGE", "GROK", "SONAR")
        },
        "NOTIFY_SOCKET": ear.getsockname(),
        "WATCHDOG_USEC": "1000000",
    }
    ear.settimeout(60)
    with subprocess.Popen(
        [sys.executable, "-m", "argo_service.cli", "serve", "--quiet"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            said = [ear.recv(4_096) for _ in range(3)]
            process.send_signal(signal.SIGTERM)
            while said[-1] != b"STOPPING=1":
                said.append(ear.recv(4_096))
            answers, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    address = answers.split()[-1]
    assert f"READY=1\nSTATUS=answers on {address}".encode() in said
    assert b"WATCHDOG=1" in said
    assert process.returncode == 0
