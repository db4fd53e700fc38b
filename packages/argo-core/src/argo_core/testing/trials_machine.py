"""Drives a ledger of trials and the fake side by side with the same calls."""
# ruff: noqa: S101 - a machine is made of assertions

from abc import abstractmethod

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from argo_core.backtest.research.trial import Trial, TrialLedger
from argo_core.testing.fake_trials import FakeTrials
from argo_core.testing.trial_strategies import BETWEEN, DATA, GROUNDS, trials


class TrialsMachine(RuleBasedStateMachine):
    """Inherit, and let `opened` open the same ledger again each time, with what is in it."""

    @abstractmethod
    def opened(self) -> TrialLedger:
        """The ledger under test, empty at first."""

    @initialize()
    def start(self) -> None:
        self._fake = FakeTrials()
        self._real = self.opened()

    @rule(batch=st.lists(trials(), max_size=4))
    def add(self, batch: list[Trial]) -> None:
        assert self._real.add(batch) == self._fake.add(batch)

    @rule(limit=st.integers(-1, 4), data=st.sampled_from([None, *DATA]))
    def read(self, limit: int, data: str | None) -> None:
        assert self._real.newest(limit, data) == self._fake.newest(limit, data)

    @rule()
    def open_again(self) -> None:
        self._real = self.opened()

    @invariant()
    def both_have_the_same(self) -> None:
        assert self._real.newest() == self._fake.newest()
        for ground in (*GROUNDS, *BETWEEN):
            assert self._real.tried(ground) == self._fake.tried(ground)
