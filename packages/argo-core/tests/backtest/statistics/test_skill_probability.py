"""Probabilistic and deflated Sharpe ratios, and how long it takes to know.

Numbers marked "paper" are those of the worked examples of Bailey and López de Prado (2012, 2014) as
they are remembered, not from a copy at hand; the formulas reproduce every one of them to the last
digit given.
"""

import math

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.statistics.deflated import deflated, expected_maximum
from argo_core.backtest.statistics.probabilistic import (
    Moments,
    minimum_track_record,
    moments,
    probabilistic,
)
from argo_core.backtest.statistics.sharpe import NO_VARIATION
from argo_core.backtest.statistics.statistic import Number, Undefined
from argo_core.backtest.statistics.trials import Trials
from argo_core.errors import InvalidInput

# Two years of months of a hedge fund, of the paper of 2012.
FUND = Moments(n=24, sharpe=0.458, skewness=-2.448, kurtosis=10.164)
# Five years of 250 days at 2.5 a year, the best of a hundred trials, of the paper of 2014.
CHOSEN = Moments(n=1_250, sharpe=2.5 / math.sqrt(250), skewness=-3.0, kurtosis=10.0)
KNOWN = st.builds(
    Moments,
    n=st.integers(2, 5_000),
    sharpe=st.floats(-2, 2),
    skewness=st.floats(-3, 3),
    kurtosis=st.floats(10, 60),
)


def _number(told: Number) -> float:
    assert not isinstance(told, Undefined)
    return told


def test_moments_by_hand() -> None:
    # Deviations −1, −1, 2 from a mean of 1: m2 = 2, m3 = 2, m4 = 6, s = √3.
    known = moments(np.array([0.0, 0.0, 3.0]))
    assert isinstance(known, Moments)
    assert known.sharpe == pytest.approx(1 / math.sqrt(3))
    assert known.skewness == pytest.approx(2 / 2**1.5)
    assert known.kurtosis == pytest.approx(1.5)
    assert known.n == 3
    assert moments(np.zeros(5)) == NO_VARIATION


def test_kurtosis_is_raw_three_for_normal_returns() -> None:
    known = moments(np.random.Generator(np.random.PCG64(1)).normal(0, 1, 100_000))
    assert isinstance(known, Moments)
    assert known.kurtosis == pytest.approx(3, abs=0.05)


def test_the_probability_of_skill_of_the_fund_falls_with_its_bad_months() -> None:
    """The paper: 0.982 were its returns normal, 0.913 as they are."""
    normal = evolve(FUND, skewness=0.0, kurtosis=3.0)
    assert round(_number(probabilistic(normal)), 3) == 0.982
    assert round(_number(probabilistic(FUND)), 3) == 0.913


@pytest.mark.parametrize(
    ("periods", "skewness", "kurtosis", "years"),
    [(250, 0, 3, 2.73), (52, 0, 3, 2.83), (12, 0, 3, 3.24), (12, -0.72, 5.78, 4.99)],
    ids=["days", "weeks", "months", "months of hedge funds"],
)
def test_how_long_a_ratio_of_two_must_last_to_be_above_one(
    periods: int, skewness: float, kurtosis: float, years: float
) -> None:
    """The paper of 2012, in years, with 95 % confidence."""
    root = math.sqrt(periods)
    known = Moments(n=24, sharpe=2 / root, skewness=skewness, kurtosis=kurtosis)
    assert round(_number(minimum_track_record(known, 1 / root)) / periods, 2) == years


def test_after_the_minimum_track_record_the_probability_is_the_confidence() -> None:
    known = Moments(n=50, sharpe=0.1, skewness=-0.5, kurtosis=6.0)
    needed = _number(minimum_track_record(known))
    assert probabilistic(evolve(known, n=math.ceil(needed))) == pytest.approx(0.95, abs=1e-3)


def test_no_track_record_is_long_enough_for_a_ratio_that_is_not_above_the_benchmark() -> None:
    refused = Undefined("Sharpe ratio not above the benchmark")
    assert minimum_track_record(FUND, 0.458) == refused
    assert minimum_track_record(evolve(FUND, sharpe=-0.1)) == refused


@pytest.mark.parametrize("sharpe", [1e-160, 1e-300])
def test_a_track_record_beyond_all_numbers_is_undefined(sharpe: float) -> None:
    known = Moments(n=10, sharpe=sharpe)
    assert minimum_track_record(known) == Undefined("more than can be told")


