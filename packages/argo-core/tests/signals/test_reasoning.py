"""The words of a signal say what its numbers say, cite their evidence, and never vary."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import (
    ALPHA_VANTAGE,
    GROK,
    MASSIVE,
    SONAR,
    Fact,
    Opinion,
    SourceName,
)
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.verdict import judge
from argo_core.market.instrument import Symbol
from argo_core.signals.evidence import LIMIT, Evidence, collect
from argo_core.signals.reasoning import TEMPLATE_VERSION, template, title
from argo_core.signals.signal import Contribution
from argo_core.testing import strategies
from argo_core.testing.strategies import NOON

NVR = Symbol("NVR")


def part(source: SourceName, phi_bp: int) -> Contribution:
    return Contribution(source, phi_bp, 0.5, 0.0, "0" * 64)


def words(direction: Direction, reason: Reason, confidence_bp: int, *parts: Contribution) -> str:
    return template(
        symbol=NVR,
        direction=direction,
        reason=reason,
        confidence_bp=confidence_bp,
        contributions=parts,
        evidence=(),
    )


def test_a_signal_says_who_contributed_what_and_cites_its_evidence() -> None:
    evidence = (
        Evidence("e1", MASSIVE, "RSI", "61", "", NOON),
        Evidence("e2", GROK, "momentum 5 m", "1.2", "%", NOON),
    )
    said = template(
        symbol=Symbol("AAPL"),
        direction=Direction.BUY,
        reason=Reason.SIGNAL,
        confidence_bp=8_213,
        contributions=[
            part(GROK, 1_502),
            part(SONAR, 1_301),
            part(MASSIVE, 3_410),
            part(ALPHA_VANTAGE, 2_000),
        ],
        evidence=evidence,
    )
    assert said == (
        "BUY AAPL 82 %: Massive +34, Alpha Vantage +20, Grok +15, Sonar +13. "
        "RSI 61 [e1], momentum 5 m 1.2 % [e2]."
    )


def test_a_sale_shows_how_sure_it_is_and_which_way_each_source_pulls() -> None:
    parts = part(MASSIVE, -8_000), part(GROK, 400)
    said = words(Direction.SELL, Reason.SIGNAL, -7_600, *parts)
    assert said == "SELL NVR 76 %: Massive -80, Grok +4."


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (Reason.WEAK, "the sources are not strong enough together"),
        (Reason.CONFLICT, "the sources contradict each other"),
        (Reason.NO_QUORUM, "too few sources have a say"),
        (Reason.NO_MARKET_DATA, "there is no price"),
        (Reason.STALE, "what is known is too old"),
        (Reason.MODEL_HOLD, "every source says hold"),
        (Reason.SOURCE_ERROR, "a source that is needed fails"),
        (Reason.MARKET_CLOSED, "the market is closed"),
    ],
)
def test_a_hold_says_why(reason: Reason, why: str) -> None:
    assert words(Direction.HOLD, reason, 0) == f"HOLD NVR 0 % ({why})."


def test_a_source_we_have_no_title_for_keeps_its_name() -> None:
    assert title("house_view") == "house_view"
    assert title(ALPHA_VANTAGE) == "Alpha Vantage"


def test_template_has_a_version() -> None:
    assert TEMPLATE_VERSION == "template-1"


@given(strategies.profiles(), st.data())
def test_words_are_one_line_of_ascii_that_cites_every_piece_of_evidence(
    profile: Profile, data: st.DataObject
) -> None:
    opinions = data.draw(strategies.panels(profile))
    view = pool(opinions, profile, NOON)
    verdict = judge(view, profile)
    parts = [part(share.source, share.phi_bp) for share in view.shares]
    evidence = collect(opinions)

    def say(order: list[Contribution]) -> str:
        return template(
            symbol=NVR,
            direction=verdict.direction,
            reason=verdict.reason,
            confidence_bp=view.confidence_bp,
            contributions=order,
            evidence=evidence,
        )

    said = say(parts)
    assert said.isascii()
    assert said.isprintable()
    assert said.startswith(f"{verdict.direction} NVR ")
    assert all(f"[{one.id}]" in said for one in evidence)
    assert all(title(one.source) in said for one in parts)
    assert say(data.draw(st.permutations(parts))) == said


@given(st.lists(strategies.opinions(), max_size=6, unique_by=lambda one: one.source))
def test_evidence_is_numbered_bounded_and_shared_fairly(opinions: list[Opinion]) -> None:
    evidence = collect(opinions)
    assert [one.id for one in evidence] == [f"e{n}" for n in range(1, len(evidence) + 1)]
    assert len(evidence) == min(LIMIT, sum(len(opinion.facts) for opinion in opinions))
    assert collect(opinions[::-1]) == evidence
    for opinion in opinions:
        shown = [
            (one.kind, one.value, one.unit) for one in evidence if one.source == opinion.source
        ]
        facts = [(fact.kind, fact.value, fact.unit) for fact in opinion.facts]
        # What is left out is at the end of a source's own list.
        assert shown == facts[: len(shown)]


def test_a_talkative_source_does_not_crowd_out_the_others() -> None:
    fact = Fact("RSI", "61", "", NOON)

    def opinion(source: SourceName, facts: int) -> Opinion:
        return Opinion(source, NVR, 0.5, NOON, 3_600, "0" * 64, "any-1", (fact,) * facts)

    sources = [one.source for one in collect([opinion(MASSIVE, 20), opinion(SONAR, 1)])]
    assert sources.count(SONAR) == 1
    assert len(sources) == LIMIT
