"""Every property the formula of Weighted Consensus promises."""

import math
from datetime import timedelta

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argo_core.consensus.mix import fade
from argo_core.consensus.opinion import GROK, MASSIVE, SONAR, STEPS, Opinion
from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

NOISE = 1e-9

Panel = tuple[Profile, tuple[Opinion, ...]]

# These are the properties that the consensus is sold by, so they are tried five times as hard.
thoroughly = settings(max_examples=5 * settings().max_examples)


@st.composite
def panels(draw: st.DrawFn, *, least: int = 0, alike: bool = False) -> Panel:
    profile = draw(strategies.profiles(alike=alike))
    return profile, draw(strategies.panels(profile, least=least))


def confidence(view: View, profile: Profile) -> float:
    """C before it is rounded."""
    if view.agreement == 0:
        return 0.0
    return view.shrink * math.pow(view.agreement, profile.lam) * (view.buy - view.sell)


def see(opinions: tuple[Opinion, ...], profile: Profile) -> float:
    return confidence(pool(opinions, profile, NOON), profile)


def by_the_book(opinions: tuple[Opinion, ...], profile: Profile) -> float:
    """The formula once more, as the specification writes it and without any care."""
    u = {}
    for one in opinions:
        policy = profile.sources[one.source]
        age = (NOON - one.as_of).total_seconds()
        late = max(0.0, age - policy.refresh_after_s)
        alive = age <= policy.refresh_after_s + 4 * policy.half_life_s
        u[one.source] = policy.weight * 0.5 ** (late / policy.half_life_s) if alive else 0.0
    kappa = sum(u.values())
    if kappa == 0:
        return 0.0
    buy = sum(u[one.source] * max(one.strength, 0.0) for one in opinions) / kappa
    sell = sum(u[one.source] * max(-one.strength, 0.0) for one in opinions) / kappa
    agreement = abs(buy - sell) / (buy + sell) if buy + sell else 1.0
    rho = (1 + profile.tau) * kappa / (kappa + profile.tau)
    return float(rho * agreement**profile.lam * (buy - sell))


@thoroughly
@given(panels())
def test_confidence_is_the_formula_of_the_specification(panel: Panel) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    expected = by_the_book(opinions, profile)
    assert math.isclose(confidence(view, profile), expected, abs_tol=NOISE)
    assert abs(view.confidence_bp - expected * STEPS) <= 0.5 + NOISE * STEPS


@thoroughly
@given(panels(least=1))
def test_confidence_never_exceeds_the_sum_nor_the_strongest_voice(panel: Panel) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    net = abs(view.buy - view.sell)
    assert abs(confidence(view, profile)) <= net + NOISE
    assert net <= max((abs(share.strength) for share in view.shares), default=0.0) + NOISE
    assert 0 <= view.coverage <= 1
    assert 0 <= view.agreement <= 1
    assert 0 <= view.shrink <= 1 + NOISE


@thoroughly
@given(panels())
def test_contributions_add_up_to_the_confidence_exactly(panel: Panel) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    assert sum(share.phi_bp for share in view.shares) == view.confidence_bp


@thoroughly
@given(panels(least=1))
def test_nobody_contributes_more_than_the_influence_cap(panel: Panel) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    scale = view.shrink * math.pow(view.agreement, profile.lam) * STEPS
    for share in view.shares:
        # Rounding moves a contribution by less than one basis point.
        assert abs(share.phi_bp) < profile.sources[share.source].weight / view.coverage * STEPS + 1
        exact = scale * share.weight * share.strength / view.coverage
        assert abs(share.phi_bp - exact) < 1 + NOISE * STEPS


@thoroughly
@given(panels())
def test_opposite_opinions_give_exactly_the_opposite_view(panel: Panel) -> None:
    profile, opinions = panel
    view = pool(opinions, profile, NOON)
    opposite = pool([evolve(one, strength=-one.strength) for one in opinions], profile, NOON)
    assert opposite.confidence_bp == -view.confidence_bp
    assert [share.phi_bp for share in opposite.shares] == [-share.phi_bp for share in view.shares]
    assert (opposite.buy, opposite.sell) == (view.sell, view.buy)


