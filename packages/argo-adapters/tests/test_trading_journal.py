"""The trading journal on SQLite: its port's promises, whose it is, trouble, kill -9."""

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from argo_adapters.sqlite.trading_journal import MOST, SqliteTradingJournal
from argo_core.errors import InvalidInput, InvalidSetting, JournalError
from argo_core.testing.journal_contract import FACTS, ONE, TradingJournalContract, numbered
from argo_core.trading.fact import CancelAsked, Numbered

SCRIPT = Path(__file__).with_name("journal_until_killed.py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a folder with ? and %" / "trading.db"


@pytest.fixture(autouse=True)
def _folder(path: Path) -> None:
    path.parent.mkdir()


@pytest.fixture
async def journal(path: Path) -> AsyncIterator[SqliteTradingJournal]:
    async with SqliteTradingJournal.open(path, account="paper", busy_s=0.01, call_s=10) as one:
        yield one


@pytest.fixture
def other(journal: SqliteTradingJournal, path: Path) -> Iterator[sqlite3.Connection]:
    """Another connection to the same file, as from a shell."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


class TestSqliteTradingJournal(TradingJournalContract):
    @pytest.fixture
    async def journal(self, path: Path) -> AsyncIterator[SqliteTradingJournal]:
        async with SqliteTradingJournal.open(path, account="paper") as journal:
            yield journal


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


def test_facts_are_there_again_after_it_was_closed_and_go_on_from_there(path: Path) -> None:
    fill(path)
    assert found(path) == numbered(1, 2, 3, 4, 5, 6)
    fill(path)
    assert [one.number for one in found(path)] == list(range(1, 13))


def test_nobody_else_may_read_the_file(path: Path) -> None:
    fill(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_second_writer_is_refused(path: Path, journal: SqliteTradingJournal) -> None:
    with pytest.raises(JournalError, match="already writes here"):
        await all_of(path)
    assert await journal.append(FACTS[:1]) == numbered(1)


def test_a_journal_is_one_accounts(path: Path) -> None:
    fill(path)
    with pytest.raises(InvalidSetting, match="of account paper, not of alpaca-PA3") as caught:
        asyncio.run(all_of(path, "alpaca-PA3"))
    assert caught.value.field == "trading.journal"
    assert len(found(path)) == 6


@pytest.mark.parametrize("account", ["", "two\nlines", "x" * 256])
def test_an_account_that_is_no_word_is_refused(path: Path, account: str) -> None:
    with pytest.raises(InvalidSetting, match="names no account"):
        asyncio.run(all_of(path, account))
    assert not path.exists()


async def test_batches_and_pages_are_bounded(journal: SqliteTradingJournal) -> None:
    with pytest.raises(InvalidInput, match="at most 10,000"):
        await journal.append([FACTS[0]] * (MOST + 1))
    await journal.append([FACTS[0]] * MOST)
    await journal.append(FACTS)
    assert len(await journal.facts(limit=MOST + 1)) == MOST
    assert [one.fact for one in await journal.facts(MOST)] == list(FACTS)


async def test_a_locked_file_takes_nothing_and_then_the_same_batch(
    journal: SqliteTradingJournal, other: sqlite3.Connection
) -> None:
    await journal.append(FACTS[:2])
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalError, match=r"trading\.db: database is locked"):
        await journal.append(FACTS[2:])
    assert await journal.facts() == numbered(1, 2)
    other.execute("ROLLBACK")
    assert await journal.append(FACTS[2:]) == numbered(3, 4, 5, 6)


async def test_a_full_disk_takes_nothing_and_then_the_same_batch(
    journal: SqliteTradingJournal,
) -> None:
    await journal.append(FACTS)
    execute = journal._file.db.execute
    await asyncio.to_thread(execute, "PRAGMA max_page_count = 1")
    large = [CancelAsked(FACTS[0].at, ONE)] * 500
    with pytest.raises(JournalError, match="full; free some disk space"):
        await journal.append(large)
    assert await journal.facts() == numbered(1, 2, 3, 4, 5, 6)
    await asyncio.to_thread(execute, "PRAGMA max_page_count = 1000000")
    assert [one.number for one in await journal.append(large)] == list(range(7, 507))


async def test_after_a_call_that_took_too_long_nothing_goes_on_until_it_is_opened_again(
    path: Path,
) -> None:
    async with SqliteTradingJournal.open(path, account="paper", busy_s=30) as journal:
        await journal.append(FACTS[:2])
        journal._call_s = 0.1
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalError, match=r"no answer within 0\.1 s"):
                await journal.append(FACTS[2:])
            other.execute("ROLLBACK")
        journal._call_s = 10
        for call in (journal.append(FACTS), journal.facts(), journal.of_order(ONE)):
            with pytest.raises(JournalError, match="start again"):
                await call
    # It was carried out after all, once.
    assert await all_of(path) == numbered(1, 2, 3, 4, 5, 6)


async def test_a_call_that_is_given_up_is_in_doubt_and_so_is_what_was_asked_behind_it(
    path: Path,
) -> None:
    async with SqliteTradingJournal.open(path, account="paper", busy_s=30) as journal:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            first = asyncio.create_task(journal.append(FACTS[:2]))
            behind = asyncio.create_task(journal.append(FACTS[2:]))
            # Long enough for both to be asked, and neither can be done.
            await asyncio.wait([first, behind], timeout=0.05)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            other.execute("ROLLBACK")
            with pytest.raises(JournalError, match="start again"):
                await behind
    assert await all_of(path) == numbered(1, 2, 3, 4, 5, 6)


async def test_what_somebody_else_wrote_meanwhile_stops_it(
    journal: SqliteTradingJournal, other: sqlite3.Connection
) -> None:
    await journal.append(FACTS[:1])
    other.execute("INSERT INTO facts SELECT 2, at_us, kind, order_id, body FROM facts")
    for _ in range(2):
        with pytest.raises(JournalError, match="goes on after fact 1"):
            await journal.append(FACTS[1:])
    assert len(await journal.facts()) == 2


def test_whatever_was_acknowledged_survives_a_kill(path: Path) -> None:
    acknowledged = 0
    for _ in range(8):
        command = [sys.executable, "-W", "error", str(SCRIPT), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603 - it is ours
            assert writer.stdout is not None
            said = b"".join(writer.stdout.readline() for _ in range(5))
            writer.kill()
            said += writer.stdout.read()
        lines = said.decode().splitlines(keepends=True)
        whole = [int(line) for line in lines if line.endswith("\n")]
        assert whole[0] > acknowledged
        acknowledged = whole[-1]
    facts = found(path)
    # One batch more may have been written that nobody was told of; never a part of one.
    assert len(facts) in (acknowledged, acknowledged + 3)
    assert [one.number for one in facts] == list(range(1, len(facts) + 1))
