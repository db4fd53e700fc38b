"""The promises of `SpendingBook`, as tests.

Inherit, and give the fixtures: the implementation under test, new to every test.
"""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from datetime import date
from decimal import Decimal

from argo_core.consensus.opinion import GROK, SONAR
from argo_core.ports import SpendingBook
from argo_core.resilience.budget import Amount

DAY = date(2024, 11, 25)
SOME = Amount(Decimal("0.0123456789"), 1_000, 1)


class SpendingBookContract:
    """Tests for one implementation; `book` is its fixture, empty."""

    async def test_a_new_day_has_cost_nothing(self, book: SpendingBook) -> None:
        assert await book.add(GROK, DAY, Amount()) == Amount()
        assert await book.subtract(GROK, DAY, SOME) == Amount()

    async def test_amounts_add_up_exactly(self, book: SpendingBook) -> None:
        for times in range(1, 4):
            total = await book.add(GROK, DAY, SOME)
            assert total == Amount(SOME.usd * times, 1_000 * times, times)
        assert await book.add(GROK, DAY, Amount()) == total

    async def test_vendors_and_days_are_kept_apart(self, book: SpendingBook) -> None:
        await book.add(GROK, DAY, SOME)
        assert await book.add(SONAR, DAY, Amount()) == Amount()
        assert await book.add(GROK, date(2024, 11, 26), Amount()) == Amount()

    async def test_what_is_taken_back_never_leaves_less_than_nothing(
        self, book: SpendingBook
    ) -> None:
        await book.add(GROK, DAY, Amount(Decimal(2), 10, 3))
        left = await book.subtract(GROK, DAY, Amount(Decimal("0.5"), 20, 1))
        assert left == Amount(Decimal("1.5"), 0, 2)
        assert await book.add(GROK, DAY, Amount(tokens=5)) == Amount(Decimal("1.5"), 5, 2)

    async def test_amounts_booked_at_once_all_count(self, book: SpendingBook) -> None:
        await asyncio.gather(*(book.add(GROK, DAY, SOME) for _ in range(50)))
        assert await book.add(GROK, DAY, Amount()) == Amount(SOME.usd * 50, 50_000, 50)
