"""The service under test: `alpine serve` as an operator runs it, in a process of its own."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import orjson
from attrs import frozen
from yarl import URL

from alpine_service.adapters.secrets.ed25519 import make_signer
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.settings import Settings, read_settings
from alpine_service.testing.small_log import NAME, SEED

LOG_KEY = str(make_signer(NAME, SEED, Algorithm.CHECKPOINT).verifier_key)
_SERVE = (sys.executable, "-c", "from alpine_service.cli.main import main; main(['serve'])")
_START_S, _STOP_S = 60.0, 15.0
_LOOK_EVERY_S = 0.005
_PROBE = b"GET /v1/strategies HTTP/1.1\r\nHost: alpine\r\nConnection: close\r\n\r\n"


@frozen
class Alpine:
    """The running service. `start_s` went by from its start to its first good answer."""

    url: URL
    pid: int
    start_s: float
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        assert self.url.host is not None
        assert self.url.port is not None
        return self.url.host, self.url.port

    def told(self, what: str) -> list[dict[str, object]]:
        """What it told its log under that name; `at_s` is when, in seconds since 1970."""
        told = []
        for line in self.log.read_bytes().splitlines(keepends=True):
            # The last line may be half written.
            if line.startswith(b"{") and line.endswith(b"\n") and what.encode() in line:
                facts = orjson.loads(line)
                if facts["what"] == what:
                    told.append(facts | {"at_s": datetime.fromisoformat(facts["at"]).timestamp()})
        return told


def environment(folder: Path, database_url: str | None, **settings: str) -> dict[str, str]:
    """What the service is told, and nothing of the machine's own wishes for it."""
    given = {
        "PORT": "0",
        "INTERNAL_PORT": "0",
        "FOLDER": str(folder),
        "LOG_KEY": LOG_KEY,
        "PRIVATE_WEBHOOKS": "yes",
        **({"DATABASE_URL": database_url} if database_url else {}),
        **settings,
    }
    return {f"ALPINE_{name}": value for name, value in given.items()}


def settings_of(folder: Path, database_url: str) -> Settings:
    """The same, to work beside it."""
    return read_settings(environment(folder, database_url))


@asynccontextmanager
async def serving(given: Mapping[str, str], log: Path) -> AsyncIterator[Alpine]:
    """Start the service and stop it at the end; what it says is left in `log`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALPINE_")}
    began = time.perf_counter()
    with log.open("wb") as lines:
        process = await asyncio.create_subprocess_exec(
            *_SERVE, env={**kept, **given}, stdout=subprocess.PIPE, stderr=lines
        )
    try:
        async with asyncio.timeout(_START_S):
            assert process.stdout is not None
            said = (await process.stdout.readline()).decode()
            if " on http" not in said:
                raise RuntimeError(await asyncio.to_thread(log.read_text))
            url = URL(said.rpartition(" ")[2].strip())
            while not await _answers(url):
                if process.returncode is not None:
                    raise RuntimeError(await asyncio.to_thread(log.read_text))
                await asyncio.sleep(_LOOK_EVERY_S)
        yield Alpine(url, process.pid, time.perf_counter() - began, log)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _STOP_S)
            except TimeoutError:
                process.kill()
                await process.wait()


async def _answers(url: URL) -> bool:
    try:
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(_PROBE)
        line = await reader.readline()
    except OSError:
        return False
    writer.close()
    return b" 200 " in line
