"""Drives a trading journal and the fake side by side with the same calls, comparing every answer.

Rules are synchronous, so each run has a private event loop.
"""
# ruff: noqa: S101 - a machine is made of assertions

import asyncio
from abc import abstractmethod
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from argo_core.errors import JournalError
from argo_core.ports import TradingJournal
from argo_core.testing.fact_strategies import facts
from argo_core.testing.fake_journal import FakeJournal
from argo_core.trading.fact import Fact

T = TypeVar("T")

_batches = st.lists(facts(), max_size=3)


class JournalMachine(RuleBasedStateMachine):
    """Inherit, and let `opened` open the same journal again each time, with what is in it."""

    @abstractmethod
    def opened(self) -> AbstractAsyncContextManager[TradingJournal]:
        """The journal under test, empty at first."""

    @initialize()
    def start(self) -> None:
        self._loop = asyncio.Runner()
        self._fake = FakeJournal()
        self._open()

    def _open(self) -> None:
        self._context = self.opened()
        self._real = self._run(self._context.__aenter__())

    def _run(self, call: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(call)

    def _answers(self, real: Coroutine[Any, Any, T], fake: Coroutine[Any, Any, T]) -> None:
        """Both give the same answer; that there is none is one."""
        outcomes: list[T | type[Exception]] = []
        for call in (real, fake):
            try:
                outcomes.append(self._run(call))
            except JournalError as error:
                outcomes.append(type(error))
        assert outcomes[0] == outcomes[1]

    @rule(batch=_batches)
    def append(self, batch: list[Fact]) -> None:
        self._answers(self._real.append(batch), self._fake.append(batch))

    @rule(after=st.integers(0, 9), limit=st.integers(0, 4))
    def read(self, after: int, limit: int) -> None:
        self._answers(self._real.facts(after, limit), self._fake.facts(after, limit))

    @rule(order_id=st.sampled_from(["A", "B", ""]))
    def read_an_order(self, order_id: str) -> None:
        self._answers(self._real.of_order(order_id), self._fake.of_order(order_id))

    @rule()
    def close_and_open_again(self) -> None:
        self._run(self._context.__aexit__(None, None, None))
        self._open()
        self._fake = self._fake.reopened()

    @invariant()
    def both_have_the_same(self) -> None:
        self._answers(self._real.facts(), self._fake.facts())

    def teardown(self) -> None:
        self._run(self._context.__aexit__(None, None, None))
        self._loop.close()
