"""Views on arrays are those of `pool` and `judge`, to the basis point."""

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import numpy as np
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from argo_core.backtest.kernel.pooling import confidence, exact_sum
from argo_core.backtest.strategies.consensus import Voice, pooled
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, Opinion
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.consensus.verdict import judge
from argo_core.market.instrument import Symbol

NOW = datetime(2024, 3, 4, 15, tzinfo=UTC)
SOURCES = (ALPHA_VANTAGE, GROK, MASSIVE, SONAR)
WAY = {Direction.BUY: 1, Direction.SELL: -1, Direction.HOLD: 0}

strengths = st.one_of(
    st.just(math.nan),
    st.sampled_from([-1.0, -0.75, 0.0, 0.5, 0.75, 1.0]),
    st.integers(-10_000, 10_000).map(lambda steps: steps / 10_000),
)
ages = st.one_of(st.just(0.0), st.sampled_from([15.0, 45.0, 135.0, 136.0]), st.integers(0, 3_000))


@given(
    told=st.lists(st.tuples(strengths, ages), min_size=4, max_size=4),
    theta=st.sampled_from([1, 2_500, 7_500]),
    lam=st.sampled_from([0.0, 0.5, 2.0]),
)
@example(told=[(0.0002, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0)], theta=1, lam=0.5)
@example(told=[(0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (math.nan, 0.0)], theta=1, lam=0.5)
@example(told=[(-0.1, 0.0), (-0.7, 0.0), (-0.3333, 0.0), (-0.9, 0.0)], theta=1, lam=0.5)
@example(told=[(0.1, 0.0), (0.7, 0.0), (0.3333, 0.0), (0.9, 0.0)], theta=1, lam=0.5)
@example(told=[(1.0, 0.0), (-1.0, 0.0), (math.nan, 0.0), (math.nan, 0.0)], theta=1, lam=0.0)
def test_every_view_and_verdict_is_the_live_one(
    told: list[tuple[float, float]], theta: int, lam: float
) -> None:
    profile = evolve(Profile(), theta_bp=theta, lam=lam)
    opinions = [
        Opinion(
            source=source,
            symbol=Symbol("ACME"),
            strength=strength,
            as_of=NOW - timedelta(seconds=age),
            horizon_s=3_600,
            raw_sha256="0" * 64,
            rule="test-1",
        )
        for source, (strength, age) in zip(SOURCES, told, strict=True)
        if not math.isnan(strength)
    ]
    view = pool(opinions, profile, NOW)
    voices = [
        Voice(source, np.array([strength]), np.array([float(age)]))
        for source, (strength, age) in zip(SOURCES, told, strict=True)
    ]
    direction, confidence = pooled(voices, profile)
    assert confidence[0] == view.confidence_bp
    assert direction[0] == WAY[judge(view, profile).direction]


@given(st.lists(st.floats(-1e6, 1e6), max_size=6))
@example([1e16, 1.0, -1e16])
@example([1.0, 2.0**-53, 2.0**-106])
@example([1.0, -(2.0**-54), -(2.0**-107)])
@example([3.0, 2.0**-60, 2.0**-120])
def test_sums_are_rounded_once(values: list[float]) -> None:
    total = exact_sum(np.array([*values, 0.0]), len(values), np.empty(len(values) + 1))
    assert total == math.fsum(values)
    assert total == float(sum(map(Fraction, values), Fraction(0)))


def test_an_opinion_without_an_age_is_fresh() -> None:
    voices = [
        Voice(ALPHA_VANTAGE, np.array([1.0]), None),
        Voice(MASSIVE, np.array([1.0]), np.array([1e9])),
    ]
    assert pooled(voices, Profile())[1] == round(10_000 * 1.25 * 0.25 / 0.5)
    assert pooled([one._replace(age_s=None) for one in voices], Profile())[0] == 1


@given(
    st.integers(0, 10_000).map(lambda steps: steps / 10_000),
    st.integers(0, 10_000).map(lambda steps: steps / 10_000),
    st.sampled_from([0.25, 0.5, 1.0]),
)
@example(0.00005, 0.0, 1.0)
@example(0.50000, 0.37500, 1.0)
@example(0.0001, 0.0, 0.5)
def test_a_root_is_taken_where_the_power_of_a_half_would_say_the_same(
    buy: float, sell: float, coverage: float
) -> None:
    net, tau = buy - sell, 0.25
    agreement = abs(net) / (buy + sell) if net else 1.0
    shrink = (1 + tau) * coverage / (coverage + tau)
    assert confidence(buy, sell, coverage, tau, 0.5) == round(
        shrink * agreement**0.5 * 10_000 * net
    )


def test_what_ends_half_way_between_two_basis_points_is_left_to_the_power_itself() -> None:
    # A quarter agrees, whose root is a half: 0.0001 * 0.5 of ten thousand.
    buy, sell = 0.00025, 0.00015
    assert confidence(buy, sell, 1.0, 0.0, 0.5) == round(0.25**0.5 * 10_000 * (buy - sell))
