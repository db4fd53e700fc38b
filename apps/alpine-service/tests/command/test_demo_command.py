"""`alpine demo` beside a publisher that invents its signals."""

import asyncio
import stat
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

import aiohttp
import orjson
import pytest
import pytest_asyncio
from attrs import frozen

from alpine_service.testing.operating import ALPINE, PATIENCE_S, Operator
from alpine_service.testing.postgres import open_folder

# These measure the wall, and so have the machine to themselves.
pytestmark = pytest.mark.timed

_PUBLISHER = (sys.executable, "-m", "alpine_service.testing.publisher")


@frozen
class Beside:
    """A demo that answers, and what it said of itself."""

    process: Process
    ready: Mapping[str, str]
    users: list[dict[str, str]]


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder that PostgreSQL may enter."""
    with open_folder() as folder:
        yield folder


@pytest_asyncio.fixture
async def publisher() -> AsyncIterator[tuple[Process, Mapping[str, str]]]:
    process = await asyncio.create_subprocess_exec(*_PUBLISHER, stdin=PIPE, stdout=PIPE)
    assert process.stdout
    log = orjson.loads(await process.stdout.readline())
    yield process, log
    process.kill()
    await process.communicate()


def _folder(base: Path, log: Mapping[str, str]) -> Path:
    return base / f"demo-{log['key'].split('+')[1]}"


async def _ended(process: Process) -> tuple[str, int | None]:
    """Close standard input, as a parent that dies does."""
    async with asyncio.timeout(PATIENCE_S):
        out, _ = await process.communicate(b"")
    return out.decode(), process.returncode


async def test_the_demo_verifies_cosigns_serves_and_ends_with_its_parent(
    publisher: tuple[Process, Mapping[str, str]], base: Path
) -> None:
    publishing, log = publisher
    first = await _started(base, log)
    assert publishing.stdin
    publishing.stdin.write(f"{first.ready['url']}\n".encode())
    free, pro = first.users
    for user in (free, pro):
        await _until_signals_come(first.ready["url"], user["key"])
    out, code = await _ended(first.process)
    assert code == 0, out
    assert f"key {pro['key']}" in out
    assert "of them cosigned" in out.splitlines()[-1]
    kept = _folder(base, log) / "users.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    second = await _started(base, log)
    assert (second.ready["witness_key"], second.users) == (
        first.ready["witness_key"],
        first.users,
    )
    assert (await _ended(second.process))[1] == 0


async def test_a_demo_without_its_log_fails_and_leaves_nothing_when_it_is_forgotten(
    publisher: tuple[Process, Mapping[str, str]], base: Path
) -> None:
    _, log = publisher
    (base / "demo-00000000").mkdir()
    words = ("--log-url", "http://127.0.0.1:1", "--log-key", log["key"], "--folder", str(base))
    settings = {"ALPINE_PORT": "0", "ALPINE_INTERNAL_PORT": "0"}
    done = await Operator(settings)("demo", *words, "--fresh", "--plain", "--for", "1s", code=1)

    assert "nothing was verified and cosigned" in done.errors
    assert "0 entries verified" in done.out
    assert not (base / "demo-00000000").exists()


async def test_what_the_demo_cannot_use_is_one_line(tmp_path: Path) -> None:
    log = ("--log-url", "http://127.0.0.1:1", "--log-key")
    key = await Operator({})("demo", *log, "none", code=2)
    assert key.errors.startswith("alpine: --log-key: ")


async def _started(base: Path, log: Mapping[str, str]) -> Beside:
    ready = base / "ready.json"
    ready.unlink(missing_ok=True)
    settings = {"ALPINE_PORT": "0", "ALPINE_INTERNAL_PORT": "0"}
    process = await asyncio.create_subprocess_exec(
        *(ALPINE, "demo", "--log-url", log["url"], "--log-key", log["key"]),
        *("--folder", base, "--ready", ready, "--for-parent"),
        stdin=PIPE,
        stdout=PIPE,
        env=Operator(settings).environment({}),
    )
    async with asyncio.timeout(PATIENCE_S):
        while not ready.exists():
            assert process.returncode is None
            await asyncio.sleep(0.05)  # noqa: TID251 - another process's time
    users = orjson.loads((_folder(base, log) / "users.json").read_bytes())
    return Beside(process, orjson.loads(ready.read_bytes()), users)


async def _until_signals_come(url: str, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession(headers=headers) as client:
        while True:
            async with client.get(f"{url}/v1/signals?limit=3") as response:
                assert response.status == HTTPStatus.OK
                found = (await response.json())["signals"]
            if found and found[0]["official_s"] is not None:
                return
            await asyncio.sleep(2)  # noqa: TID251 - as above, within the free plan's rate
