"""The promises of `TrialLedger`, as tests. Inherit, and give the fixture."""
# ruff: noqa: PLR2004, S101 - a contract is made of assertions about particular numbers

import pytest
from attrs import evolve

from argo_core.backtest.research.trial import Trial, TrialLedger
from argo_core.backtest.statistics.trials import Trials
from argo_core.testing.strategies import NOON
from argo_core.testing.trial_strategies import BETWEEN, DATA, GROUNDS, sha

FIRST = Trial(
    at=NOON,
    strategy="sma-cross",
    parameters={"slow": "30", "fast": "10"},
    ground=GROUNDS[0],
    data_sha256=DATA[0],
    request_sha256=sha(1),
    result_sha256=sha(1),
    n=251,
    sharpe=1 / 3,
    skew=-0.1,
    kurtosis=5.25,
)
SECOND = evolve(FIRST, parameters={}, request_sha256=sha(2), sharpe=-0.1)
IDLE = evolve(
    FIRST, strategy="idle", request_sha256=sha(3), n=0, sharpe=None, skew=None, kurtosis=None
)
ELSEWHERE = evolve(FIRST, ground=GROUNDS[1], data_sha256=DATA[1], request_sha256=sha(4))


class TrialLedgerContract:
    """Tests for one implementation; `ledger` is its fixture, empty."""

    def test_nothing_was_tried_at_first(self, ledger: TrialLedger) -> None:
        assert ledger.newest() == ()
        assert ledger.tried(GROUNDS[0]) is None

    def test_what_was_added_comes_back_as_it_was_the_newest_first(
        self, ledger: TrialLedger
    ) -> None:
        assert ledger.add([FIRST, SECOND]) == 2
        assert ledger.add([IDLE]) == 1
        assert ledger.newest() == (IDLE, SECOND, FIRST)

    def test_nothing_to_add_is_nothing_new(self, ledger: TrialLedger) -> None:
        assert ledger.add(()) == 0

    def test_the_same_request_and_result_is_one_trial(self, ledger: TrialLedger) -> None:
        later = evolve(FIRST, at=NOON.replace(year=2025))
        assert ledger.add([FIRST, later]) == 1
        assert ledger.add([later, SECOND]) == 1
        assert ledger.newest() == (SECOND, FIRST)

    def test_another_result_of_a_request_is_kept_and_no_further_trial(
        self, ledger: TrialLedger
    ) -> None:
        again = evolve(SECOND, result_sha256=sha(9), sharpe=1 / 3)
        ledger.add([FIRST, SECOND])
        before = ledger.tried(GROUNDS[0])
        assert before is not None
        assert before.count == 2
        assert before.sharpe_variance
        assert ledger.add([again]) == 1
        # The newest result of the second request is that of the first.
        assert ledger.tried(GROUNDS[0]) == Trials(count=2, sharpe_variance=0.0)
        assert len(ledger.newest()) == 3

    def test_trials_are_counted_where_symbols_and_sessions_meet(self, ledger: TrialLedger) -> None:
        ledger.add([FIRST, SECOND, ELSEWHERE])
        found = [ledger.tried(ground) for ground in (*GROUNDS, *BETWEEN)]
        assert [0 if one is None else one.count for one in found] == [2, 1, 3, 2, 0, 0]
        assert ledger.newest(data_sha256=DATA[1]) == (ELSEWHERE,)

    def test_the_variance_is_that_of_annual_ratios_that_are_defined(
        self, ledger: TrialLedger
    ) -> None:
        ledger.add([FIRST, SECOND, IDLE])
        tried = ledger.tried(GROUNDS[0])
        assert tried is not None
        assert tried.count == 3
        assert tried.sharpe_variance == pytest.approx(252 * (1 / 3 + 0.1) ** 2 / 2)

    def test_no_more_are_read_than_asked_for(self, ledger: TrialLedger) -> None:
        ledger.add([FIRST, SECOND, IDLE])
        assert ledger.newest(2) == (IDLE, SECOND)
        assert ledger.newest(1, DATA[0]) == (IDLE,)
        assert ledger.newest(0) == ledger.newest(-1) == ()
