"""Disks that are full, broken or read-only: a clear error, nothing half written, nothing lost."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogUnusable
from argo_core.testing.entries import LOG, signal_batch
from argo_core.testing.fake_signer import FakeSigner

SCRIPT = Path(__file__).with_name("append_despite_errors.py")
SIZES = (1, 61, 261)


def run(path: Path, *before: str, limited: bool = False) -> list[str]:
    """What the script said, after checking that all it acknowledged is there."""
    python = [sys.executable, "-W", "error", str(SCRIPT), str(path)]
    done = subprocess.run(  # noqa: S603 - it is ours
        [*before, *python, *(["LIMIT"] if limited else [])],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    heads = [line.split() for line in said if not line.startswith("failed:")]
    assert [int(size) for size, _ in heads] == list(SIZES)
    found = verify(path)
    assert (found.problems, found.size, found.root) == ((), SIZES[-1], heads[-1][1])
    return [line for line in said if line.startswith("failed:")]


def test_a_file_that_may_not_grow_takes_nothing_and_then_the_same_batch(tmp_path: Path) -> None:
    failures = run(tmp_path / "signals.db", limited=True)
    assert len(failures) == 2
    assert all("signals.db" in one and "then try again" in one for one in failures)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace makes the disk fail")
@pytest.mark.parametrize(
    ("call", "error", "when"),
    [
        *(("pwrite64", error, when) for error in ("EIO", "ENOSPC") for when in (2, 25, 75, 160)),
        *(("fdatasync", "EIO", when) for when in (2, 9, 11, 12)),
    ],
)
def test_a_call_that_fails_once_is_told_and_made_good(
    tmp_path: Path, call: str, error: str, when: int
) -> None:
    failing = f"inject={call}:error={error}:when={when}"
    strace = ("strace", "-f", "-qq", "-o", str(tmp_path / "calls"), "-e", f"trace={call}")
    failures = run(tmp_path / "signals.db", *strace, "-e", failing)
    assert len(failures) <= 1
    assert all("disk" in one for one in failures), failures


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be nobody for a while, as root may write to every file."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_file_that_may_only_be_read_is_refused_and_left_alone() -> None:
    # Not in pytest's own folder, which nobody else may enter.
    with TemporaryDirectory() as folder:
        path = Path(folder) / "signals.db"

        async def append() -> None:
            async with SqliteLog.open(path, FakeSigner(LOG)) as log:
                await log.append(signal_batch(0, range(3)))

        asyncio.run(append())
        before = path.read_bytes()
        path.chmod(0o444)
        path.with_name("signals.db.lock").chmod(0o666)
        path.parent.chmod(0o555)
        try:
            with (
                unprivileged(),
                pytest.raises(LogUnusable, match=r"signals\.db: .*check path and permissions"),
            ):
                asyncio.run(append())
        finally:
            path.parent.chmod(0o755)
        assert path.read_bytes() == before
        assert verify(path).problems == ()
