"""What the engine decides, and when it speaks."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.opinion import STEPS, Opinion, SourceName
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.regime import Regime
from argo_core.engine.decide import decide, decide_one
from argo_core.engine.draft import draft
from argo_core.engine.picture import Basis, Decision, Outcome, Picture
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import sha256_hex
from argo_core.market.instrument import instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.testing.fake_clock import BEGINNING

AZO = instrument("AZO")
PROFILE = Profile()
NOW = BEGINNING
STRATEGY = "test"


def quote(price: str = "3100.00", at=NOW):
    return Quote(AZO.symbol, Decimal(price), at, at, "fake")


def opinion(source: str, strength: float, *, as_of=NOW, raw: str = "0"):
    return Opinion(SourceName(source), AZO.symbol, strength, as_of, 3600, raw * 64, "test-1")


def united(strength: float, **more):
    return {name: opinion(name, strength, **more) for name in PROFILE.sources}


def picture(opinions=None, *, standing=None, last=None, **basis):
    known = {
        "phase": Phase.REGULAR,
        "quote": quote(),
        "opinions": united(0.9) if opinions is None else opinions,
        "failed": frozenset(),
        "sigma": 0.0001,
        "regime": Regime.TREND,
        **basis,
    }
    return Picture(AZO, Basis(**known), standing, last)


def decided(pictured, now=NOW) -> Decision:
    return decide_one(pictured, PROFILE, STRATEGY, now)


def after(decision: Decision, now=NOW, **changes):
    """The same symbol a moment later, with these parts of the basis changed."""
    return decided(Picture(AZO, evolve(decision.basis, **changes), decision.signal, decision), now)


def test_united_sources_give_a_signal_with_levels_words_and_a_capsule():
    decision = decided(picture())
    signal = decision.signal
    assert decision.outcome is Outcome.SIGNAL
    assert signal is not None
    assert signal.direction is Direction.BUY
    assert signal.confidence_bp == 9_000
    assert signal.stop < signal.entry < signal.target
    assert signal.reasoning.startswith("BUY AZO 90 %: Massive +36")
    assert signal.inputs_sha256 == sha256_hex(decision.capsule)


def test_the_opposite_opinions_give_the_opposite_signal():
    signal = decided(picture(united(-0.9))).signal
    assert signal is not None
    assert signal.direction is Direction.SELL
    assert signal.target < signal.entry < signal.stop


@given(st.lists(st.integers(-STEPS, STEPS), min_size=4, max_size=4))
def test_published_contributions_add_up_to_the_confidence(steps):
    opinions = {
        name: opinion(name, step / STEPS) for name, step in zip(PROFILE.sources, steps, strict=True)
    }
    view = decided(picture(opinions)).view
    assert view is not None
    assert sum(share.phi_bp for share in view.shares) == view.confidence_bp


@pytest.mark.parametrize(
    ("basis", "reason"),
    [
        ({"phase": Phase.CLOSED}, Reason.MARKET_CLOSED),
        ({"phase": Phase.PRE}, Reason.MARKET_CLOSED),
        ({"quote": None}, Reason.NO_MARKET_DATA),
        ({"quote": quote(at=NOW - timedelta(seconds=301))}, Reason.STALE),
    ],
)
def test_without_a_market_there_is_no_signal_and_the_reason_says_which(basis, reason):
    decision = decided(picture(**basis))
    assert (decision.outcome, decision.reason) == (Outcome.HOLD, reason)
    assert decision.signal is None


@pytest.mark.parametrize(
    "basis",
    [{"phase": Phase.CLOSED}, {"quote": None}, {"opinions": {}}],
)
def test_whatever_ends_a_signal_withdraws_it_once(basis):
    standing = decided(picture()).signal
    withdrawn = decided(picture(standing=standing, **basis))
    assert withdrawn.outcome is Outcome.SIGNAL
    assert withdrawn.signal.direction is Direction.HOLD
    assert withdrawn.signal.stop is withdrawn.signal.target is None
    again = after(withdrawn, NOW + timedelta(seconds=5))
    assert again.outcome is not Outcome.SIGNAL


def test_a_withdrawal_without_a_price_repeats_the_standing_entry():
    standing = decided(picture()).signal
    withdrawn = decided(picture(standing=standing, quote=None)).signal
    assert withdrawn.entry == standing.entry
    assert withdrawn.feed == "none"


def test_nothing_is_drafted_without_any_price():
    pictured = picture(quote=None)
    with pytest.raises(InvalidInput, match="picture"):
        draft(pictured, decided(pictured), PROFILE, STRATEGY)


def test_nothing_new_is_a_skip():
    first = decided(picture())
    later = after(first, NOW + timedelta(seconds=5))
    assert (later.outcome, later.reason) == (Outcome.SKIP, Reason.UNCHANGED)
    assert later.confidence_bp == first.confidence_bp
    assert later.evaluated_at == NOW


def test_a_small_price_move_is_a_skip_and_a_large_one_refreshes_the_signal():
    first = decided(picture())
    later = NOW + timedelta(seconds=5)
    assert after(first, later, quote=quote("3115.00", later)).outcome is Outcome.SKIP
    refreshed = after(first, later, quote=quote("3116.00", later))
    assert refreshed.outcome is Outcome.SIGNAL
    assert refreshed.signal.entry == Decimal("3116.00")


@pytest.mark.parametrize(
    ("strength", "outcome"),
    [(0.9099, Outcome.SKIP), (0.91, Outcome.SIGNAL), (0.89, Outcome.SIGNAL)],
)
def test_a_new_opinion_refreshes_the_signal_when_it_moves_confidence_a_point(strength, outcome):
    first = decided(picture())
    later = after(first, NOW + timedelta(seconds=5), opinions=united(strength, raw="1"))
    assert later.outcome is outcome
    assert later.direction is Direction.BUY


def test_fading_alone_never_refreshes_a_signal():
    first = decided(picture())
    faded = after(first, NOW + timedelta(seconds=25), quote=quote(at=NOW + timedelta(seconds=25)))
    assert faded.confidence_bp < first.confidence_bp - PROFILE.publish_step_bp
    assert faded.direction is Direction.BUY
    assert faded.outcome is Outcome.SKIP


def test_the_end_of_the_horizon_renews_the_signal():
    first = decided(picture())
    end = NOW + timedelta(seconds=PROFILE.horizon_s)
    fresh = {"quote": quote(at=end), "opinions": united(0.9, as_of=end)}
    assert after(first, end - timedelta(seconds=5), **fresh).outcome is Outcome.SKIP
    assert after(first, end, **fresh).outcome is Outcome.SIGNAL


def test_a_turn_is_published_at_once():
    first = decided(picture())
    turned = after(first, NOW + timedelta(seconds=5), opinions=united(-0.8, raw="2"))
    assert turned.signal.direction is Direction.SELL


def test_a_failed_source_is_the_reason_when_it_breaks_the_quorum():
    alone = {"massive": opinion("massive", 0.9)}
    assert decided(picture(alone)).reason is Reason.NO_QUORUM
    failed = decided(picture(alone, failed=frozenset({SourceName("alpha_vantage")})))
    assert failed.reason is Reason.SOURCE_ERROR


def test_a_hold_is_reconsidered_as_opinions_fade_and_left_alone_when_they_are_gone():
    first = decided(picture(united(0.5)))
    assert first.reason is Reason.WEAK
    gone = NOW + timedelta(seconds=1_501)
    quoted = {"quote": quote(at=gone)}
    silent = after(first, gone, **quoted)
    assert silent.reason is Reason.STALE
    assert after(silent, gone + timedelta(seconds=5)).reason is Reason.UNCHANGED


def test_deciding_twice_gives_the_same_bytes():
    pictures = [picture(), picture(united(-0.3))]
    assert decide(pictures, PROFILE, STRATEGY, NOW) == decide(pictures, PROFILE, STRATEGY, NOW)
