"""`argo demo` trades on paper, is killed with -9 again and again, and goes on where it was."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.sqlite.verify import verify

pytestmark = pytest.mark.timed

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "1"))  # noqa: TID251 - how long to torture
PATIENCE_S: Final = 50
DEMO: Final = (sys.executable, "-m", "argo_service.cli", "demo", "--plain", "--speed", "20")


async def started(folder: Path, *more: str) -> Process:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    bare = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
    return await asyncio.create_subprocess_exec(
        *(*DEMO, *more),
        cwd=folder,
        env=bare | {"PYTHONUNBUFFERED": "1", "ARGO_LISTEN__PORT": "0"},
        stdout=PIPE,
        stderr=DEVNULL,
    )


async def traded(process: Process) -> None:
    """Wait until an order was filled, or some cycles went by without one."""
    assert process.stdout is not None
    for _ in range(40):
        line = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
        assert line, "it has ended by itself"
        if b"entry: BUY" in line:
            return


@pytest.mark.timeout(90 + 20 * KILLS)
async def test_however_often_a_demo_is_killed_its_books_are_equal(
    tmp_path: Path, busy: str, read_kept: Any
) -> None:
    (tmp_path / "argo.toml").write_text(busy)
    moments = Random(20241125)  # noqa: S311 - seeded chance is wanted, not secrecy
    for _ in range(KILLS):
        process = await started(tmp_path)
        await traded(process)
        await SystemClock().sleep(moments.uniform(0.0, 1.0))
        process.kill()
        await process.communicate()
    process = await started(tmp_path, "--for", "6s")
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0
    told = json.loads(out.splitlines()[-1])
    assert told["log"]["verified"] is True
    assert told["trading"]["state"] == "ACTIVE"
    database = tmp_path / ".argo" / "demo-ordinary-day.sqlite3"
    kept = await read_kept(database)
    assert kept.executions
    await asyncio.to_thread(kept.check_paper, database.with_suffix(".trading.paper.sqlite3"))
    assert Counter(kept.fills) == Counter(kept.executions)
    assert (await asyncio.to_thread(verify, database)).verified
