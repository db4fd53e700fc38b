"""Kill -9 at seeded moments, again and again on one database: no duplicate, no gap, nothing lost.

Three times by default; `ARGO_TORTURE_KILLS=10` makes it ten.
"""

import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import Final

import pytest

from argo_adapters.sqlite.verify import verify

KILLS: Final = int(os.environ.get("ARGO_TORTURE_KILLS", "3"))  # noqa: TID251 - how long to torture
DEMO: Final = [sys.executable, "-m", "argo_service.cli", "demo", "--plain", "--speed", "40"]
_SIGNALS: Final = re.compile(r"cycle \d+ \| (\d+) signals,")


def killed(folder: Path, seconds: float) -> int:
    """Run a demo, kill it that long after its first cycle; how many signals it said it published.

    A cycle's line is written after its batch is durable.
    """
    process = subprocess.Popen(  # noqa: S603 - our own command
        DEMO,
        cwd=folder,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    published = 0
    timer = threading.Timer(seconds, process.kill)
    for line in process.stdout:
        if found := _SIGNALS.search(line):
            published += int(found[1])
            if timer.ident is None:
                timer.start()
    _, err = process.communicate(timeout=20)
    timer.join()
    assert process.returncode == -9, err
    return published


def surroundings() -> dict[str, str]:
    plain = dict(os.environ)  # noqa: TID251 - a process needs one
    bare = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
    # Any free port, as other tests and other people run demos at the same time.
    return bare | {"PYTHONUNBUFFERED": "1", "ARGO_LISTEN__PORT": "0"}


def rows(database: Path) -> list[bytes]:
    connection = sqlite3.connect(database)
    try:
        found = connection.execute("SELECT idx, data FROM entries ORDER BY idx").fetchall()
    finally:
        connection.close()
    assert [index for index, _ in found] == list(range(len(found)))
    return [data for _, data in found]


@pytest.mark.timeout(60 + 15 * KILLS)
def test_however_often_it_is_killed_the_record_is_whole(tmp_path: Path) -> None:
    database = tmp_path / ".argo" / "demo-ordinary-day.sqlite3"
    moments = Random(20241125)  # noqa: S311 - seeded chance is wanted, not secrecy
    before, runs = list[bytes](), 0
    for _ in range(KILLS):
        published = killed(tmp_path, moments.uniform(0.02, 1.5))
        # Nobody tidies up: the next to open it finds the write-ahead log as it was left.
        after = rows(database)
        assert after[: len(before)] == before
        new = [json.loads(data) for data in after[len(before) :]]
        assert sum(entry["kind"] == "signal" for entry in new) >= published
        runs += sum(entry["kind"] == "strategy" for entry in new)
        before = after
    done = subprocess.run(  # noqa: S603 - our own command
        [*DEMO, "--for", "1s"],
        cwd=tmp_path,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=50,
        check=True,
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["log"]["verified"] is True
    assert verify(database).verified
    after = rows(database)
    assert after[: len(before)] == before
    entries = [json.loads(data) for data in after]
    assert [entry["seq"] for entry in entries] == list(range(len(entries)))
    signals = [entry for entry in entries if entry["kind"] == "signal"]
    assert len({entry["id"] for entry in signals}) == len(signals) > 0
    decided = [entry["decided_us"] for entry in entries]
    assert decided == sorted(decided)
    assert runs == KILLS
