"""Wilson's interval, and whole blocks of time drawn anew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.calibration.bins import Floats
from argo_core.signals.skill.intervals import Draws, Estimate, Proportion, estimate, wilson
from argo_core.signals.skill.sample import Dice


def mean(sums: Floats) -> Floats:
    over = sums[..., 0]
    return np.divide(sums[..., 1], over, out=np.full_like(over, np.nan), where=over > 0)


def test_the_published_example_of_wilson_is_reproduced() -> None:
    # R. G. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    for hits, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        found = wilson(hits, n)
        assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
    none = wilson(0, 20)
    assert (none.rate, none.low) == (0, 0)
    assert none.high == pytest.approx(0.1611, abs=5e-5)
    assert wilson(1, 29).low == pytest.approx(0.0061, abs=5e-5)


@given(st.integers(1, 500), st.data())
def test_wilsons_interval_solves_its_equation(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    found = wilson(hits, n)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= hits / n <= found.high <= 1
    for end in (found.low, found.high):
        if 0 < end < 1:
            # Either end is a share from which what was seen is 1.96 deviations away.
            deviation = (end * (1 - end) / n) ** 0.5
            assert abs(hits / n - end) / deviation == pytest.approx(1.959964, rel=1e-4)


def test_without_a_case_there_is_no_share() -> None:
    assert wilson(0, 0) == Proportion(0, 0, None, None, None)


def test_draws_are_fixed_by_their_seed_and_keep_the_length_of_history() -> None:
    one, same, other = (Draws.of(12, 50, seed).counts for seed in (3, 3, 4))
    assert one.tolist() == same.tolist() != other.tolist()
    assert set(one.sum(axis=1).tolist()) == {12}


def test_the_interval_is_that_of_histories_drawn_one_by_one() -> None:
    chance = np.random.default_rng(2)
    sums = np.column_stack([chance.integers(1, 5, 15), chance.random(15)]).astype(float)
    draws = Draws.of(15, 200, 7)
    found = estimate(sums, draws, mean, "")
    means = []
    for counts in draws.counts:
        drawn = np.repeat(np.arange(15), counts)
        means.append(sums[drawn, 1].sum() / sums[drawn, 0].sum())
    assert found.value == pytest.approx(sums[:, 1].sum() / sums[:, 0].sum())
    assert found.low == pytest.approx(np.percentile(means, 2.5))
    assert found.high == pytest.approx(np.percentile(means, 97.5))


def test_too_few_blocks_have_no_interval() -> None:
    dice = Dice(100, 1)
    assert dice.of(9) is None
    found = estimate(np.ones((9, 2)), dice.of(9), mean, "")
    assert found == Estimate(1.0, reason="there are fewer than 10 blocks of time")
    drawn = dice.of(10)
    assert drawn is not None
    assert dice.of(10) is drawn


def test_what_is_undefined_says_why() -> None:
    found = estimate(np.zeros((12, 2)), Draws.of(12, 10, 1), mean, "nobody spoke")
    assert found == Estimate(None, reason="nobody spoke")


def test_histories_in_which_it_is_undefined_are_left_out() -> None:
    sums = np.zeros((12, 2))
    sums[0] = 1.0, 0.5
    found = estimate(sums, Draws.of(12, 100, 1), mean, "")
    assert found == Estimate(0.5, 0.5, 0.5)
    seed = next(seed for seed in range(100) if not Draws.of(12, 1, seed).counts[0, 0])
    lost = estimate(sums, Draws.of(12, 1, seed), mean, "")
    assert lost == Estimate(0.5, reason="it is undefined in all histories that were drawn")
