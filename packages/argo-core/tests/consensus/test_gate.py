"""The gate never closes before an answer that would have mattered."""

from collections.abc import Collection
from datetime import timedelta

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from argo_core.consensus.gate import Reach, explores, reach, worth_asking
from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    Opinion,
    SourceName,
)
from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.consensus.verdict import judge
from argo_core.market.instrument import Symbol
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

# These are the properties that the consensus is sold by, so they are tried five times as hard.
thoroughly = settings(max_examples=5 * settings().max_examples)


@st.composite
def questions(
    draw: st.DrawFn,
) -> tuple[Profile, tuple[Opinion, ...], frozenset[SourceName], tuple[Opinion, ...]]:
    """A profile, what is known, who is asked, and what those say who answer."""
    profile = draw(strategies.profiles())
    known = draw(strategies.panels(profile))
    asked = draw(st.frozensets(st.sampled_from(sorted(profile.sources))))
    answers = [one for one in draw(strategies.panels(profile)) if one.source in asked]
    return profile, known, asked, tuple(answers)


def after(known: tuple[Opinion, ...], answers: tuple[Opinion, ...], profile: Profile) -> View:
    """Who answers is heard anew; who does not keeps the opinion it had."""
    merged = {one.source: one for one in (*known, *answers)}
    return pool(merged.values(), profile, NOON)


@thoroughly
@given(questions())
def test_no_answers_lead_out_of_reach(
    question: tuple[Profile, tuple[Opinion, ...], frozenset[SourceName], tuple[Opinion, ...]],
) -> None:
    profile, known, asked, answers = question
    span = reach(known, profile, NOON, asked)
    assert span.lo_bp <= after(known, answers, profile).confidence_bp <= span.hi_bp


@thoroughly
@given(questions())
def test_nothing_worth_hearing_stays_unasked(
    question: tuple[Profile, tuple[Opinion, ...], frozenset[SourceName], tuple[Opinion, ...]],
) -> None:
    profile, known, asked, answers = question
    if judge(after(known, answers, profile), profile).direction is not Direction.HOLD:
        assert worth_asking(known, profile, NOON, asked)


def opinion(source: SourceName, strength: float, age_s: float = 0.0) -> Opinion:
    as_of = NOON - timedelta(seconds=age_s)
    return Opinion(source, Symbol("NVR"), strength, as_of, 3_600, "0" * 64, "any-1")


def worth(opinions: Collection[Opinion]) -> bool:
    return worth_asking(opinions, Profile(), NOON, (GROK, SONAR))


def test_market_data_that_leans_nowhere_is_not_worth_a_paid_answer() -> None:
    assert not worth([opinion(MASSIVE, 0.1), opinion(ALPHA_VANTAGE, -0.1)])


def test_market_data_that_leans_one_way_is_worth_a_paid_answer() -> None:
    assert worth([opinion(MASSIVE, 0.8), opinion(ALPHA_VANTAGE, 0.6)])
    assert worth([opinion(MASSIVE, -0.8), opinion(ALPHA_VANTAGE, -0.6)])


def test_without_market_data_no_paid_answer_makes_a_quorum() -> None:
    assert not worth([])
    assert not worth([opinion(MASSIVE, 1.0, age_s=120)])


def test_reach_is_one_basis_point_wider_than_its_ends() -> None:
    known = [opinion(MASSIVE, 0.5), opinion(ALPHA_VANTAGE, 0.5)]
    ends = [
        pool([*known, opinion(GROK, end), opinion(SONAR, end)], Profile(), NOON).confidence_bp
        for end in (-1.0, 1.0)
    ]
    span = reach(known, Profile(), NOON, (GROK, SONAR))
    assert span == Reach(ends[0] - 1, ends[1] + 1)


def test_reach_ends_where_confidence_does() -> None:
    everybody = tuple(Profile().sources)
    assert reach([], Profile(), NOON, everybody) == Reach(-10_000, 10_000)


def test_when_all_have_answered_reach_is_the_view_itself() -> None:
    known = [opinion(MASSIVE, 0.5), evolve(opinion(GROK, 0.5), strength=-0.25)]
    view = pool(known, Profile(), NOON)
    assert reach(known, Profile(), NOON, ()) == Reach(
        view.confidence_bp - 1, view.confidence_bp + 1
    )


def test_first_ask_after_start_always_explores() -> None:
    assert all(explores(seed, GROK, 0) for seed in range(50))


def test_one_later_ask_in_twenty_explores() -> None:
    explored = sum(explores(7, GROK, asks) for asks in range(1, 10_001))
    assert 420 < explored < 580


def test_exploring_follows_from_seed_source_and_count() -> None:
    def run(seed: int, source: SourceName) -> list[bool]:
        return [explores(seed, source, asks) for asks in range(1, 200)]

    assert run(1, GROK) == run(1, GROK)
    assert run(1, GROK) != run(2, GROK)
    assert run(1, GROK) != run(1, SONAR)
