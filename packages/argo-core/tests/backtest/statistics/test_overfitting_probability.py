"""Whether the best of many backtests disappoints."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.statistics.overfitting import overfitting
from argo_core.errors import InvalidInput


def _noise(seed: int, rows: int, trials: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.random.Generator(np.random.PCG64(seed)).normal(0, 0.01, (rows, trials))


def test_two_trials_that_take_turns_are_overfitted_by_hand() -> None:
    # In each half the other trial wins, so the chosen one is always the worse outside: of two
    # trials its rank is 1, 1/3 of N + 1, and the logit ln(1/2).
    good, bad = [0.02, 0.01], [-0.02, -0.01]
    table = np.array([good + bad, bad + good]).T
    found = overfitting(table, blocks=2)
    assert found.pbo.value == 1.0
    assert found.pbo.n == 2
    assert found.logit == pytest.approx([math.log(0.5)] * 2)
    # Means of ±0.015 with a deviation of 0.005·√2.
    assert found.inside == pytest.approx([0.015 / (0.005 * math.sqrt(2))] * 2)
    assert found.outside == pytest.approx(-found.inside)
    assert found.loss == 1.0


def test_a_trial_that_is_better_everywhere_is_not_overfitted() -> None:
    table = _noise(1, 320, 20)
    table[:, 7] += 0.02
    found = overfitting(table)
    assert found.pbo.value == 0.0
    assert found.logit == pytest.approx(np.full(12_870, math.log(20)))
    assert found.loss == 0.0


def test_sixteen_blocks_have_the_splits_of_the_paper() -> None:
    assert overfitting(_noise(2, 64, 3)).pbo.n == 12_870


def test_trials_with_nothing_between_them_but_luck_are_overfitted() -> None:
    """The first test case of the paper: all trials have the same ratio over the whole time."""
    table = _noise(3, 1_000, 100)
    level = (table - table.mean(axis=0)) / table.std(axis=0)
    found = overfitting(level, blocks=8)
    # What was better than all in one half has to be worse in the other.
    assert found.pbo.value == 1.0
    assert found.loss == 1.0


def test_plain_noise_is_chosen_as_well_as_by_a_coin() -> None:
    told = [overfitting(_noise(seed, 400, 10), blocks=8).pbo.value for seed in range(40)]
    assert np.mean([one for one in told if one is not None]) == pytest.approx(0.5, abs=0.1)


def test_the_shortcut_by_sums_gives_what_each_split_gives_alone() -> None:
    table = _noise(5, 62, 7)
    found = overfitting(table, blocks=6)
    parts = np.split(table[2:], 6)
    logits = []
    for chosen in combinations(range(6), 3):
        inside = np.concatenate([parts[one] for one in chosen])
        outside = np.concatenate([parts[one] for one in range(6) if one not in chosen])
        best = int(np.argmax(inside.mean(axis=0) / inside.std(axis=0, ddof=1)))
        ratios = outside.mean(axis=0) / outside.std(axis=0, ddof=1)
        share = (1 + np.sum(ratios < ratios[best])) / 8
        logits.append(math.log(share / (1 - share)))
    assert found.logit == pytest.approx(logits)


def test_trials_that_never_traded_share_the_middle() -> None:
    found = overfitting(np.zeros((8, 3)), blocks=2)
    # Ranks 1, 2 and 3 of three equals are shared: 2 of 4, a logit of 0, no better than the median.
    assert found.logit.tolist() == [0.0, 0.0]
    assert found.pbo.value == 1.0


def test_many_trials_are_judged_some_splits_at_a_time() -> None:
    table = _noise(6, 40, 3_000)
    whole = overfitting(table, blocks=12)
    assert whole.pbo.n == math.comb(12, 6)


@pytest.mark.parametrize(
    ("table", "blocks", "field"),
    [
        (np.zeros((40, 1)), 4, "returns"),
        (np.zeros(40), 4, "returns"),
        (np.zeros((40, 2)), 5, "blocks"),
        (np.zeros((40, 2)), 0, "blocks"),
        (np.zeros((99, 2)), 22, "blocks"),
        (np.zeros((7, 2)), 4, "returns"),
        (np.full((40, 2), np.nan), 4, "returns"),
    ],
)
def test_what_cannot_be_split_is_refused(
    table: np.ndarray[tuple[int, ...], np.dtype[np.float64]], blocks: int, field: str
) -> None:
    with pytest.raises(InvalidInput, match=field):
        overfitting(table, blocks=blocks)


@given(st.integers(0, 10**6), st.integers(2, 6), st.sampled_from([2, 4, 6]), st.integers(0, 5))
def test_the_probability_does_not_depend_on_the_order_or_size_of_trials(
    seed: int, trials: int, blocks: int, extra: int
) -> None:
    table = _noise(seed, blocks * 3 + extra, trials)
    found = overfitting(table, blocks=blocks)
    turned = overfitting(table[:, ::-1] * 7, blocks=blocks)
    assert found.pbo.value == turned.pbo.value
    assert np.isfinite(found.logit).all()
    assert np.isfinite(found.inside).all()
    assert np.isfinite(found.outside).all()
    assert 0 <= found.loss <= 1
