"""A change that is said to have made a signal makes it, and nothing smaller of its kind does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.mix import fade
from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    STEPS,
    Opinion,
    SourceName,
)
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.consensus.verdict import judge
from argo_core.consensus.why import Change, ChangeKind, why_not
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

SECOND = timedelta(seconds=1)

Panel = tuple[Profile, tuple[Opinion, ...]]


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    profile = draw(strategies.profiles())
    return profile, draw(strategies.panels(profile))


def decide(opinions: tuple[Opinion, ...], profile: Profile) -> Direction:
    return judge(pool(opinions, profile, NOON), profile).direction


def opinion(source: SourceName, strength: float, age_s: float = 0.0) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    return Opinion(source, Symbol("NVR"), strength, as_of, 3_600, "0" * 64, "any-1")


@given(panels())
def test_every_change_applied_makes_the_signal_it_names(panel: Panel) -> None:
    profile, opinions = panel
    for change in why_not(opinions, profile, NOON):
        assert decide(*change.apply(opinions, profile)) is change.direction
        assert change.direction is not Direction.HOLD


@given(panels())
def test_one_step_less_of_any_change_is_still_a_hold(panel: Panel) -> None:
    profile, opinions = panel
    for change in why_not(opinions, profile, NOON):
        for less in one_step_less(change, opinions):
            assert decide(*less.apply(opinions, profile)) is not change.direction


def one_step_less(change: Change, opinions: tuple[Opinion, ...]) -> Iterator[Change]:
    supposed = change.opinion
    if supposed is None:
        if change.kind is ChangeKind.THETA:
            yield evolve(change, after=change.after + 1)
        else:
            yield evolve(change, after=change.after + 1e-9)
    elif change.kind is ChangeKind.FRESHER:
        before = next(one for one in opinions if one.source == supposed.source)
        # What is new enough at noon cannot be a second older than it was.
        yield evolve(
            change, opinion=evolve(before, as_of=max(before.as_of, supposed.as_of - SECOND))
        )
    else:
        sign = 1 if change.direction is Direction.BUY else -1
        strength = supposed.strength - sign / STEPS
        # A source that is present without any strength cannot be present with less.
        if change.kind is ChangeKind.STRENGTH or supposed.strength != 0:
            yield evolve(change, opinion=evolve(supposed, strength=strength))


@given(panels())
def test_searching_by_halves_finds_what_searching_one_by_one_finds(panel: Panel) -> None:
    profile, opinions = panel
    if decide(opinions, profile) is not Direction.HOLD:
        return
    found = {
        (change.source, change.direction): change.opinion
        for change in why_not(opinions, profile, NOON)
        if change.kind is ChangeKind.FRESHER
    }
    for one in opinions:
        others = tuple(other for other in opinions if other is not one)
        age = round(one.age_s(NOON))
        fresher = [evolve(one, as_of=one.as_of + seconds * SECOND) for seconds in range(age + 1)]
        for direction in (Direction.BUY, Direction.SELL):
            first = next(
                (each for each in fresher if decide((*others, each), profile) is direction), None
            )
            assert found.get((one.source, direction)) == first


@given(panels())
def test_every_other_strength_that_would_do_is_a_larger_change(panel: Panel) -> None:
    profile, opinions = panel
    changes = why_not(opinions, profile, NOON)
    hold = decide(opinions, profile) is Direction.HOLD
    for one in opinions if hold else ():
        others = tuple(other for other in opinions if other is not one)
        found = {
            change.direction: change.after
            for change in changes
            if change.kind is ChangeKind.STRENGTH and change.source == one.source
        }
        for strength in (-1.0, -0.5, -0.1, 0.0, 0.1, 0.5, 1.0):
            direction = decide((*others, evolve(one, strength=strength)), profile)
            if direction is not Direction.HOLD:
                least = abs(found[direction] - one.strength)
                assert abs(strength - one.strength) >= least


@given(panels())
def test_smallest_change_comes_first(panel: Panel) -> None:
    profile, opinions = panel
    sizes = [change.size for change in why_not(opinions, profile, NOON)]
    assert sizes == sorted(sizes)
    assert all(size > 0 for size in sizes)


@given(panels())
def test_changes_are_told_in_printable_ascii(panel: Panel) -> None:
    profile, opinions = panel
    for change in why_not(opinions, profile, NOON):
        assert str(change).isascii()
        assert str(change).isprintable()


@given(panels(), st.data())
def test_order_of_opinions_does_not_matter(panel: Panel, data: st.DataObject) -> None:
    profile, opinions = panel
    shuffled = data.draw(st.permutations(opinions))
    told = [str(change) for change in why_not(opinions, profile, NOON)]
    assert told == [str(change) for change in why_not(shuffled, profile, NOON)]


def told(*opinions: Opinion) -> list[str]:
    return [str(change) for change in why_not(opinions, Profile(), NOON)]


def test_a_signal_needs_no_explanation() -> None:
    assert told(*(opinion(name, 0.9) for name in Profile().sources)) == []


def test_nobody_speaking_is_beyond_any_single_change() -> None:
    assert told() == []


def test_a_weak_view_lacks_strength_or_a_lower_threshold() -> None:
    weak = [opinion(name, 0.74) for name in Profile().sources]
    assert told(*weak) == [
        "a threshold of 7400 basis points instead of 7500 would have made it a BUY",
        "massive at +0.7649 instead of +0.7400 would have made it a BUY",
        "alpha_vantage at +0.7798 instead of +0.7400 would have made it a BUY",
        "grok at +0.7898 instead of +0.7400 would have made it a BUY",
        "sonar at +0.8064 instead of +0.7400 would have made it a BUY",
    ]


def test_stale_market_data_only_had_to_be_fresher() -> None:
    first, *_ = told(opinion(ALPHA_VANTAGE, 0.95), opinion(MASSIVE, 0.95, 100))
    assert first == "massive 35 s old instead of 100 s would have made it a BUY"


def test_enough_opinions_too_weak_needed_one_of_them_fresher() -> None:
    # All three are a quorum from the beginning, so only the threshold decides.
    *_, fresher, _absent = told(
        opinion(MASSIVE, 0.7, 60), opinion(ALPHA_VANTAGE, 0.9), opinion(GROK, 0.9)
    )
    assert fresher == "massive 57 s old instead of 60 s would have made it a BUY"


def test_an_absent_source_would_have_completed_the_quorum() -> None:
    assert told(opinion(ALPHA_VANTAGE, -1.0)) == [
        "massive present at -0.7250 would have made it a SELL",
    ]


def test_an_unreached_quorum_could_have_been_lower() -> None:
    profile = evolve(Profile(), quorum=0.9)
    changes = why_not([opinion(MASSIVE, 1.0), opinion(ALPHA_VANTAGE, 1.0)], profile, NOON)
    assert str(changes[0]) == "a quorum of 0.6500 instead of 0.9000 would have made it a BUY"
    assert changes[0].source is None


def test_a_change_of_a_rule_is_applied_to_the_profile_and_to_nothing_else() -> None:
    weak = tuple(opinion(name, 0.74) for name in Profile().sources)
    (lower, *_) = why_not(weak, Profile(), NOON)
    assert lower.apply(weak, Profile()) == (weak, evolve(Profile(), theta_bp=7_400))
    strict, pair = evolve(Profile(), quorum=0.9), (opinion(MASSIVE, 1.0), opinion(GROK, 1.0))
    (lower, *_) = why_not(pair, strict, NOON)
    assert lower.apply(pair, strict) == (pair, evolve(strict, quorum=lower.after))


def test_neutral_opinions_do_not_become_a_signal_by_being_fresher() -> None:
    neutral = [opinion(MASSIVE, 0.0, 30), opinion(ALPHA_VANTAGE, 0.0), opinion(GROK, 0.0)]
    assert {change.kind for change in why_not(neutral, Profile(), NOON)} <= {ChangeKind.STRENGTH}


def test_sizes_are_shares_of_what_could_be_moved() -> None:
    faded = opinion(ALPHA_VANTAGE, 0.9, 5_000)
    fresher, *others = why_not([opinion(MASSIVE, 0.9), faded], Profile(), NOON)
    policy = Profile().sources[ALPHA_VANTAGE]
    assert fresher.kind is ChangeKind.FRESHER
    assert fresher.size == pytest.approx(fade(policy, fresher.after))
    for change in others:
        assert change.kind is ChangeKind.PRESENT
        assert change.source in (ALPHA_VANTAGE, GROK, SONAR)
        weight = Profile().sources[change.source].weight
        assert change.size == pytest.approx(weight + change.after / 2)


def test_doubled_sources_are_refused() -> None:
    with pytest.raises(InvalidInput, match="massive is doubled"):
        told(opinion(MASSIVE, 0.1), opinion(MASSIVE, 0.1))