def test_a_ratio_without_error_has_no_probability() -> None:
    # Two values, the worse one of weight p: 1 − γ3·SR + (γ4 − 1)/4·SR² is 0 at SR = 2/γ3.
    known = Moments(n=10, sharpe=1.0, skewness=2.0, kurtosis=5.0)
    assert probabilistic(known) == Undefined("no error to measure the ratio by")


def test_the_best_of_a_hundred_trials_without_skill() -> None:
    """The paper of 2014: 0.1132 a day where the annual ratios have a variance of 1/2."""
    best = _number(expected_maximum(Trials(count=100, sharpe_variance=0.5)))
    assert round(best / math.sqrt(250), 4) == 0.1132


@pytest.mark.parametrize(("count", "told"), [(100, 0.9004), (46, 0.9505)])
def test_the_same_ratio_is_worth_less_the_more_was_tried(count: int, told: float) -> None:
    """The paper of 2014."""
    trials = Trials(count=count, sharpe_variance=0.5)
    assert round(_number(deflated(CHOSEN, trials, periods=250)), 4) == told


def test_with_normal_returns_more_may_be_tried_for_the_same() -> None:
    """The paper of 2014: 0.9505 after 88 trials."""
    trials = Trials(count=88, sharpe_variance=0.5)
    normal = evolve(CHOSEN, skewness=0.0, kurtosis=3.0)
    assert round(_number(deflated(normal, trials, periods=250)), 4) == 0.9505


def test_one_trial_deflates_nothing() -> None:
    only = Trials.of([1.3])
    assert only == Trials(count=1, sharpe_variance=0.0)
    assert expected_maximum(only) == 0.0
    assert deflated(CHOSEN, only) == probabilistic(CHOSEN)


def test_trials_without_ratios_of_their_own_leave_it_unknown() -> None:
    idle = Trials(count=400, sharpe_variance=None)
    unknown = Undefined("fewer than two of the trials have a Sharpe ratio")
    assert expected_maximum(idle) == deflated(CHOSEN, idle) == unknown


def test_nobody_counted_the_trials() -> None:
    unknown = Undefined("the number of trials is not known")
    assert expected_maximum(None) == deflated(CHOSEN, None) == unknown


def test_the_expected_maximum_is_what_normal_numbers_show() -> None:
    # The formula is exact for infinitely many, and 1.3 % too high for fifty.
    drawn = np.random.Generator(np.random.PCG64(3)).standard_normal((20_000, 50))
    best = _number(expected_maximum(Trials(count=50, sharpe_variance=1.0)))
    assert float(drawn.max(axis=1).mean()) == pytest.approx(best, rel=0.02)


def test_trials_are_counted_with_the_variance_of_a_sample() -> None:
    assert Trials.of([1.0, 2.0, 3.0]) == Trials(count=3, sharpe_variance=1.0)


@pytest.mark.parametrize(
    ("count", "variance", "field"),
    [
        (0, 0.1, "count"),
        (3, -0.1, "sharpe_variance"),
        (3, math.nan, "sharpe_variance"),
        (3, math.inf, "sharpe_variance"),
    ],
)
def test_trials_that_cannot_be_are_refused(count: int, variance: float, field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        Trials(count=count, sharpe_variance=variance)


@given(KNOWN, st.integers(1, 10**18), st.floats(0, 4))
def test_more_trials_never_make_skill_more_probable(
    known: Moments, count: int, variance: float
) -> None:
    fewer = _number(deflated(known, Trials(count=count, sharpe_variance=variance)))
    more = _number(deflated(known, Trials(count=2 * count, sharpe_variance=variance)))
    assert 0 <= more <= fewer <= 1


@given(KNOWN, st.floats(0, 3))
def test_skill_is_less_probable_above_a_higher_benchmark(known: Moments, higher: float) -> None:
    assert _number(probabilistic(known, higher)) <= _number(probabilistic(known))


@given(KNOWN)
def test_against_itself_a_ratio_is_as_likely_above_as_below(known: Moments) -> None:
    assert probabilistic(known, known.sharpe) == 0.5


@given(KNOWN)
def test_mirrored_returns_have_the_other_probability(known: Moments) -> None:
    mirrored = evolve(known, sharpe=-known.sharpe, skewness=-known.skewness)
    assert probabilistic(mirrored) == pytest.approx(1 - _number(probabilistic(known)))


@given(KNOWN)
def test_a_track_record_is_a_finite_number_or_has_a_reason(known: Moments) -> None:
    told = minimum_track_record(known)
    assert isinstance(told, Undefined) or (math.isfinite(told) and told >= 1)
