"""Weights that follow whoever has lost least."""

from fractions import Fraction
from math import exp, inf, log, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.signals.skill.ada_hedge import GAMMA, AdaHedge, blend

LOSS = st.floats(0, 1)


@st.composite
def games(draw: st.DrawFn, gaps: bool = False) -> tuple[AdaHedge, list[list[float | None]]]:
    """Two to four experts with a prior, and what they lose; with `gaps` some are silent."""
    parts = draw(st.lists(st.integers(1, 9), min_size=2, max_size=4))
    prior = tuple(part / sum(parts) for part in parts)
    one = LOSS | st.none() if gaps else LOSS
    rounds = st.lists(st.lists(one, min_size=len(parts), max_size=len(parts)), max_size=40)
    return AdaHedge(prior), draw(rounds)


def test_two_rounds_by_hand() -> None:
    first = AdaHedge((0.75, 0.25)).after([0.0, 1.0])
    # The prior loses .25, the best of both nothing: the gap is .25 and the rate 4 ln 2.
    assert first.losses == (0.0, 1.0)
    assert first.gap == 0.25
    assert first.rate == 4 * log(2)
    # So exp(-rate) is a sixteenth, and the weights are as 12/16 to 1/4 · 1/16.
    expected = (Fraction(48, 49), Fraction(1, 49))
    assert first.weights() == pytest.approx([float(one) for one in expected])
    second = first.after([1.0, 0.0])
    hedged = 48 / 49
    eta = first.rate
    mixed = -log(48 / 49 * exp(-eta) + 1 / 49) / eta
    assert second.gap == pytest.approx(0.25 + hedged - mixed)


def test_before_anybody_has_lost_it_is_the_prior() -> None:
    start = AdaHedge((0.4, 0.6))
    assert start.rate == inf
    assert start.weights() == pytest.approx((0.4, 0.6))
    same = start.after([0.3, 0.3])
    assert same.weights() == pytest.approx((0.4, 0.6))


def test_nobody_mixes_alone() -> None:
    one = AdaHedge((1.0,))
    for loss in (0.1, 0.7, 0.3):
        one = one.after([loss])
    assert one.weights() == (1.0,)


@given(games())
def test_the_regret_is_within_its_bounds(game: tuple[AdaHedge, list[list[float]]]) -> None:
    hedge, rounds = game
    lost, count = 0.0, len(hedge.prior)
    for losses in rounds:
        lost += sum(w * one for w, one in zip(hedge.weights(), losses, strict=True))
        hedge = hedge.after(losses)
    size = log(count)
    for prior, total in zip(hedge.prior, hedge.losses, strict=True):
        assert lost - total <= hedge.gap * (1 + log(1 / prior) / size) + 1e-9
    # The paper's theorem 6: losses from 0 to 1 vary by a quarter at most, and so bound the gaps.
    assert hedge.gap <= sqrt(len(rounds) * size / 4) + 2 / 3 * size + 1 + 1e-9


@given(games(gaps=True))
def test_weights_are_shares_near_the_configured_ones(
    game: tuple[AdaHedge, list[list[float | None]]],
) -> None:
    hedge, rounds = game
    for losses in rounds:
        hedge = hedge.after(losses)
        learned = hedge.weights()
        assert sum(learned) == pytest.approx(1)
        assert min(learned) >= 0
        published = blend(hedge.prior, learned)
        assert sum(published) == pytest.approx(1)
        for b, w in zip(hedge.prior, published, strict=True):
            assert abs(w - b) <= GAMMA * max(b, 1 - b) + 1e-12


@given(games(gaps=True), st.randoms(use_true_random=False))
def test_the_order_of_experts_does_not_matter(
    game: tuple[AdaHedge, list[list[float | None]]], chance: object
) -> None:
    hedge, rounds = game
    places = list(range(len(hedge.prior)))
    chance.shuffle(places)  # type: ignore[attr-defined]
    other = AdaHedge(tuple(hedge.prior[place] for place in places))
    for losses in rounds:
        hedge, other = hedge.after(losses), other.after([losses[place] for place in places])
    expected = [hedge.weights()[place] for place in places]
    assert other.gap == pytest.approx(hedge.gap, abs=1e-9)
    if hedge.gap > 1e-6:
        assert other.weights() == pytest.approx(expected, abs=1e-6)


def test_who_is_silent_neither_gains_nor_falls_behind() -> None:
    hedge = AdaHedge((0.5, 0.25, 0.25)).after([0.1, None, 0.4])
    # Of the two who spoke the mean by weight is (.5 · .1 + .25 · .4) / .75 = .2.
    assert hedge.losses == pytest.approx((0.1, 0.2, 0.4))


def test_a_round_of_silence_changes_nothing() -> None:
    hedge = AdaHedge((0.5, 0.5)).after([0.1, 0.9])
    assert hedge.after([None, None]) is hedge


def test_who_speaks_without_any_weight_is_weighed_by_the_prior() -> None:
    # At an infinite rate the leader has all the weight, and says nothing.
    hedge = AdaHedge((0.5, 0.25, 0.25), losses=(0.0, 1.0, 1.0))
    assert hedge.weights() == (1.0, 0.0, 0.0)
    assert hedge.after([None, 0.2, 0.4]).losses == pytest.approx((0.3, 1.2, 1.4))


@pytest.mark.parametrize("prior", [(), (0.5, 0.4), (1.0, 0.0), (1.5, -0.5), (float("nan"), 1.0)])
def test_a_prior_that_is_none_is_refused(prior: tuple[float, ...]) -> None:
    with pytest.raises(InvalidInput, match="prior"):
        AdaHedge(prior)
