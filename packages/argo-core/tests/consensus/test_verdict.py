"""What a view amounts to when sources fail, fade, contradict each other or are poisoned."""

from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, Opinion, SourceName
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.verdict import Verdict, has_quorum, judge
from argo_core.market.instrument import Symbol
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

PROFILE = Profile()
AI = (GROK, SONAR)
MARKET = (MASSIVE, ALPHA_VANTAGE)
ALL = (*MARKET, *AI)

# These are the properties that the consensus is sold by, so they are tried five times as hard.
thoroughly = settings(max_examples=5 * settings().max_examples)


def opinion(source: SourceName, strength: float, age_s: float = 0.0) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    return Opinion(source, Symbol("NVR"), strength, as_of, 3_600, "0" * 64, "any-1")


def verdict(*opinions: Opinion, failed: tuple[SourceName, ...] = ()) -> Verdict:
    return judge(pool(opinions, PROFILE, NOON), PROFILE, failed)


def united(strength: float, *sources: SourceName) -> Verdict:
    return verdict(*(opinion(source, strength) for source in sources))


@pytest.mark.parametrize(
    ("present", "needed"),
    [
        (ALL, 0.7500),
        (MARKET, 0.8308),
        ((ALPHA_VANTAGE, GROK, SONAR), 0.8500),
    ],
)
def test_fewer_sources_must_agree_more_strongly(
    present: tuple[SourceName, ...], needed: float
) -> None:
    signal, hold = Reason.SIGNAL, Reason.WEAK
    assert united(needed, *present) == Verdict(Direction.BUY, signal)
    assert united(-needed, *present) == Verdict(Direction.SELL, signal)
    assert united(needed - 0.0002, *present) == Verdict(Direction.HOLD, hold)
    assert united(-needed + 0.0002, *present) == Verdict(Direction.HOLD, hold)


@pytest.mark.parametrize("present", [AI, *((source,) for source in ALL), ()])
def test_ai_alone_and_any_single_source_have_no_quorum(present: tuple[SourceName, ...]) -> None:
    assert united(1.0, *present) == Verdict(Direction.HOLD, Reason.NO_QUORUM)


def weighing(**weights: float) -> Profile:
    """The profile with those weights, by name; sources without one are switched off."""
    policies = PROFILE.sources.items()
    kept = {name: evolve(one, weight=weights[name]) for name, one in policies if name in weights}
    return evolve(PROFILE, sources=kept)


def test_one_source_is_no_quorum_however_much_it_weighs() -> None:
    heavy = weighing(massive=0.9, grok=0.1)
    alone = pool([opinion(MASSIVE, 1.0)], heavy, NOON)
    assert alone.coverage == pytest.approx(0.9)
    assert judge(alone, heavy) == Verdict(Direction.HOLD, Reason.NO_QUORUM)
    both = pool([opinion(MASSIVE, 1.0), opinion(GROK, 1.0)], heavy, NOON)
    assert judge(both, heavy) == Verdict(Direction.BUY, Reason.SIGNAL)


def test_coverage_of_just_the_quorum_is_enough() -> None:
    even = weighing(massive=0.25, alpha_vantage=0.25, grok=0.25, sonar=0.25)
    half = pool([opinion(MASSIVE, 1.0), opinion(GROK, 1.0)], even, NOON)
    assert half.coverage == even.quorum
    assert judge(half, even) == Verdict(Direction.BUY, Reason.SIGNAL)
    less = evolve(even, quorum=0.5001)
    assert judge(half, less) == Verdict(Direction.HOLD, Reason.NO_QUORUM)


@thoroughly
@given(strategies.profiles(), st.data())
def test_ai_without_market_data_never_signals(profile: Profile, data: st.DataObject) -> None:
    spoken = data.draw(strategies.panels(profile))
    only_ai = [one for one in spoken if not profile.sources[one.source].market_data]
    assert judge(pool(only_ai, profile, NOON), profile).direction is Direction.HOLD


@thoroughly
@given(strategies.profiles(), st.data())
def test_direction_follows_threshold_and_quorum_alone(
    profile: Profile, data: st.DataObject
) -> None:
    view = pool(data.draw(strategies.panels(profile)), profile, NOON)
    found = judge(view, profile)
    reached = has_quorum(view, profile) and abs(view.confidence_bp) >= profile.theta_bp
    assert (found.direction is not Direction.HOLD) == reached
    assert (found.reason is Reason.SIGNAL) == reached
    if reached:
        assert (found.direction is Direction.BUY) == (view.confidence_bp > 0)


def test_market_data_that_has_lost_half_its_weight_is_not_fresh() -> None:
    fading = (opinion(MASSIVE, 1.0, 46), opinion(GROK, 1.0), opinion(SONAR, 1.0))
    assert verdict(*fading) == Verdict(Direction.HOLD, Reason.NO_QUORUM)
    assert verdict(evolve(fading[0], as_of=NOON - timedelta(seconds=45)), *fading[1:]) == Verdict(
        Direction.BUY, Reason.SIGNAL
    )


def test_sources_that_fell_silent_make_the_view_stale() -> None:
    assert verdict(opinion(MASSIVE, 1.0, 500), opinion(GROK, 1.0)).reason is Reason.STALE


def test_failed_sources_are_blamed_when_they_are_lacking() -> None:
    assert verdict(opinion(GROK, 1.0), failed=(MASSIVE,)).reason is Reason.SOURCE_ERROR
    # A failure of somebody whose older opinion still counts is not what stopped the signal.
    assert verdict(opinion(MASSIVE, 1.0), failed=(MASSIVE,)).reason is Reason.NO_QUORUM


def test_contradiction_is_a_conflict_only_where_unity_would_have_signalled() -> None:
    torn = (opinion(MASSIVE, 0.9), opinion(ALPHA_VANTAGE, 0.9), opinion(GROK, -0.9))
    assert verdict(*torn, opinion(SONAR, -0.9)).reason is Reason.CONFLICT
    mild = tuple(evolve(one, strength=one.strength / 3) for one in torn)
    assert verdict(*mild).reason is Reason.WEAK


def test_everybody_saying_hold_is_a_hold_of_the_model() -> None:
    assert united(0.0, *ALL) == Verdict(Direction.HOLD, Reason.MODEL_HOLD)
