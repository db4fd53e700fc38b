"""The promises of `TradingJournal`, as tests. Inherit, and give the fixture."""
# ruff: noqa: S101 - a contract is made of assertions about particular numbers

from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.ports import TradingJournal
from argo_core.testing.strategies import NOON
from argo_core.trading.fact import (
    CancelAsked,
    CauseRaised,
    Fact,
    HighWater,
    Numbered,
    Recorded,
    Refused,
    Trailed,
)
from argo_core.trading.state import Cause

ONE, OTHER = "A" * 32, "B" * 32
FACTS: tuple[Fact, ...] = (
    CauseRaised(NOON, Cause.STARTING, "we begin; wir fangen an, \u2026"),
    CancelAsked(NOON, ONE),
    HighWater(NOON, Decimal("100000.10")),
    Refused(NOON, OTHER, "no", lost=True),
    Refused(NOON, ONE, "it is filled"),
    Recorded(NOON, {8: 3, 12: 4}),
)


def numbered(*numbers: int) -> tuple[Numbered, ...]:
    """The facts with these numbers, as they come back."""
    return tuple(Numbered(number, FACTS[number - 1]) for number in numbers)


class TradingJournalContract:
    """Tests for one implementation; `journal` is its fixture, empty."""

    async def test_there_are_no_facts_at_first(self, journal: TradingJournal) -> None:
        assert await journal.facts() == ()
        assert await journal.of_order(ONE) == ()

    async def test_facts_are_numbered_from_one_without_a_gap(self, journal: TradingJournal) -> None:
        assert await journal.append(FACTS[:2]) == numbered(1, 2)
        assert await journal.append(FACTS[2:]) == numbered(3, 4, 5, 6)
        assert await journal.facts() == numbered(1, 2, 3, 4, 5, 6)

    async def test_nothing_to_append_takes_no_number(self, journal: TradingJournal) -> None:
        assert await journal.append(()) == ()
        assert await journal.append(FACTS[:1]) == numbered(1)

    async def test_facts_are_read_on_from_where_one_was(self, journal: TradingJournal) -> None:
        await journal.append(FACTS)
        assert await journal.facts(after=2, limit=3) == numbered(3, 4, 5)
        assert await journal.facts(after=5, limit=3) == numbered(6)
        assert await journal.facts(after=6) == ()
        assert await journal.facts(limit=0) == ()

    async def test_an_orders_facts_are_found_in_order(self, journal: TradingJournal) -> None:
        await journal.append(FACTS)
        assert await journal.of_order(ONE) == numbered(2, 5)
        assert await journal.of_order(OTHER) == numbered(4)
        assert await journal.of_order("nobody's") == ()

    async def test_a_fact_that_no_line_can_have_keeps_its_batch_out(
        self, journal: TradingJournal
    ) -> None:
        bad = Trailed(NOON, Symbol("NVR"), Decimal("NaN"), Decimal(1))
        with pytest.raises(InvalidInput, match="best"):
            await journal.append((*FACTS[:2], bad))
        assert await journal.append(FACTS[:1]) == numbered(1)
        assert await journal.facts() == numbered(1)
