"""The book of spending, read beside whoever writes it."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from argo_adapters.sqlite.spending import SqliteSpendingBook
from argo_adapters.sqlite.spent import read_spent
from argo_core.consensus.opinion import GROK, SONAR
from argo_core.errors import SharedAway
from argo_core.resilience.budget import Amount
from argo_core.signals.skill.price import Spent


async def test_all_days_of_a_payer_are_added_up_from_the_first(tmp_path: Path) -> None:
    path = tmp_path / "book.sqlite3"
    async with SqliteSpendingBook.open(path) as book:
        for day, usd in ((3, "0.10"), (1, "0.0000000001"), (2, "2")):
            await book.add(GROK, date(2026, 2, day), Amount(Decimal(usd)))
        await book.add(SONAR, date(2026, 2, 4), Amount(calls=1))
        # While it is open to be written.
        found = await asyncio.to_thread(read_spent, path)
    assert found == {
        GROK: Spent(Decimal("2.1000000001"), datetime(2026, 2, 1, tzinfo=UTC)),
        SONAR: Spent(Decimal(0), datetime(2026, 2, 4, tzinfo=UTC)),
    }


def test_without_a_book_nothing_was_spent(tmp_path: Path) -> None:
    assert not read_spent(tmp_path / "nothing")


def test_what_is_no_book_is_refused(tmp_path: Path) -> None:
    other, damaged = tmp_path / "empty.sqlite3", tmp_path / "damaged.sqlite3"
    other.touch()
    damaged.write_bytes(b"no database at all" * 100)
    with pytest.raises(SharedAway, match="no book of spending"):
        read_spent(other)
    with pytest.raises(SharedAway, match="not a database"):
        read_spent(damaged)
    with pytest.raises(SharedAway, match="not a file"):
        read_spent(tmp_path)
