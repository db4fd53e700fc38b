"""The lean mix of bare numbers says what the full view says, to the last bit."""

from collections.abc import Collection
from datetime import timedelta
from itertools import permutations

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_core.consensus.gate import reach, worth_asking
from argo_core.consensus.mix import fade, mix
from argo_core.consensus.opinion import GROK, MASSIVE, Opinion, SourceName
from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.verdict import has_quorum
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

Panel = tuple[Profile, tuple[Opinion, ...]]

# These are the properties that the consensus is sold by, so they are tried five times as hard.
thoroughly = settings(max_examples=5 * settings().max_examples)


@st.composite
def panels(draw: st.DrawFn) -> Panel:
    profile = draw(strategies.profiles())
    return profile, draw(strategies.panels(profile))


@st.composite
def questions(draw: st.DrawFn) -> tuple[Profile, tuple[Opinion, ...], tuple[SourceName, ...]]:
    profile, known = draw(panels())
    return profile, known, tuple(draw(st.sets(st.sampled_from(sorted(profile.sources)))))


def supposing(
    known: Collection[Opinion],
    profile: Profile,
    unanswered: Collection[SourceName],
    end: float,
) -> View:
    """What the gate supposes, as whole opinions in a whole view."""
    supposed = [
        Opinion(name, Symbol("NVR"), end, NOON, profile.horizon_s, "0" * 64, "supposed")
        for name in unanswered
    ]
    return pool([*(one for one in known if one.source not in unanswered), *supposed], profile, NOON)


@thoroughly
@given(panels(), st.data())
def test_lean_numbers_in_any_order_are_those_of_the_full_view(
    panel: Panel, data: st.DataObject
) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    shares = data.draw(st.permutations(view.shares))
    lean = mix([one.weight for one in shares], [one.strength for one in shares], profile)
    assert lean[:6] == view[:6]
    assert len(lean.exact) == len(view.shares)
    for share, exact in zip(shares, lean.exact, strict=True):
        assert share.weight == fade(profile.sources[share.source], share.age_s)
        assert abs(share.phi_bp - exact) < 1 + 1e-5


@thoroughly
@given(questions())
def test_the_lean_gate_reaches_as_far_as_whole_views_do(
    question: tuple[Profile, tuple[Opinion, ...], tuple[SourceName, ...]],
) -> None:
    profile, known, unanswered = question
    span = reach(known, profile, NOON, unanswered)
    lowest, highest = (supposing(known, profile, unanswered, end) for end in (-1.0, 1.0))
    assert span.lo_bp == max(-10_000, lowest.confidence_bp - 1)
    assert span.hi_bp == min(10_000, highest.confidence_bp + 1)


@thoroughly
@given(questions())
def test_the_lean_gate_opens_exactly_when_whole_views_would_open_it(
    question: tuple[Profile, tuple[Opinion, ...], tuple[SourceName, ...]],
) -> None:
    profile, known, unanswered = question
    highest = supposing(known, profile, unanswered, 1.0)
    span = reach(known, profile, NOON, unanswered)
    in_reach = span.hi_bp >= profile.theta_bp or span.lo_bp <= -profile.theta_bp
    expected = has_quorum(highest, profile) and in_reach
    assert worth_asking(known, profile, NOON, unanswered) == expected


def opinion(source: SourceName) -> Opinion:
    as_of = NOON - timedelta(seconds=1)
    return Opinion(source, Symbol("NVR"), 0.5, as_of, 3_600, "0" * 64, "any-1")


def test_the_gate_refuses_what_the_view_refuses() -> None:
    known = opinion(MASSIVE)
    stranger = evolve(known, source=SourceName("a stranger"))
    with pytest.raises(InvalidInput, match="massive is doubled"):
        worth_asking([known, known], Profile(), NOON, (GROK,))
    with pytest.raises(InvalidInput, match="a stranger is not in the profile"):
        worth_asking([stranger], Profile(), NOON, (GROK,))
    with pytest.raises(InvalidInput, match="a stranger is not in the profile"):
        reach([known], Profile(), NOON, (stranger.source,))


def test_the_order_of_what_is_known_does_not_move_the_gate() -> None:
    known = [evolve(opinion(name), strength=0.7) for name in sorted(Profile().sources)]
    spans = {reach(some, Profile(), NOON, (GROK,)) for some in permutations(known)}
    assert len(spans) == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_steps_that_truncation_lost_go_to_equals_in_order_of_name(sign: int) -> None:
    seed = Profile()
    equal = {name: evolve(policy, weight=0.25) for name, policy in seed.sources.items()}
    views = [evolve(opinion(name), strength=sign * 0.0003) for name in equal]
    view = pool(views, evolve(seed, sources=equal), NOON)
    # Each is worth three quarters of a step, and together they make three whole ones.
    assert [share.phi_bp for share in view.shares] == [sign, sign, sign, 0]
