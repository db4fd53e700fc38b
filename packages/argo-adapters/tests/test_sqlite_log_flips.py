"""Every byte of a small log's file, flipped: found on opening or verifying, or nothing is lost."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import Trust, verify
from argo_core.errors import LogError
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, sealed_batch, tiny_quiet, tiny_reveal, tiny_sealed
from argo_core.testing.fake_signer import FakeSigner, fake_verify

SIGNER = FakeSigner(LOG)
WITNESS = FakeSigner("one.example/w", COSIGNATURE)
TRUST = Trust(Policy(SIGNER.key, (WitnessKey(WITNESS.key),), 1), fake_verify)

# So that several processes can share the work.
PARTS = 4

# Who held the lease and when it was taken is for people to read, and nobody's record.
RECORD = {
    "entries": "*",
    "leaves": "*",
    "nodes": "*",
    "capsules": "*",
    "sealed": "*",
    "heads": "*",
    "cosignatures": "*",
    "leases": "token",
    "signals": "*",
    "standing": "*",
    "outcomes": "*",
}


async def fill(path: Path) -> None:
    sealed = tiny_sealed(1)
    async with SqliteLog.open(path, SIGNER) as log:
        await log.append(Batch(0, (tiny_quiet(0),)))
        await log.append(sealed_batch(1, sealed))
        await log.append(Batch(2, (tiny_reveal(2, sealed, 1),)))
        note = await log.checkpoint()
        assert note is not None
        line = cosign(note.text, 9, WITNESS.key, WITNESS.sign)
        await log.cosign(3, [Cosignature(WITNESS.key, 9, line)])


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return [
            row
            for table, columns in RECORD.items()
            for row in db.execute(f"SELECT {columns} FROM {table}").fetchall()  # noqa: S608 - ours
        ]


def statements(path: Path, content: bytes) -> set[int]:
    """The places in the file where the text stands that the tables were made with."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        texts = [row[0].encode() for row in db.execute("SELECT sql FROM sqlite_master") if row[0]]
    return {content.index(text) + at for text in texts for at in range(len(text))}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_flipped_byte_is_found_or_changes_no_row(tmp_path: Path, part: int) -> None:
    path = tmp_path / "signals.db"
    asyncio.run(fill(path))
    good, stored, root = path.read_bytes(), rows(path), verify(path, TRUST).root
    found = harmless = 0
    # Of the empty space between rows every fiftieth byte is enough: nothing is there to be lost. Of
    # the statements it is every seventh, as they are compared with what they were as one text.
    said = statements(path, good)
    places = [
        at for at, byte in enumerate(good) if at % (7 if at in said else 1 if byte else 50) == 0
    ][part::PARTS]
    with path.open("r+b", buffering=0) as file:
        for at in places:
            file.seek(at)
            file.write(bytes([good[at] ^ 1 << at % 8]))
            try:
                seen = verify(path, TRUST)
            except LogError:
                found += 1
            else:
                if seen.problems:
                    found += 1
                else:
                    assert seen.root == root, at
                    assert rows(path) == stored, at
                    harmless += 1
            file.seek(at)
            file.write(good[at : at + 1])
    assert path.read_bytes() == good
    assert verify(path, TRUST).problems == ()
    assert found > harmless
