"""Trials as values, what they come to, and the ledger in memory."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from attrs import evolve
from hypothesis import settings

from argo_core.backtest.bars.plan import Exits, Plan
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.research.ground import Ground
from argo_core.backtest.research.sample import Sample
from argo_core.backtest.research.trial import Trial, TrialLedger, counted
from argo_core.backtest.run import run
from argo_core.backtest.statistics.trials import Trials
from argo_core.backtest.strategies.sma_cross import SmaCross
from argo_core.errors import InvalidInput, TrialError
from argo_core.testing.fake_trials import FakeTrials
from argo_core.testing.trials_contract import FIRST, TrialLedgerContract
from argo_core.testing.trials_machine import TrialsMachine
from argo_core.testing.wandering_bars import wandering_panel

NOON = datetime(2024, 11, 25, 17, tzinfo=UTC)


class TestFakeTrials(TrialLedgerContract):
    @pytest.fixture
    def ledger(self) -> FakeTrials:
        return FakeTrials()


class FakeMachine(TrialsMachine):
    """The fake against itself: the machine's own test."""

    def opened(self) -> TrialLedger:
        if not hasattr(self, "_there"):
            self._there = FakeTrials()
        return self._there


TestFakeMachine = FakeMachine.TestCase
EXAMPLES = (settings.default or settings()).max_examples // 5
TestFakeMachine.settings = settings(max_examples=max(5, EXAMPLES), stateful_step_count=15)


def test_a_ledger_that_is_away_says_so() -> None:
    ledger = FakeTrials()
    ledger.away = True
    with pytest.raises(TrialError):
        ledger.add([FIRST])
    ledger.away = False
    assert ledger.newest() == ()


def test_a_trial_is_what_a_backtest_was() -> None:
    panel = wandering_panel(40, 2)
    backtest = run(panel, SmaCross(2, 5), Plan(exits=Exits(stops=False, horizon_s=0)))
    trial = Trial.of(backtest, NOON)
    assert trial.at == NOON
    assert (trial.strategy, trial.parameters) == ("sma-cross", SmaCross(2, 5).parameters)
    assert trial.data_sha256 == panel.sha256
    assert trial.ground == Ground.of(panel)
    assert trial.request_sha256 == backtest.request_sha256
    assert trial.result_sha256 == backtest.result_sha256
    sample = Sample.of(panel, backtest.traded)
    assert sample.sharpe is not None
    assert (trial.n, trial.sharpe) == (sample.n, sample.sharpe)
    assert (trial.skew, trial.kurtosis) == (sample.skew, sample.kurtosis)


def test_ground_is_the_symbols_and_sessions_of_a_panel() -> None:
    panel = wandering_panel(40, 2)
    ground = Ground.of(panel)
    assert ground.symbols == set(panel.symbols)
    assert [day_of(ground.first), day_of(ground.last)] == panel.session[[0, -1]].tolist()
    assert ground.meets(Ground.of(panel.cut(3, 5)))
    assert not Ground.of(panel.upto(1)).meets(Ground.of(panel.cut(39, 40)))
    assert not Ground.of(panel.only(panel.symbols[:1])).meets(
        Ground.of(panel.only(panel.symbols[1:]))
    )


def test_ground_that_is_none_is_refused() -> None:
    day = date(2024, 11, 25)
    with pytest.raises(InvalidInput, match="symbols: there is none"):
        Ground([], day, day)
    with pytest.raises(InvalidInput, match="last: it is before 2024-11-25"):
        Ground(["AAPL"], day, date(2024, 11, 24))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"at": NOON.replace(tzinfo=None)}, "at"),
        ({"strategy": ""}, "strategy"),
        ({"strategy": "two\nlines"}, "strategy"),
        ({"data_sha256": "D" * 64}, "data_sha256"),
        ({"request_sha256": "d" * 63}, "request_sha256"),
        ({"result_sha256": ""}, "result_sha256"),
        ({"n": -1}, "n"),
        ({"n": 2**64}, "n"),
        ({"sharpe": float("nan")}, "sharpe"),
        ({"skew": float("inf")}, "skew"),
        ({"kurtosis": float("-inf")}, "kurtosis"),
    ],
)
def test_what_cannot_be_a_trial_is_refused(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        evolve(FIRST, **change)
    assert caught.value.field == field


def test_nothing_tried_is_nothing_and_order_does_not_matter() -> None:
    assert counted([]) is None
    assert counted([None, None]) == Trials(count=2, sharpe_variance=None)
    assert counted([None, 0.1]) == Trials(count=2, sharpe_variance=None)
    assert counted([None]) == counted([0.1]) == Trials(count=1, sharpe_variance=0.0)
    assert counted([0.1, None, 0.3]) == counted([None, 0.3, 0.1])
