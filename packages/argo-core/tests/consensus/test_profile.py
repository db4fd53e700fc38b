"""Profiles refuse nonsense, and tell a disabled source from one that failed."""

import math
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, Fact, Opinion, quantise
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON


@given(strategies.profiles(), st.data())
def test_disabling_keeps_the_proportions_of_the_others(
    profile: Profile, data: st.DataObject
) -> None:
    disabled = data.draw(st.lists(st.sampled_from(strategies.SOURCES), unique=True))
    kept = set(profile.sources) - set(disabled)
    if not kept:
        with pytest.raises(InvalidInput, match="no source is enabled"):
            profile.without(*disabled)
        return
    rest = profile.without(*disabled)
    assert set(rest.sources) == kept
    assert math.isclose(math.fsum(policy.weight for policy in rest.sources.values()), 1)
    share = math.fsum(profile.sources[name].weight for name in kept)
    for name in kept:
        assert math.isclose(rest.sources[name].weight * share, profile.sources[name].weight)


def test_disabled_sources_are_stamped_on_the_profile() -> None:
    assert Profile().without(SONAR, GROK).name == "weighted-consensus-6.0-no-grok-no-sonar"
    assert Profile().without(MASSIVE).name == "weighted-consensus-6.0-no-massive"
    assert Profile().without() == Profile()


@given(strategies.strengths(least=0.1), strategies.opinions())
def test_failed_source_is_penalised_where_a_disabled_one_is_not(
    strength: float, any_opinion: Opinion
) -> None:
    rest = Profile().without(GROK)
    heard = [
        evolve(any_opinion, source=name, strength=strength, as_of=NOON) for name in rest.sources
    ]
    disabled, failed = pool(heard, rest, NOON), pool(heard, Profile(), NOON)
    assert disabled.confidence_bp == round(strength * 10_000)
    assert failed.confidence_bp < disabled.confidence_bp


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sources": {}}, "sources: no source is enabled"),
        ({"sources": {MASSIVE: SourcePolicy(0.4, 1, 1, 1, 1, 1)}}, "weights: the weights sum to"),
        ({"tau": -0.1}, "tau: -0.1 is negative"),
        ({"lam": math.nan}, "lam: nan is not finite"),
        ({"quorum": math.inf}, "quorum: inf is not finite"),
        ({"theta_bp": 0}, "theta_bp: 0 is out of range"),
        ({"theta_bp": 10_001}, "theta_bp: 10001 is out of range"),
    ],
)
def test_nonsense_in_a_profile_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        evolve(Profile(), **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": 0.0}, "weight: 0.0 is not a share"),
        ({"weight": 1.1}, "weight: 1.1 is not a share"),
        ({"weight": math.nan}, "weight: nan is not finite"),
        ({"half_life_s": 0}, "half_life_s: 0 is not positive"),
        ({"refresh_after_s": -1}, "refresh_after_s: -1 is not positive"),
        ({"max_symbols": 0}, "max_symbols: 0 is not positive"),
    ],
)
def test_nonsense_in_a_policy_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        evolve(SourcePolicy(0.4, 30, 15, 5, 4, 10), **change)


@given(strategies.opinions())
def test_opinions_refuse_nonsense_at_the_door(opinion: Opinion) -> None:
    for change, message in (
        ({"strength": math.nan}, "strength: nan is not a strength"),
        ({"strength": math.inf}, "strength: inf is not a strength"),
        ({"strength": 1.00001}, "strength: 1.00001 is not a strength"),
        ({"horizon_s": 0}, "horizon_s: 0 is not ahead"),
        ({"raw_sha256": "A" * 64}, "raw_sha256: .* is not a SHA-256"),
        ({"as_of": NOON.replace(tzinfo=None)}, "as_of: .* is not in UTC"),
    ):
        with pytest.raises(InvalidInput, match=message):
            evolve(opinion, **change)


def test_facts_are_printable_ascii() -> None:
    for kind, value, unit in (("Zürich", "1", ""), ("a", "b\n", ""), ("a", "1", "€")):
        with pytest.raises(InvalidInput, match="is not printable ASCII"):
            Fact(kind, value, unit, NOON)


@given(st.floats(-1, 1))
def test_strengths_stand_on_their_grid(strength: float) -> None:
    quantised = quantise(strength)
    assert abs(quantised - strength) <= 0.5e-4 + 1e-12
    assert quantise(quantised) == quantised
    assert math.copysign(1, quantised) == 1 or quantised < 0
