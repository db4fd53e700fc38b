"""How long a price may be trusted."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.resilience.ttl import FirstPassage, barrier, budgeted, jittered, opinion_ttl

FOR_EVER = 1e12
sigmas = st.floats(1e-6, 1e-2)
risks = st.floats(1e-4, 0.5)
moves = st.floats(1e-3, 0.1)
rates = st.none() | st.floats(0, 1e-2)
few = st.integers(0, 4).map(float)


def _strayed(ttl_s: float, sigma: float, jumps_per_s: float, seed: int) -> float:
    """The share of simulated log prices that strayed by more than 0.5 % within the TTL."""
    dice = np.random.default_rng(seed)
    steps, paths = 200, 20_000
    walk = dice.normal(0, sigma * math.sqrt(ttl_s / steps), (paths, steps)).cumsum(axis=1)
    hidden = (walk.max(axis=1) > math.log(1.005)) | (walk.min(axis=1) < math.log(0.995))
    jumped = dice.poisson(jumps_per_s * ttl_s, paths) > 0
    return float((hidden | jumped).mean())


@pytest.mark.parametrize(("risk", "seed"), [(0.01, 1), (0.05, 2), (0.2, 3)])
def test_hidden_moves_of_brownian_paths_are_as_rare_as_promised(risk: float, seed: int) -> None:
    ttl_s = FirstPassage(risk=risk, longest_s=FOR_EVER).ttl_s(1e-4)
    assert 0.75 * risk < _strayed(ttl_s, 1e-4, 0.0, seed) <= risk


@pytest.mark.parametrize(("jumps_per_s", "seed"), [(1e-5, 4), (6e-5, 5), (1e-3, 6)])
def test_with_jumps_too_hidden_moves_are_as_rare_as_promised(jumps_per_s: float, seed: int) -> None:
    ttl_s = FirstPassage(longest_s=FOR_EVER).ttl_s(1e-4, jumps_per_s)
    assert 0.4 * 0.05 < _strayed(ttl_s, 1e-4, jumps_per_s, seed) <= 0.05


def test_the_quantile_at_five_percent_is_that_of_the_formula() -> None:
    assert barrier(0.05) == pytest.approx(2.2414027, abs=1e-7)
    ttl_s = FirstPassage(longest_s=FOR_EVER).ttl_s(1e-4)
    assert ttl_s == pytest.approx((math.log(1.005) / (1e-4 * 2.2414027)) ** 2)


def test_jumps_take_half_of_the_risk() -> None:
    policy = FirstPassage(longest_s=1e5)
    assert policy.ttl_s(1e-4, 0.0) == pytest.approx(FirstPassage(risk=0.025).ttl_s(1e-4))
    assert policy.ttl_s(1e-9, 1e-3) == pytest.approx(-math.log(0.975) / 1e-3)


@given(sigmas, sigmas, rates)
def test_a_more_volatile_price_never_lives_longer(one: float, two: float, jumps: float) -> None:
    quiet, wild = sorted((one, two))
    policy = FirstPassage()
    assert policy.ttl_s(wild, jumps) <= policy.ttl_s(quiet, jumps)
    assert policy.ttl_s(wild) <= policy.ttl_s(quiet)


@given(sigmas, rates, risks, risks)
def test_more_accepted_risk_never_shortens_a_life(
    sigma: float, jumps: float, one: float, two: float
) -> None:
    less, more = sorted((one, two))
    strict, lax = FirstPassage(risk=less), FirstPassage(risk=more)
    assert strict.ttl_s(sigma, jumps) <= lax.ttl_s(sigma, jumps)


@given(sigmas, rates, moves, moves)
def test_a_larger_tolerated_move_never_shortens_a_life(
    sigma: float, jumps: float, one: float, two: float
) -> None:
    less, more = sorted((one, two))
    strict, lax = FirstPassage(move=less), FirstPassage(move=more)
    assert strict.ttl_s(sigma, jumps) <= lax.ttl_s(sigma, jumps)


@given(sigmas, st.floats(0, 1e-2), st.floats(0, 1e-2))
def test_more_jumps_never_lengthen_a_life(sigma: float, one: float, two: float) -> None:
    rare, often = sorted((one, two))
    policy = FirstPassage()
    assert policy.ttl_s(sigma, often) <= policy.ttl_s(sigma, rare) <= policy.ttl_s(sigma)


@given(st.none() | st.floats(0, 1e300), st.none() | st.floats(0, 1e300))
@example(0.0, 0.0)
@example(5e-324, 5e-324)
def test_every_life_has_an_end_and_none_overflows(sigma: float, jumps: float) -> None:
    assert 0 <= FirstPassage().ttl_s(sigma, jumps) <= FirstPassage().longest_s


def test_a_price_of_unknown_volatility_lives_for_the_configured_time() -> None:
    assert FirstPassage().ttl_s(None, 1e-3) == 10.0
    assert FirstPassage(longest_s=4.0).ttl_s(None) == 4.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"move": 0.0},
        {"risk": 0.0},
        {"risk": 1.0},
        {"risk": math.nan},
        {"longest_s": math.inf},
        {"unknown_s": -1.0},
    ],
)
def test_nonsense_is_no_policy(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        FirstPassage(**wrong)


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1e-9])
def test_nonsense_has_no_ttl(wrong: float) -> None:
    with pytest.raises(InvalidInput, match="sigma"):
        FirstPassage().ttl_s(wrong)
    with pytest.raises(InvalidInput, match="jumps_per_s"):
        FirstPassage().ttl_s(1e-4, wrong)


entries = st.lists(st.tuples(st.sampled_from([1.0, 5.0, 60.0]), few), max_size=3)


@given(entries, st.sampled_from([0.1, 1.0, 10.0]))
def test_budget_mode_never_spends_more_than_the_calls_allowed(
    asked: list[tuple[float, float]], calls_per_s: float
) -> None:
    ttls, volatile = [ttl for ttl, _ in asked], [sigma for _, sigma in asked]
    got = budgeted(ttls, volatile, calls_per_s)
    spent = math.fsum(1 / ttl for ttl in got)
    assert spent <= calls_per_s * (1 + 1e-9)
    if math.fsum(1 / ttl for ttl in ttls) > calls_per_s:
        assert spent == pytest.approx(calls_per_s)
    else:
        assert got == tuple(ttls)


@given(st.lists(st.integers(1, 4).map(float), min_size=2, max_size=3))
def test_in_budget_mode_a_life_is_inversely_proportional_to_volatility(
    volatile: list[float],
) -> None:
    got = budgeted([1.0] * len(volatile), volatile, 0.5)
    products = [ttl * sigma for ttl, sigma in zip(got, volatile, strict=True)]
    assert products == pytest.approx([products[0]] * len(products))


def test_in_budget_mode_a_price_that_stands_still_is_asked_for_too() -> None:
    still, moving = budgeted([1.0, 1.0], [0.0, 1e-4], 1.0)
    assert still == pytest.approx(200 * moving, rel=1e-9)
    assert budgeted([1.0, 1.0], [0.0, 0.0], 1.0) == (2.0, 2.0)


def test_budget_mode_refuses_what_does_not_fit_together() -> None:
    with pytest.raises(InvalidInput, match="sigmas"):
        budgeted([1.0], [], 1.0)
    with pytest.raises(InvalidInput, match="calls_per_s"):
        budgeted([1.0], [1.0], 0.0)
    with pytest.raises(InvalidInput, match="ttls_s"):
        budgeted([0.0], [1.0], 1.0)
    with pytest.raises(InvalidInput, match="sigmas"):
        budgeted([1.0, 1.0], [-1.0, 9.0], 1.0)


def test_opinions_on_volatile_symbols_are_asked_anew_sooner() -> None:
    assert opinion_ttl(120, 1.5e-4, 1e-4) == pytest.approx(80)
    assert opinion_ttl(120, 9e-4, 1e-4) == 60
    assert opinion_ttl(120, 0.8e-4, 1e-4) == pytest.approx(150)
    assert opinion_ttl(120, 0.1e-4, 1e-4) == 240
    assert opinion_ttl(120, 0.0, 1e-4) == 240


def test_unknown_volatility_leaves_an_opinions_life_alone() -> None:
    assert opinion_ttl(120, None, 1e-4) == opinion_ttl(120, 1e-4, None) == 120
    assert opinion_ttl(120, 0.0, 0.0) == 120


@given(few, few)
def test_an_opinions_life_stays_within_its_bounds(sigma: float, usual: float) -> None:
    assert 60 <= opinion_ttl(120, sigma, usual) <= 240


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 1.0), (1.0, math.nan, 1.0), (1.0, 1.0, -1.0)])
def test_nonsense_makes_no_opinion_old(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        opinion_ttl(*wrong)


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1e6))
def test_jitter_only_shortens_and_by_a_tenth_at_most(u: float, ttl_s: float) -> None:
    assume(ttl_s > 0)
    assert 0.9 * ttl_s * (1 - 1e-12) <= jittered(ttl_s, u) <= ttl_s


def test_jitter_spreads_over_its_whole_range() -> None:
    assert jittered(100, 0.0) == 100
    assert jittered(100, 0.5) == pytest.approx(95)


@pytest.mark.parametrize("wrong", [1.0, -0.1, math.nan])
def test_jitter_takes_a_draw_from_zero_to_one(wrong: float) -> None:
    with pytest.raises(InvalidInput):
        jittered(1.0, wrong)
