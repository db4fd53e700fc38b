"""Two writers of one log: one wins, the other is fenced, however long it has slept."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogFenced
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

SIGNER = FakeSigner(LOG)
WITNESS = FakeSigner("one.example/w", COSIGNATURE)
FIRST, OURS, THEIRS = (
    signal_batch(0, range(3)),
    signal_batch(3, range(3, 5)),
    signal_batch(3, range(3, 4)),
)
SLEEPER = """
import sys
from pathlib import Path
from argo_adapters.sqlite.writer import Writer
from argo_core.errors import LogError
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner
writer = Writer.open(Path(sys.argv[1]), FakeSigner(LOG), 5.0)
writer.append(signal_batch(0, range(3)))
print("ready", flush=True)
sys.stdin.readline()
try:
    writer.append(signal_batch(3, range(3, 5)))
except LogError as error:
    print(type(error).__name__, flush=True)
"""


def unlock(path: Path) -> None:
    """Take the lock away, as an operator does who believes that it was left behind."""
    path.with_name(path.name + ".lock").unlink()


async def test_who_opens_last_writes_and_the_other_is_fenced(tmp_path: Path) -> None:
    path = tmp_path / "signals.db"
    async with SqliteLog.open(path, SIGNER) as old:
        await old.append(FIRST)
        note = await old.checkpoint()
        assert note is not None
        unlock(path)
        async with SqliteLog.open(path, SIGNER) as new:
            for _ in range(2):
                with pytest.raises(LogFenced, match="with lease 2 after our 1; stop"):
                    await old.append(OURS)
            line = cosign(note.text, 9, WITNESS.key, WITNESS.sign)
            with pytest.raises(LogFenced):
                await old.cosign(3, [Cosignature(WITNESS.key, 9, line)])
            assert (await new.append(THEIRS)).size == 4
            # It still may look, and sees what the other has written.
            assert (await old.head()).size == 4
            assert len(await old.entries(0, 9)) == 4
            with pytest.raises(LogFenced):
                await old.append(signal_batch(4, range(4, 5)))
        # A lease does not come back when the newer one's holder is gone.
        with pytest.raises(LogFenced):
            await old.append(signal_batch(4, range(4, 5)))
    found = await asyncio.to_thread(verify, path)
    assert (found.problems, found.size) == ((), 4)


def test_a_writer_that_was_paused_wakes_up_fenced(tmp_path: Path) -> None:
    path = tmp_path / "signals.db"
    command = [sys.executable, "-W", "error", "-c", SLEEPER, str(path)]
    with subprocess.Popen(  # noqa: S603 - it is ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as sleeper:
        assert sleeper.stdin is not None
        assert sleeper.stdout is not None
        assert sleeper.stdout.readline() == "ready\n"
        sleeper.send_signal(signal.SIGSTOP)
        asyncio.run(taken_over(path))
        sleeper.stdin.write("\n")
        sleeper.stdin.flush()
        sleeper.send_signal(signal.SIGCONT)
        assert sleeper.stdout.readline() == "LogFenced\n"
        sleeper.stdin.close()
        assert sleeper.wait(20) == 0
    found = verify(path)
    assert (found.problems, found.size) == ((), 4)


async def taken_over(path: Path) -> None:
    async with SqliteLog.open(path, SIGNER) as log:
        await log.append(THEIRS)


def test_every_opening_takes_the_next_lease(tmp_path: Path) -> None:
    path = tmp_path / "signals.db"

    async def once(number: int) -> None:
        async with SqliteLog.open(path, SIGNER) as log:
            await log.append(signal_batch(number, range(number, number + 1)))

    for number in range(3):
        asyncio.run(once(number))
    with closing(sqlite3.connect(path)) as db:
        leases = db.execute("SELECT token, taken_us FROM leases").fetchall()
        fences = [fence for (fence,) in db.execute("SELECT fence FROM heads ORDER BY size")]
    assert [token for token, _ in leases] == fences == [1, 2, 3]
    assert all(1_700_000_000_000_000 < taken < 4_000_000_000_000_000 for _, taken in leases)
