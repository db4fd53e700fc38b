"""`alpine serve` and what an operator and a subscriber do beside it."""

import asyncio
import signal
import socket
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.operating import ALPINE, PATIENCE_S, Operator
from alpine_service.testing.small_log import SmallLog

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

# What an operator waits after SIGTERM, on a busy machine.
GOODBYE_S = 5.0

Serve = Callable[..., Awaitable[Process]]


@pytest_asyncio.fixture
async def serve(alpine: Operator) -> AsyncIterator[Serve]:
    started: list[Process] = []

    async def start(**settings: str) -> Process:
        process = await asyncio.create_subprocess_exec(
            ALPINE, "serve", stdout=PIPE, stderr=PIPE, env=alpine.environment(settings)
        )
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
    if not line.startswith("Alpine answers on http://"):
        _, errors = await process.communicate()
        raise AssertionError(errors.decode())
    return line.split()[-1]


async def test_serve_answers_where_it_says_and_stops_when_asked(serve: Serve) -> None:
    process = await serve()
    url = await url_announced_by(process)

    # With a client still connected: an idle connection must not hold the goodbye up.
    async with aiohttp.ClientSession() as client, client.get(f"{url}/health") as response:
        assert (await response.json())["status"] == "ok"
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(GOODBYE_S):
            await process.communicate()

    assert process.returncode == 0


async def test_serve_tells_systemd_that_it_is_ready_alive_and_about_to_stop(
    serve: Serve, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        process = await serve(NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
        said = [b""]
        async with asyncio.timeout(PATIENCE_S):
            while not said[-1].startswith(b"READY=1"):
                said.append(await loop.sock_recv(manager, 4_096))
            url = await url_announced_by(process)
            said.append(await loop.sock_recv(manager, 4_096))
            process.send_signal(signal.SIGINT)
            await process.wait()
            while said[-1] != b"STOPPING=1":
                said.append(await loop.sock_recv(manager, 4_096))
    assert f"READY=1\nSTATUS=answers on {url}".encode() in said
    assert b"WATCHDOG=1" in said
    assert process.returncode == 0


async def test_serve_can_listen_on_ipv6(serve: Serve) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")

    url = await url_announced_by(await serve(ALPINE_HOST="::1"))

    assert url.startswith("http://[::1]:")


async def test_a_port_in_use_is_one_clear_line_and_exit_code_1(alpine: Operator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = await alpine("serve", ALPINE_PORT=str(port), code=1)

    assert done.out == ""
    line = done.errors.splitlines()[-1]
    assert line.startswith(f"alpine: cannot listen on 127.0.0.1:{port}: ")
    assert line.endswith("address already in use")


async def test_a_subscriber_verifies_what_is_served(
    serve: Serve, alpine: Operator, log: SmallLog, tmp_path: Path
) -> None:
    key = (await alpine("witness", "key")).out.strip()
    async with log:
        process = await serve(ALPINE_LOG_URL=log.url, ALPINE_LOG_POLL_S="0.1")
        url = await url_announced_by(process)
        log.witness_urls = (url,)
        await log.append(strategy_members(), signal_members("s-1"))
        async with aiohttp.ClientSession() as client:
            await _served(client, f"{url}/v1/signals/s-1/proof")
        pins = ("--log-key", str(log.key), "--witness-key", key)
        subscriber = Operator({"ALPINE_FOLDER": str(tmp_path / "elsewhere")})
        done = await subscriber("verify", "s-1", "--url", url, *pins, "--json")
        assert done.json["state"] == "proved"
        missing = await subscriber("verify", "s-2", "--url", url, *pins, code=2)
        assert "no such signal" in missing.errors
        doctor = await alpine("doctor", "--json", ALPINE_LOG_URL=log.url)
        wells = {one["name"]: one["condition"] for one in doctor.json["findings"]}
        assert wells.pop("mail") == "degraded"
        # Whether anybody keeps this machine's clock is the machine's affair.
        assert wells.pop("clock's keeper") in {"ok", "degraded"}
        assert set(wells.values()) == {"ok"}
        assert {"log", "agreement", "cosignature", "roles", "quarantine"} <= set(wells)


async def _served(client: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with client.get(url) as response:
                if response.status == HTTPStatus.OK:
                    return
            await asyncio.sleep(0.05)  # noqa: TID251 - another process's time