@thoroughly
@given(panels(), st.data())
def test_order_of_answers_does_not_matter(panel: Panel, data: st.DataObject) -> None:
    profile, opinions = panel
    shuffled = data.draw(st.permutations(opinions))
    assert pool(shuffled, profile, NOON) == pool(opinions, profile, NOON)


@thoroughly
@given(strategies.profiles(), strategies.strengths(), strategies.opinions())
def test_unanimous_fresh_sources_are_taken_at_their_word(
    profile: Profile, strength: float, any_opinion: Opinion
) -> None:
    unanimous = [
        evolve(any_opinion, source=name, strength=strength, as_of=NOON) for name in profile.sources
    ]
    view = pool(unanimous, profile, NOON)
    assert view.confidence_bp == round(strength * STEPS)
    assert math.isclose(view.coverage, 1)
    assert math.isclose(view.agreement, 1)


@thoroughly
@given(panels(least=1), strategies.strengths(), st.data())
def test_confidence_rises_with_every_opinion(
    panel: Panel, strength: float, data: st.DataObject
) -> None:
    profile, opinions = panel
    chosen = data.draw(st.sampled_from(opinions))
    others = tuple(one for one in opinions if one is not chosen)
    assume(strength > chosen.strength)
    raised = (*others, evolve(chosen, strength=strength))
    assert see(raised, profile) >= see(opinions, profile) - NOISE
    assert pool(raised, profile, NOON).confidence_bp >= pool(opinions, profile, NOON).confidence_bp


@thoroughly
@given(panels(least=1), st.data())
def test_pushing_a_source_against_the_winner_never_helps_it(
    panel: Panel, data: st.DataObject
) -> None:
    profile, opinions = panel
    before = see(opinions, profile)
    sign = 1 if before >= 0 else -1
    chosen = data.draw(st.sampled_from(opinions))
    others = tuple(one for one in opinions if one is not chosen)
    against = sign * data.draw(strategies.strengths(most=sign * chosen.strength))
    assert sign * see((*others, evolve(chosen, strength=against)), profile) <= abs(before) + NOISE


@thoroughly
@given(panels(least=1, alike=True), st.integers(0, 60))
def test_ageing_together_never_strengthens_nor_turns_the_view(panel: Panel, seconds: int) -> None:
    profile, opinions = panel
    # All weights shrink by one factor when all fade at one pace and start together.
    oldest = max(policy.refresh_after_s for policy in profile.sources.values())
    together = [evolve(one, as_of=NOON - timedelta(seconds=oldest)) for one in opinions]
    before = confidence(pool(together, profile, NOON), profile)
    later = confidence(pool(together, profile, NOON + timedelta(seconds=seconds)), profile)
    assert abs(later) <= abs(before) + NOISE
    assert later * before >= 0


@thoroughly
@given(panels(), st.data())
def test_a_voice_at_least_as_strong_as_the_rest_never_weakens_it(
    panel: Panel, data: st.DataObject
) -> None:
    profile, opinions = panel
    silent = sorted(set(profile.sources) - {one.source for one in opinions})
    assume(silent)
    view = pool(opinions, profile, NOON)
    least = math.ceil(max(view.buy - view.sell, 0.0) * STEPS - NOISE) / STEPS
    added = evolve(
        data.draw(strategies.opinions(data.draw(st.sampled_from(silent)))),
        strength=data.draw(strategies.strengths(least=min(1.0, least))),
    )
    # The grid may end just below S: then nothing is at least as strong.
    assume(added.strength >= view.buy - view.sell - NOISE)
    assert see((*opinions, added), profile) >= see(opinions, profile) - NOISE


def opinion(source: str, strength: float, age_s: float = 0.0) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    name = next(each for each in Profile().sources if each == source)
    return Opinion(name, Symbol("NVR"), strength, as_of, 3_600, "0" * 64, "any-1")


def test_a_weaker_voice_on_the_same_side_can_weaken_the_view() -> None:
    alone = (opinion("massive", 0.9), opinion("alpha_vantage", 0.9), opinion("grok", 0.9))
    assert see((*alone, opinion("sonar", 0.1)), Profile()) < see(alone, Profile())


