"""The installed command, as an operator meets it."""

import asyncio
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from alpine_service.cli import main

ALPINE = Path(sys.executable).with_name("alpine")

# Generous, because a machine that runs tests is a busy one.
PATIENCE_S = 20
# What an operator waits after SIGTERM.
GOODBYE_S = 1.0

Alpine = Callable[..., Awaitable[Process]]


@pytest_asyncio.fixture
async def alpine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Alpine]:
    started: list[Process] = []

    async def start(*arguments: str, **settings: str) -> Process:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        process = await asyncio.create_subprocess_exec(ALPINE, *arguments, stdout=PIPE, stderr=PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def url_announced_by(process: Process) -> str:
    assert process.stdout
    async with asyncio.timeout(PATIENCE_S):
        line = (await process.stdout.readline()).decode()
    assert line.startswith("Alpine answers on http://")
    return line.split()[-1]


async def test_serve_says_where_it_answers_and_answers_there(alpine: Alpine) -> None:
    url = await url_announced_by(await alpine("serve", ALPINE_PORT="0"))

    async with aiohttp.ClientSession() as client, client.get(f"{url}/health") as response:
        assert (await response.json())["status"] == "ok"


async def test_serve_can_listen_on_ipv6(alpine: Alpine) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")

    url = await url_announced_by(await alpine("serve", ALPINE_HOST="::1", ALPINE_PORT="0"))

    assert url.startswith("http://[::1]:")


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
async def test_serve_stops_cleanly_within_a_second(alpine: Alpine, wish: signal.Signals) -> None:
    process = await alpine("serve", ALPINE_PORT="0")
    url = await url_announced_by(process)

    # With a client still connected: an idle connection must not hold the goodbye up.
    async with aiohttp.ClientSession() as client, client.get(f"{url}/health") as response:
        await response.read()
        process.send_signal(wish)
        async with asyncio.timeout(GOODBYE_S):
            _, errors = await process.communicate()

    assert process.returncode == 0
    assert errors == b""


async def test_a_port_in_use_is_one_clear_line_and_exit_code_1(alpine: Alpine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await alpine("serve", ALPINE_PORT=str(port))
        output, errors = await process.communicate()

    assert process.returncode == 1
    assert output == b""
    (line,) = errors.decode().splitlines()
    assert line.startswith(f"alpine: cannot listen on 127.0.0.1:{port}: ")
    assert line.endswith("address already in use")


async def test_a_wrong_setting_is_one_clear_line_and_exit_code_2(alpine: Alpine) -> None:
    process = await alpine("serve", ALPINE_PORT="http")
    output, errors = await process.communicate()

    assert process.returncode == 2
    assert output == b""
    assert errors.decode() == (
        "alpine: ALPINE_PORT: 'http' is not a number; give a whole number from 0 to 65535\n"
    )


def test_version_names_the_installed_distribution(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"alpine {version('alpine-service')}\n"


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])

    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
