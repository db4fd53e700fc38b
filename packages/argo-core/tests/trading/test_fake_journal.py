"""The fake journal keeps its port's promises, and fails as it is told."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from hypothesis import settings
from hypothesis.stateful import rule

from argo_core.errors import JournalError
from argo_core.ports import TradingJournal
from argo_core.testing.fact_strategies import facts
from argo_core.testing.fake_journal import FakeJournal
from argo_core.testing.journal_contract import FACTS, ONE, TradingJournalContract, numbered
from argo_core.testing.journal_machine import JournalMachine
from argo_core.trading.fact import Fact


class TestFakeJournal(TradingJournalContract):
    @pytest.fixture
    def journal(self) -> FakeJournal:
        return FakeJournal()


class FakeMachine(JournalMachine):
    def __init__(self) -> None:
        super().__init__()
        self._kept = FakeJournal()

    def opened(self) -> AbstractAsyncContextManager[TradingJournal]:
        @asynccontextmanager
        async def kept() -> AsyncIterator[TradingJournal]:
            yield self._kept

        return kept()

    @rule(one=facts())
    def append_when_it_fails(self, one: Fact) -> None:
        self._kept.fail_before = self._fake.fail_before = True
        self.append([one])


TestFakeMachine = FakeMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 10
TestFakeMachine.settings = settings(max_examples=max(8, EXAMPLES), stateful_step_count=30)


async def test_a_failure_before_writing_leaves_nothing_and_may_be_tried_again() -> None:
    journal = FakeJournal()
    journal.fail_before = True
    with pytest.raises(JournalError, match="before"):
        await journal.append(FACTS)
    assert await journal.append(FACTS[:1]) == numbered(1)


async def test_after_an_answer_that_was_lost_nothing_goes_on_until_it_is_reopened() -> None:
    journal = FakeJournal()
    journal.fail_after = True
    with pytest.raises(JournalError, match="after"):
        await journal.append(FACTS)
    for call in (journal.append(FACTS), journal.facts(), journal.of_order(ONE)):
        with pytest.raises(JournalError, match="open it again"):
            await call
    again = journal.reopened()
    assert await again.facts() == numbered(1, 2, 3, 4, 5, 6)
    assert await again.of_order(ONE) == numbered(2, 5)


def test_the_machine_asks_for_an_orders_facts_too():
    machine = FakeMachine()
    machine.start()
    machine.read_an_order("A")
    machine.teardown()
