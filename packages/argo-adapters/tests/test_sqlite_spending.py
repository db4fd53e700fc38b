"""The book of spending on SQLite: its port's promises, several owners, kill -9 at any moment."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from argo_adapters.sqlite.spending import KEPT_DAYS, SqliteSpendingBook
from argo_core.consensus.opinion import GROK, SONAR
from argo_core.errors import InvalidInput, SharedAway
from argo_core.resilience.budget import Amount
from argo_core.testing.spending_contract import DAY, SOME, SpendingBookContract

SCRIPT = Path(__file__).with_name("spend_until_killed.py")
NOTHING = Amount()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spending.db"


class TestSqliteSpendingBook(SpendingBookContract):
    @pytest.fixture
    async def book(self, path: Path) -> AsyncIterator[SqliteSpendingBook]:
        async with SqliteSpendingBook.open(path) as book:
            yield book


async def test_it_is_there_after_a_restart(path: Path) -> None:
    for times in range(1, 4):
        async with SqliteSpendingBook.open(path) as book:
            assert (await book.add(GROK, DAY, SOME)).usd == SOME.usd * times


async def test_owners_of_one_file_count_together(path: Path) -> None:
    async with SqliteSpendingBook.open(path) as one, SqliteSpendingBook.open(path) as other:
        await asyncio.gather(*(book.add(GROK, DAY, SOME) for book in (one, other) * 20))
        assert await one.add(GROK, DAY, NOTHING) == Amount(SOME.usd * 40, 40_000, 40)


async def test_long_past_days_are_forgotten_on_opening(path: Path) -> None:
    old = DAY - timedelta(days=KEPT_DAYS + 1)
    async with SqliteSpendingBook.open(path) as book:
        await book.add(GROK, old, SOME)
        await book.add(GROK, old + timedelta(days=1), SOME)
    async with SqliteSpendingBook.open(path) as book:
        await book.add(SONAR, DAY, SOME)
    async with SqliteSpendingBook.open(path) as book:
        assert await book.add(GROK, old, NOTHING) == NOTHING
        assert await book.add(GROK, old + timedelta(days=1), NOTHING) == SOME


async def test_a_locked_file_is_away_in_time_and_then_back(path: Path) -> None:
    async with SqliteSpendingBook.open(path, busy_s=0.05) as book:
        await book.add(GROK, DAY, SOME)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(SharedAway, match="locked"):
                await book.add(GROK, DAY, SOME)
            other.execute("ROLLBACK")
        assert await book.add(GROK, DAY, NOTHING) == SOME


async def test_a_disk_that_hangs_is_away_in_time(path: Path) -> None:
    async with SqliteSpendingBook.open(path, call_s=2.0, busy_s=0.5) as book:
        book._call_s = 0.05
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(SharedAway, match="no answer within"):
                await book.add(GROK, DAY, SOME)
            other.execute("ROLLBACK")
        book._call_s = 2.0


async def opening_fails(path: Path) -> str:
    with pytest.raises(SharedAway) as caught:
        async with SqliteSpendingBook.open(path):
            pass
    return str(caught.value)


def test_what_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"no database at all, only some words " * 100)
    before = path.read_bytes()
    assert str(path) in asyncio.run(opening_fails(path))
    assert path.read_bytes() == before


def test_another_programs_database_is_refused_and_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (a)")
    before = path.read_bytes()
    assert "another program" in asyncio.run(opening_fails(path))
    assert path.read_bytes() == before


async def test_a_folder_that_is_not_there_is_said(path: Path) -> None:
    assert "unable to open" in await opening_fails(path.parent / "nowhere" / "spending.db")


async def test_dollars_finer_than_a_step_are_never_understated(path: Path) -> None:
    fine = Amount(Decimal("0.00000000015"))
    async with SqliteSpendingBook.open(path) as book:
        assert (await book.add(GROK, DAY, fine)).usd == Decimal("0.0000000002")
        assert (await book.subtract(GROK, DAY, fine)).usd == Decimal("0.0000000001")


@pytest.mark.parametrize("amount", [Amount(Decimal(10**8)), Amount(tokens=10**18)])
async def test_what_no_day_can_cost_is_refused(path: Path, amount: Amount) -> None:
    async with SqliteSpendingBook.open(path) as book:
        with pytest.raises(InvalidInput, match="amount"):
            await book.add(GROK, DAY, amount)


async def total_of(path: Path) -> Amount:
    async with SqliteSpendingBook.open(path) as book:
        return await book.add(GROK, DAY, NOTHING)


def test_whatever_was_acknowledged_survives_a_kill(path: Path) -> None:
    acknowledged = 0
    for _ in range(8):
        command = [sys.executable, "-W", "error", str(SCRIPT), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as spender:  # noqa: S603 - it is ours
            assert spender.stdout is not None
            said = b"".join(spender.stdout.readline() for _ in range(5))
            spender.kill()
            said += spender.stdout.read()
        lines = said.decode().splitlines(keepends=True)
        whole = [int(line) for line in lines if line.endswith("\n")]
        assert whole[0] > acknowledged
        acknowledged = whole[-1]
    total = asyncio.run(total_of(path))
    # One more may have been written that nobody was told of.
    assert acknowledged <= total.calls <= acknowledged + 1
    assert total.usd == SOME.usd * total.calls
    assert path.stat().st_size < 100_000
