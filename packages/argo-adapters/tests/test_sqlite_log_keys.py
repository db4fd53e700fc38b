"""A log is signed with one key from its first entry to its last; another is refused."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import Trust, verify
from argo_core.errors import LogUnusable
from argo_core.ledger.note import is_signed
from argo_core.ledger.policy import Policy
from argo_core.ports import Signer
from argo_core.testing.entries import LOG, signal_batch

SIGNER = Ed25519Signer(LOG, bytes(range(32)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "signals.db"
    asyncio.run(append(file, SIGNER, 0))
    return file


async def append(path: Path, signer: Signer, first: int) -> None:
    async with SqliteLog.open(path, signer) as log:
        await log.append(signal_batch(first, range(first, first + 2)))
        note = await log.checkpoint()
        assert note is not None
        assert is_signed(note, signer.key, verify_ed25519)


def test_the_same_key_opens_the_log_again(path: Path) -> None:
    asyncio.run(append(path, SIGNER, 2))
    found = verify(path, Trust(Policy(SIGNER.key), verify_ed25519))
    assert (found.problems, found.checkpoints, found.signed) == ((), 2, True)


@pytest.mark.parametrize(
    ("signer", "reason"),
    [
        (Ed25519Signer(LOG, b"1" * 32), f"signed by the key {LOG}.*a log whose key is lost ends"),
        (Ed25519Signer("other.example/log", bytes(range(32))), f"it is the log {LOG}, and the key"),
    ],
)
def test_another_key_or_name_is_refused_and_changes_nothing(
    path: Path, signer: Signer, reason: str
) -> None:
    before = path.read_bytes()
    with pytest.raises(LogUnusable, match=reason):
        asyncio.run(append(path, signer, 2))
    assert path.read_bytes() == before
    asyncio.run(append(path, SIGNER, 2))


def test_a_signature_that_was_changed_is_refused(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        (sql,) = db.execute("SELECT sql FROM sqlite_master WHERE name='heads_no_update'").fetchone()
        (note,) = db.execute("SELECT note FROM heads").fetchone()
        # In the middle of the signature, so that its base64 stays well formed.
        other = b"B" if note[-40:-39] == b"A" else b"A"
        db.execute("DROP TRIGGER heads_no_update")
        db.execute("UPDATE heads SET note = ?", [note[:-40] + other + note[-39:]])
        db.execute(sql)
        db.commit()
    with pytest.raises(LogUnusable, match="bad signature"):
        asyncio.run(append(path, SIGNER, 2))
    found = verify(path, Trust(Policy(SIGNER.key), verify_ed25519))
    assert [one[:36] for one in found.problems] == ["checkpoint 2 has no good signature b"]
