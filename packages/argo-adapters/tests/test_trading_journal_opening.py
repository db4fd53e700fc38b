"""Which files become a trading journal, which are refused, and that those stay as they were."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_core.errors import InvalidSetting, JournalError
from argo_core.testing.journal_contract import FACTS
from argo_core.trading.fact import Numbered


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trading.db"


async def all_of(path: Path, account: str = "paper") -> tuple[Numbered, ...]:
    async with SqliteTradingJournal.open(path, account=account) as journal:
        return await journal.facts()


def found(path: Path) -> tuple[Numbered, ...]:
    return asyncio.run(all_of(path))


def fill(path: Path) -> None:
    async def run() -> None:
        async with SqliteTradingJournal.open(path, account="paper") as journal:
            await journal.append(FACTS)

    asyncio.run(run())


def edit(path: Path, *statements: str) -> None:
    """Do what the triggers forbid, as somebody with the file in hand can."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        select = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        triggers = db.execute(select).fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _, sql in triggers:
            db.execute(sql)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def refused(path: Path) -> str:
    with pytest.raises(JournalError) as caught:
        found(path)
    return str(caught.value)


def test_what_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"no database at all, only some words " * 100)
    before = path.read_bytes()
    assert f"{path}: file is not a database; restore it" in refused(path)
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    assert "another program; choose another file" in refused(path)
    assert path.read_bytes() == before


def test_a_newer_programs_journal_is_refused(path: Path) -> None:
    fill(path)
    edit(path, "PRAGMA user_version = 2")
    assert "it has schema 2, this program knows 1; update Argo" in refused(path)


def test_folders_and_places_that_are_not_there_are_refused(path: Path) -> None:
    assert "it is not a file" in refused(path.parent)
    assert "make its folder" in refused(path.parent / "nowhere" / "trading.db")


@pytest.mark.parametrize(
    "statement",
    [
        "DROP INDEX facts_of_order",
        "ALTER TABLE facts ADD COLUMN more TEXT",
        "CREATE TABLE more (a)",
    ],
)
def test_a_file_whose_tables_were_changed_is_refused(path: Path, statement: str) -> None:
    fill(path)
    edit(path, statement)
    assert "were changed; restore it from a copy" in refused(path)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM facts WHERE number = 3", "fact 3 is missing"),
        ("DELETE FROM facts WHERE number = 1", "fact 1 is missing"),
        ("UPDATE facts SET kind = 'told' WHERE number = 2", "fact 2 is filed as something else"),
        ("UPDATE facts SET at_us = 1 WHERE number = 2", "fact 2 is filed as something else"),
        ("UPDATE facts SET order_id = 'x' WHERE number = 2", "fact 2 is filed as something else"),
        ("UPDATE facts SET body = '{}' WHERE number = 2", "fact 2: kind: 'None' is unknown"),
        ("UPDATE facts SET body = CAST(x'ff' AS TEXT) WHERE number = 2", "restore it from a copy"),
    ],
)
def test_facts_that_were_tampered_with_are_not_read(
    path: Path, statement: str, problem: str
) -> None:
    fill(path)
    edit(path, statement)
    assert problem in refused(path)


@pytest.mark.parametrize("statement", ["DELETE FROM owner", "INSERT INTO owner VALUES ('b')"])
def test_a_file_that_is_nobodys_or_two_accounts_is_refused(path: Path, statement: str) -> None:
    fill(path)
    edit(path, statement)
    with pytest.raises(InvalidSetting, match="not of paper"):
        found(path)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE facts SET at_us = 1", "do not change"),
        ("DELETE FROM facts", "are kept"),
        ("INSERT INTO facts VALUES (9, 1, 'told', NULL, '{}')", "without a gap"),
        ("INSERT OR REPLACE INTO facts VALUES (1, 1, 'told', NULL, '{}')", "without a gap"),
        ("INSERT INTO facts VALUES (7, 'soon', 'told', NULL, '{}')", "cannot store TEXT"),
    ],
)
def test_facts_are_only_added(path: Path, statement: str, problem: str) -> None:
    fill(path)
    with (
        closing(sqlite3.connect(path)) as db,
        pytest.raises(sqlite3.IntegrityError, match=problem),
    ):
        db.execute(statement)


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    assert found(path) == ()
