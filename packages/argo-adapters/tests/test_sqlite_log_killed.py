"""kill -9 at any moment: what was acknowledged is there, once, in order, under the same roots."""

import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from argo_adapters.sqlite.connection import connect
from argo_adapters.sqlite.verify import verify
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash

KILLS = 25
SCRIPT = Path(__file__).with_name("append_until_killed.py")


def run_and_kill(path: Path, seed: int, delay_s: float) -> list[tuple[int, str]]:
    """Start a writer, let it go on for a moment after its first line, kill it, read all lines."""
    command = [sys.executable, "-W", "error", str(SCRIPT), str(path), str(seed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603 - it is ours
        assert writer.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(writer.stdout, selectors.EVENT_READ)
            assert ready.select(timeout=30)
        said = os.read(writer.stdout.fileno(), 1 << 16)
        # Spinning is finer than any sleep, and a kill should fall between any two writes.
        until = time.perf_counter() + delay_s
        while time.perf_counter() < until:
            pass
        writer.kill()
        said += writer.stdout.read()
    assert writer.returncode == -9
    # A line that was cut short was not said.
    lines = said.decode().splitlines(keepends=True)
    return [
        (int(size), root.strip())
        for size, root in (line.split(" ") for line in lines if line.endswith("\n"))
    ]


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_doubled_or_moved(tmp_path: Path) -> None:
    path, chance = tmp_path / "signals.db", Random(9)  # noqa: S311 - seeded on purpose
    acknowledged: dict[int, str] = {}
    for number in range(KILLS):
        for size, root in run_and_kill(path, number, chance.uniform(0, 0.06)):
            # One size has one root, whoever says it and whenever.
            assert acknowledged.setdefault(size, root) == root
        found = verify(path)
        assert found.problems == ()
        assert found.size >= max(acknowledged)

    db = connect(path, read_only=True, busy_s=1)
    entries = [data for (data,) in db.execute("SELECT data FROM entries ORDER BY idx")]
    db.close()
    assert [decode_entry(data).seq for data in entries] == list(range(len(entries)))
    frontier, roots = Frontier(), {0: Frontier().root().hex()}
    for data in entries:
        frontier = frontier.extend([leaf_hash(data)])
        roots[frontier.size] = frontier.root().hex()
    assert acknowledged.items() <= roots.items()
    assert len(acknowledged) > KILLS