def test_a_milder_seller_can_strengthen_the_selling_view() -> None:
    alone = (opinion("massive", -0.5),)
    assert see((*alone, opinion("sonar", -0.4)), Profile()) < see(alone, Profile())


@thoroughly
@given(panels(least=1), st.data())
def test_poisoned_source_moves_the_view_no_further_than_its_bounds(
    panel: Panel, data: st.DataObject
) -> None:
    profile, opinions = panel
    poisoned = data.draw(st.sampled_from(opinions))
    others = tuple(one for one in opinions if one is not poisoned)
    neutral = pool((*others, evolve(poisoned, strength=0.0)), profile, NOON)
    before = confidence(neutral, profile)
    assume(before >= 0)
    weight = next((s.weight for s in neutral.shares if s.source == poisoned.source), 0.0)
    bound = neutral.shrink * weight / neutral.coverage if weight else 0.0
    raised = see((*others, evolve(poisoned, strength=1.0)), profile)
    suppressed = see((*others, evolve(poisoned, strength=-1.0)), profile)
    assert raised - before <= bound + NOISE
    assert before - suppressed <= (1 + 2 * profile.lam) * bound + NOISE


def test_poison_alone_reaches_its_bound() -> None:
    silent = tuple(opinion(name, 0.0) for name in ("massive", "alpha_vantage", "sonar"))
    assert pool((*silent, opinion("grok", 1.0)), Profile(), NOON).confidence_bp == 2_000


@thoroughly
@given(st.sampled_from(sorted(Profile().sources)), st.integers(0, 2_000), st.integers(0, 2_000))
def test_weight_only_fades_with_age(source: str, one: int, other: int) -> None:
    policy = next(policy for name, policy in Profile().sources.items() if name == source)
    young, old = sorted([one, other])
    assert policy.weight >= fade(policy, young) >= fade(policy, old) >= 0


def test_weight_is_whole_until_refresh_halves_from_then_on_and_ends_after_four_halves() -> None:
    policy = SourcePolicy(0.4, 30, 15, 5, 4, 10)
    assert [fade(policy, age) for age in (0, 15, 45, 75, 135, 135.001)] == [
        pytest.approx(weight) for weight in (0.4, 0.4, 0.2, 0.1, 0.025, 0)
    ]


def test_faded_and_missing_sources_are_told_apart() -> None:
    view = pool([opinion("massive", 0.5, 136), opinion("grok", 0.5)], Profile(), NOON)
    assert view.faded == (MASSIVE,)
    assert view.missing == ("alpha_vantage", SONAR)
    assert [share.source for share in view.shares] == [GROK]
    assert view.coverage == pytest.approx(0.2)


def test_nobody_speaking_is_no_view_at_all() -> None:
    view = pool([], Profile(), NOON)
    assert (view.confidence_bp, view.coverage, view.shares) == (0, 0.0, ())


def test_a_tie_has_no_side_even_where_disagreement_is_not_punished() -> None:
    even = Profile(
        sources={name: evolve(policy, weight=0.25) for name, policy in Profile().sources.items()},
        lam=0.0,
    )
    view = pool([opinion("massive", 1.0), opinion("grok", -1.0)], even, NOON)
    assert (view.confidence_bp, view.agreement) == (0, 0.0)
    assert [share.phi_bp for share in view.shares] == [0, 0]


def test_an_opinion_from_the_future_is_new_not_more_than_new() -> None:
    future, present = opinion("massive", 0.5, -30), opinion("massive", 0.5)
    assert pool([future], Profile(), NOON) == pool([present], Profile(), NOON)


def test_two_opinions_of_one_source_are_refused() -> None:
    with pytest.raises(InvalidInput, match="massive is doubled"):
        pool([opinion("massive", 0.5), opinion("massive", 0.5)], Profile(), NOON)


def test_an_opinion_of_a_disabled_source_is_refused() -> None:
    with pytest.raises(InvalidInput, match="grok is not in the profile"):
        pool([opinion("grok", 0.5)], Profile().without(GROK), NOON)
