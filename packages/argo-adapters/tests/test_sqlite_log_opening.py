"""Which files become a log, which are refused, and that a refused file stays as it was."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlite_utils import Database

from argo_adapters.sqlite.connection import translated
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.rebuild import rebuild
from argo_adapters.sqlite.schema import migrations
from argo_adapters.sqlite.verify import verify
from argo_core.errors import LogError, LogUnavailable, LogUnusable
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.record import Batch, LogHead
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import (
    LOG,
    sealed_batch,
    signal_batch,
    tiny_outcome,
    tiny_quiet,
    tiny_reveal,
    tiny_sealed,
)
from argo_core.testing.fake_signer import FakeSigner

WITNESS = FakeSigner("one.example/w", COSIGNATURE)
TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def fill(path: Path, *more: Batch) -> LogHead:
    """Append six signals and more, and close again."""

    async def run() -> LogHead:
        async with SqliteLog.open(path, FakeSigner(LOG)) as log:
            head = await log.append(signal_batch(0, range(6)))
            for batch in more:
                head = await log.append(batch)
            return head

    return asyncio.run(run())


def fill_every_table(path: Path) -> None:
    """Append until every table of the record and of the read model has a row."""
    one, open_signal = tiny_sealed(6), signal_batch(0, range(6)).entries[0]
    quiet = tuple(tiny_quiet(seq, strategy="beta") for seq in range(256))
    told = (tiny_reveal(7, one, 6), tiny_outcome(8, open_signal, 0))
    fill(path, sealed_batch(6, one), Batch(7, told), Batch(9, quiet))

    async def cosigned() -> None:
        async with SqliteLog.open(path, FakeSigner(LOG)) as log:
            note = await log.checkpoint()
            assert note is not None
            line = cosign(note.text, 9, WITNESS.key, WITNESS.sign)
            await log.cosign(265, [Cosignature(WITNESS.key, 9, line)])

    asyncio.run(cosigned())


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    db = sqlite3.connect(path)
    found = db.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - ours
    db.close()
    return found


def opened(path: Path) -> LogHead:
    """Open, look and close again."""

    async def run() -> LogHead:
        async with SqliteLog.open(path, FakeSigner(LOG)) as log:
            return await log.head()

    return asyncio.run(run())


def edit(path: Path, *statements: str) -> None:
    """Do what the triggers forbid, as somebody with the file in hand can."""
    db = sqlite3.connect(path)
    definitions = [
        sql for (sql,) in db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
    ]
    for (name,) in db.execute(TRIGGERS).fetchall():
        db.execute(f"DROP TRIGGER {name}")
    for statement in (*statements, *definitions):
        db.execute(statement)
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder with ? and %" / "signals.db"


@pytest.fixture(autouse=True)
def _folder(path: Path) -> None:
    path.parent.mkdir()


def test_a_log_is_there_again_after_it_was_closed(path: Path) -> None:
    head = fill(path)
    assert opened(path) == head
    assert fill(path, signal_batch(6, range(6, 8))).size == 8


def test_an_empty_file_becomes_a_log(path: Path) -> None:
    path.touch()
    assert (fill(path)).size == 6


@pytest.mark.parametrize("tables", [0, 1])
def test_a_file_that_was_left_while_it_was_made_becomes_a_log(path: Path, tables: int) -> None:
    db = Database(path)
    db.enable_wal()
    if tables:
        migrations.ensure_migrations_table(db)
    db.close()
    assert fill(path).size == 6
    assert verify(path).problems == ()


async def test_the_file_says_it_is_argos_and_syncs_every_commit(path: Path) -> None:
    async with SqliteLog.open(path, FakeSigner(LOG)) as log:
        db = log._writer.db
        pragmas = ("application_id", "user_version", "journal_mode", "synchronous")
        answers = [db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert answers == [0x4172676F, 1, "wal", 2]


async def test_a_second_writer_is_told_who_is_there(path: Path) -> None:
    async with SqliteLog.open(path, FakeSigner(LOG)) as log:
        with pytest.raises(LogUnavailable, match=r"process \d+ already writes"):
            async with SqliteLog.open(path, FakeSigner(LOG)):
                pass
        assert (await log.append(signal_batch(0, range(1)))).size == 1


def test_the_lock_goes_with_the_log_even_if_opening_failed(path: Path) -> None:
    path.write_bytes(b"no database " * 100)
    for _ in range(2):
        with pytest.raises(LogUnusable):
            opened(path)
    path.unlink()
    assert (fill(path)).size == 6


def make_text(path: Path) -> None:
    path.write_text("dear diary\n" * 1_000)


def make_foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE diary (day TEXT)")
    db.commit()
    db.close()


def make_somebody_elses(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("PRAGMA application_id = 1234")
    db.execute("PRAGMA user_version = 1")
    db.close()


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_text, "not a database.*choose another file"),
        (make_foreign, "another program.*choose another file"),
        (make_somebody_elses, "another program.*choose another file"),
        (make_folder, "not a file.*choose another path"),
    ],
)
def test_what_is_no_signal_log_is_refused_and_left_alone(
    path: Path, make: Callable[[Path], None], reason: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    for attempt in (opened, verify):
        with pytest.raises(LogUnusable, match=reason) as caught:
            attempt(path)
        assert str(path) in str(caught.value)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_log_of_a_newer_program_is_refused_and_left_alone(path: Path) -> None:
    fill(path)
    edit(path, "PRAGMA user_version = 2")
    before = path.read_bytes()
    for attempt in (opened, verify):
        with pytest.raises(LogUnusable, match=r"schema 2, this program knows 1.*update Argo"):
            attempt(path)
    assert path.read_bytes() == before


def test_there_is_nothing_to_verify_where_there_is_no_log(path: Path) -> None:
    with pytest.raises(LogUnusable, match="check path"):
        verify(path)
    path.touch()
    with pytest.raises(LogUnusable, match="empty"):
        verify(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogUnusable, match="make its folder"):
        opened(tmp_path / "nowhere" / "signals.db")


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE idx = 3", "entry 3"),
        ("DELETE FROM entries WHERE idx = 5", "of 6 entries, the entries are 5"),
        ("DELETE FROM leaves WHERE idx = 5", "of 6 entries, the leaves are 5"),
        ("UPDATE leaves SET hash = zeroblob(32) WHERE idx = 0", "another root"),
        ("UPDATE leaves SET hash = zeroblob(31) WHERE idx = 0", "not a SHA-256"),
        ("UPDATE leaves SET hash = 'text' WHERE idx = 0", "not a SHA-256"),
        ("UPDATE entries SET data = 'text' WHERE idx = 2", "entry 2"),
        ("INSERT INTO nodes VALUES (1, 0, zeroblob(32))", "nodes are not those"),
        ("UPDATE heads SET size = 5", "not of the tree recorded"),
        ("UPDATE heads SET peaks = zeroblob(64)", "not of the tree recorded"),
        ("UPDATE heads SET peaks = zeroblob(32)", "peaks|tile"),
        ("UPDATE heads SET peaks = 'text'", "newest head cannot be read"),
        ("UPDATE heads SET sequences = '{'", "newest head cannot be read"),
        ("UPDATE heads SET sequences = '[]'", "newest head cannot be read"),
        ("UPDATE heads SET sequences = '{\"a\": 1}'", "newest head cannot be read"),
        ('UPDATE heads SET sequences = \'{"a":"b"}\'', "newest head cannot be read"),
        ("UPDATE heads SET sequences = CAST(x'ff' AS TEXT)", "decode"),
        ("UPDATE heads SET note = x'00'", "note"),
        ("UPDATE heads SET note = 'text'", "newest head cannot be read"),
        ("DELETE FROM heads", "of 0 entries, the entries are 6"),
        ("CREATE TABLE notes (line TEXT)", "tables or triggers were changed"),
    ],
)
def test_a_log_that_contradicts_itself_is_refused_and_left_alone(
    path: Path, statement: str, reason: str
) -> None:
    fill(path)
    edit(path, statement)
    before = path.read_bytes()
    with pytest.raises(LogUnusable, match=reason):
        opened(path)
    assert path.read_bytes() == before


def test_nodes_that_are_not_the_leaves_are_refused(path: Path) -> None:
    fill(path, Batch(6, tuple(tiny_quiet(seq, strategy="beta") for seq in range(300))))
    opened(path)
    edit(path, "UPDATE nodes SET hash = zeroblob(32)")
    with pytest.raises(LogUnusable, match="nodes are not those of the leaves"):
        opened(path)
    assert any("nodes" in one for one in verify(path).problems)


@pytest.mark.parametrize("statement", ["DELETE FROM signals", "DELETE FROM signals WHERE idx = 2"])
def test_a_read_model_with_rows_missing_is_made_anew(path: Path, statement: str) -> None:
    fill(path)
    edit(path, statement, "DELETE FROM standing")
    assert not verify(path).verified
    opened(path)
    assert verify(path).problems == ()


def test_a_read_model_cannot_be_made_of_an_unreadable_entry(path: Path) -> None:
    entries = tuple(tiny_quiet(seq, strategy="beta") for seq in range(2_000))
    fill(path, Batch(6, entries))
    # Far enough back that the check at the start does not hash it.
    edit(path, "UPDATE entries SET data = x'7b7d' WHERE idx = 1", "DELETE FROM signals")
    with pytest.raises(LogUnusable, match="kind"):
        opened(path)
    assert "entry 1 does not have the hash it was logged under" in verify(path).problems


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET data = x'00' WHERE idx = 0",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries VALUES (0, x'00')",
        "INSERT OR REPLACE INTO entries VALUES (5, x'00')",
        "INSERT INTO entries VALUES (7, x'00')",
        "INSERT INTO entries VALUES (-1, x'00')",
        "INSERT OR IGNORE INTO entries VALUES (9, x'00')",
        "UPDATE leaves SET hash = zeroblob(32)",
        "DELETE FROM leaves WHERE idx = 5",
        "INSERT OR REPLACE INTO leaves VALUES (5, zeroblob(32))",
        "UPDATE capsules SET data = x'00'",
        "DELETE FROM capsules",
        "INSERT OR REPLACE INTO capsules (rowid, sha256, data) VALUES (1, 'new', x'00')",
        "UPDATE nodes SET hash = x'00'",
        "DELETE FROM nodes",
        "INSERT OR REPLACE INTO nodes VALUES (1, 0, x'00')",
        "INSERT INTO nodes VALUES (1, 2, x'00')",
        "INSERT OR REPLACE INTO nodes (rowid, level, idx, hash) VALUES (1, 1, 1, x'00')",
        "UPDATE sealed SET nonce = x'00'",
        "DELETE FROM sealed",
        "INSERT OR REPLACE INTO sealed (rowid, commitment, nonce, body) VALUES (1, 'c', x'', x'')",
        "UPDATE heads SET note = x'00'",
        "DELETE FROM heads",
        "INSERT OR REPLACE INTO heads SELECT size, 9, peaks, '', 0, 0, x'' FROM heads",
        "INSERT INTO heads SELECT 5, 9, peaks, '', 0, 0, x'' FROM heads LIMIT 1",
        "UPDATE cosignatures SET line = ''",
        "DELETE FROM cosignatures",
        "INSERT OR REPLACE INTO cosignatures (rowid, size, key, time_s, line) VALUES (1,1,'',0,'')",
        "UPDATE leases SET token = 9",
        "DELETE FROM leases",
        "INSERT OR REPLACE INTO leases VALUES (1, 'me', 0)",
        "INSERT INTO leases VALUES (9, 'me', 0)",
    ],
)
def test_what_is_written_stays_written(path: Path, statement: str) -> None:
    fill_every_table(path)
    db = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()
    assert verify(path).problems == ()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO capsules SELECT sha256, x'00' FROM capsules",
        "INSERT OR REPLACE INTO sealed SELECT commitment, x'00', x'00' FROM sealed",
        "INSERT OR REPLACE INTO cosignatures SELECT size, key, 0, '' FROM cosignatures",
    ],
)
def test_what_may_come_twice_is_not_replaced(path: Path, statement: str) -> None:
    fill_every_table(path)
    db = sqlite3.connect(path)
    with db:
        db.execute(statement)
    db.close()
    assert verify(path).problems == ()


def test_the_read_model_can_be_made_anew(path: Path) -> None:
    fill_every_table(path)
    tables = ("signals", "standing", "outcomes")
    before = {name: rows(path, name) for name in tables}
    edit(path, *(f"DELETE FROM {name}" for name in tables))  # noqa: S608 - ours
    assert rebuild(path) == len(before["signals"])
    assert {name: rows(path, name) for name in tables} == before
    assert verify(path).problems == ()


def test_a_read_model_is_made_anew_of_nothing_but_a_log(path: Path) -> None:
    with pytest.raises(LogUnusable, match="no such file"):
        rebuild(path)
    path.touch()
    with pytest.raises(LogUnusable, match="it is empty"):
        rebuild(path)
    path.unlink()
    fill(path)
    edit(path, "CREATE TABLE notes (line TEXT)")
    with pytest.raises(LogUnusable, match="were changed"):
        rebuild(path)


async def test_a_read_model_is_not_made_anew_under_a_writer(path: Path) -> None:
    async with SqliteLog.open(path, FakeSigner(LOG)):
        with pytest.raises(LogUnavailable, match="already writes"):
            await asyncio.to_thread(rebuild, path)


@pytest.mark.parametrize("statement", ["DELETE FROM sealed", "UPDATE sealed SET body = 'text'"])
def test_a_read_model_cannot_be_made_of_a_lost_body(path: Path, statement: str) -> None:
    fill_every_table(path)
    edit(path, statement, "DELETE FROM signals")
    for attempt in (opened, rebuild):
        with pytest.raises(LogUnusable, match="body"):
            attempt(path)


def test_errors_of_a_log_say_which_file(path: Path) -> None:
    path.write_bytes(b"\0" * 4_096)
    with pytest.raises(LogError, match=r"signals\.db"):
        opened(path)


def test_damaged_text_in_a_complaint_is_damage_too(path: Path) -> None:
    # SQLite quotes what it complains of, and Python cannot read a quotation that is not UTF-8.
    with pytest.raises(LogUnusable, match=r"signals\.db.*restore"), translated(path):
        b"\xa8".decode()
