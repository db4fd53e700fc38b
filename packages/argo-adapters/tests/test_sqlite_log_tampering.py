"""Whoever has the file in hand can write anything to it. Verification tells."""

import asyncio
import sqlite3
from pathlib import Path
from random import Random

import pytest

from argo_adapters.sqlite.audit import MAX_PROBLEMS
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogError
from argo_core.ledger.canonical import decode, encode
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.record import Batch
from argo_core.testing.entries import LOG, signal_batch, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import FakeSigner

FLIPS = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of six signals and a quiet stretch, all in one file."""
    file = tmp_path / "signals.db"

    async def fill() -> None:
        async with SqliteLog.open(file, FakeSigner(LOG)) as log:
            await log.append(signal_batch(0, range(6)))
            await log.append(Batch(6, (tiny_quiet(6),)))

    asyncio.run(fill())
    return file


def tamper(path: Path, *statements: tuple[str, list[object]]) -> None:
    """Do what the triggers forbid, and put them back."""
    db = sqlite3.connect(path)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for sql, values in statements:
        db.execute(sql, values)
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()


def rows(path: Path) -> list[tuple[object, ...]]:
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [
            row
            for table in (
                "entries",
                "leaves",
                "capsules",
                "signals",
                "standing",
                "sequences",
                "state",
            )
            for row in db.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - see above
        ]
    finally:
        db.close()


def test_an_untouched_log_verifies(path: Path) -> None:
    found = verify(path)
    entries = [*signal_batch(0, range(6)).entries, tiny_quiet(6)]
    assert found.problems == ()
    assert found.verified
    assert found.size == 7
    assert found.root == Frontier().extend(map(leaf_hash, entries)).root().hex()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE idx = 0", "entry 0 does not"),
        ("UPDATE entries SET data = CAST(data AS TEXT) WHERE idx = 1", "entry 1 is not bytes"),
        ("DELETE FROM entries WHERE idx = 6", "recorded leaves"),
        ("DELETE FROM entries WHERE idx = 2", "from seq 1 to 3"),
        ("DELETE FROM entries WHERE idx = 0", "recorded indices"),
        ("INSERT INTO entries SELECT 7, data FROM entries WHERE idx = 6", "entry 7 does not"),
        ("UPDATE entries SET idx = 9 WHERE idx = 6", "recorded indices"),
        ("UPDATE leaves SET hash = zeroblob(32) WHERE idx = 3", "entry 3 does not"),
        ("DELETE FROM leaves WHERE idx = 3", "entry 3 does not"),
        ("INSERT INTO leaves VALUES (7, zeroblob(32))", "recorded leaves"),
        ("UPDATE signals SET magnitude_bp = 1 WHERE idx = 2", "entry 2 and its row"),
        ("DELETE FROM signals WHERE idx = 2", "entry 2 and its row"),
        ("INSERT INTO signals VALUES (6, 'AAPL', 'BUY', 1, 1)", "entry 6 and its row"),
        ("INSERT INTO signals VALUES (9, 'AAPL', 'BUY', 1, 1)", "recorded signals"),
        ("UPDATE standing SET idx = 0", "recorded newest signals"),
        ("UPDATE sequences SET next_seq = 6", "recorded sequences"),
        ("UPDATE state SET last_decided_us = 5", "recorded state"),
        ("UPDATE state SET log = 'other.example/log'", "recorded state"),
        ("DELETE FROM state", "recorded state"),
        ("UPDATE capsules SET data = x'7b7d' WHERE rowid = 1", "has another hash"),
        ("UPDATE capsules SET data = 'text' WHERE rowid = 1", "has another hash"),
        ("DELETE FROM capsules WHERE rowid = 1", "is missing"),
        ("CREATE TABLE notes (line TEXT)", "tables or triggers"),
        ("DROP INDEX idx_signals_decided_us", "tables or triggers"),
    ],
)
def test_a_change_is_found_and_named(path: Path, sql: str, problem: str) -> None:
    tamper(path, (sql, []))
    found = verify(path)
    assert not found.verified
    assert any(problem in one for one in found.problems), found.problems


@pytest.mark.parametrize("drop", ["TRIGGER entries_no_update", "TABLE signals", "TABLE entries"])
def test_a_dropped_part_is_found(path: Path, drop: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"DROP {drop}")
    db.close()
    assert any("triggers" in one for one in verify(path).problems)


def test_a_capsule_nobody_names_is_found(path: Path) -> None:
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    tamper(path, ("INSERT INTO capsules VALUES (?, x'7b7d')", [empty]))
    assert verify(path).problems == (f"capsule {empty} is named by no entry",)


def replaced(path: Path, index: int, data: bytes) -> None:
    """Replace an entry together with its leaf, as a careful forger would."""
    tamper(
        path,
        ("UPDATE entries SET data = ? WHERE idx = ?", [data, index]),
        ("UPDATE leaves SET hash = ? WHERE idx = ?", [leaf_hash(data), index]),
    )


def test_an_edit_with_its_leaf_recomputed_is_found_by_the_recorded_tree(path: Path) -> None:
    root = verify(path).root
    fields = decode(signal_batch(0, range(6)).entries[3])
    replaced(path, 3, encode_entry({**fields, "reasoning": "because"}))
    found = verify(path)
    assert found.problems == ("the recorded state disagree with the entries",)
    assert found.root != root


def test_two_entries_that_changed_places_are_found(path: Path) -> None:
    entries = signal_batch(0, range(6)).entries
    replaced(path, 1, entries[2])
    replaced(path, 2, entries[1])
    assert any("from seq 0 to 2" in one for one in verify(path).problems)


def test_an_entry_of_another_log_or_kind_is_found(path: Path) -> None:
    replaced(path, 6, tiny_quiet(6, log="other.example/log"))
    assert any("belongs to the log other.example/log" in one for one in verify(path).problems)
    replaced(path, 6, encode({**decode(tiny_quiet(6)), "kind": "rumour"}))
    assert any("'rumour' is unknown" in one for one in verify(path).problems)


def test_an_insider_who_recomputes_everything_has_another_root(path: Path) -> None:
    # A file can always be made to agree with itself; the root that others remember cannot.
    root = verify(path).root
    data = tiny_signal(5, symbol="BTC/USD", direction="SELL", confidence_bp=7_505, decided_us=9)
    leaves = [leaf_hash(one) for one in signal_batch(0, range(6)).entries[:5]]
    frontier = Frontier().extend([*leaves, leaf_hash(data), leaf_hash(tiny_quiet(6))])
    replaced(path, 5, data)
    tamper(
        path,
        ("UPDATE signals SET decided_us = 9 WHERE idx = 5", []),
        (
            "UPDATE state SET peaks = ?, last_decided_us = 1700000000000004",
            [b"".join(frontier.peaks)],
        ),
    )
    found = verify(path)
    assert found.problems == ()
    assert found.root != root


def test_the_list_of_problems_is_bounded(path: Path) -> None:
    tamper(
        path,
        ("UPDATE entries SET data = x'00'", []),
        ("UPDATE capsules SET data = x'00'", []),
        ("DELETE FROM signals", []),
    )
    assert len(verify(path).problems) == MAX_PROBLEMS


def test_a_flipped_bit_is_found_or_changes_no_row(path: Path) -> None:
    good, stored, chance = path.read_bytes(), rows(path), Random(6962)  # noqa: S311 - seeded on purpose
    root, found, harmless = verify(path).root, 0, 0
    # Most of a small file is empty space between rows, where nothing can be lost.
    filled = [place for place, byte in enumerate(good) if byte]
    for _ in range(FLIPS):
        bad = bytearray(good)
        bad[chance.choice(filled)] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        try:
            if verify(path).problems:
                found += 1
                continue
        except LogError:
            found += 1
            continue
        assert verify(path).root == root
        assert rows(path) == stored
        harmless += 1
    assert found > 5 * harmless
