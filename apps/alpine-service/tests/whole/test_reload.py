"""A service that takes on what is safe to change, and nothing by half."""

import asyncio
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from attrs import evolve

from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.service import Service, service, started

# A real process is started, which takes what the machine has.
pytestmark = pytest.mark.timed

PATIENCE_S = 15.0
_SERVE = """
from alpine_service.cli.main import main
main(["serve"])
"""


async def reloads(alpine: Service, count: int) -> list[dict[str, Any]]:
    """Ask for a reload, and wait until so many were told of in all."""
    alpine.process.send(signal.SIGHUP)

    async def is_told() -> bool:
        return len(await alpine.told("settings.reload")) >= count

    await until(is_told, PATIENCE_S, "it tells of the reload")
    return await alpine.told("settings.reload")


async def limit(session: ClientSession, alpine: Service) -> str | None:
    async with session.get(f"{alpine.url}/v1/strategies") as response:
        return response.headers.get("RateLimit-Policy")


async def test_limits_change_without_a_new_start_and_mistakes_change_nothing(
    database: TestDatabase, folder: Path, log: SmallLog, surroundings: Mapping[str, str]
) -> None:
    file = folder / "alpine.env"
    urls = {"DATABASE_URL": database.urls.app, "OWNER_DATABASE_URL": database.urls.owner}
    given = service(folder, log, surroundings, **urls, SETTINGS_FILE=str(file))
    process = evolve(given.process, command=[given.process.command[0], "-c", _SERVE])
    alpine = evolve(given, process=process)

    async def write(text: str) -> None:
        await asyncio.to_thread(file.write_text, text)

    await write("ALPINE_LIMIT_PER_MINUTE=500\n")
    async with started(alpine), ClientSession() as session:
        before = await limit(session, alpine)
        await write("ALPINE_LIMIT_PER_MINUTE=700\nALPINE_LOG_LEVEL=info\n")
        (applied,) = await reloads(alpine, 1)
        after = await limit(session, alpine)
        await write("ALPINE_LIMIT_PER_MINUTE=900\nALPINE_WITNESS_NAME=another/witness\n")
        _, refused = await reloads(alpine, 2)
        same = await limit(session, alpine)
        async with session.get(f"{alpine.internal_url}/metrics") as response:
            metrics = await response.text()
        limits = await asyncio.to_thread(Path(f"/proc/{pid_of(alpine)}/limits").read_text)
        code = await alpine.stop()

    assert "500" in str(before)
    assert "700" in str(after)
    assert same == after
    assert (applied["result"], applied["changed"]) == (
        "applied",
        "ALPINE_LIMIT_PER_MINUTE, ALPINE_LOG_LEVEL",
    )
    assert refused["result"] == "refused"
    assert "ALPINE_WITNESS_NAME" in refused["problem"]
    assert 'alpine_reloads_total{result="applied"} 1.0' in metrics
    assert 'alpine_reloads_total{result="refused"} 1.0' in metrics
    # What is in memory is not written down when it crashes.
    (cores,) = (line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert cores.split()[4:6] == ["0", "0"]
    assert code == 0


def pid_of(alpine: Service) -> int:
    running = alpine.process._running
    assert running is not None
    return running.pid
