"""The gate's answer is kept only while it must be the same."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from argo_core.consensus.gate import worth_asking
from argo_core.consensus.opinion import STEPS, Opinion
from argo_core.consensus.profile import Profile
from argo_core.consensus.regime import Regime
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.picture import Basis, Picture
from argo_core.market.instrument import instrument
from argo_core.market.session import Phase
from argo_core.testing.fake_clock import BEGINNING

AZO = instrument("AZO")
PROFILE = Profile()
NAMES = sorted(PROFILE.sources)


def opinions(strengths):
    return {
        name: Opinion(name, AZO.symbol, step / STEPS, BEGINNING, 3600, "0" * 64, "test-1")
        for name, step in strengths.items()
    }


def picture(known):
    basis = Basis(Phase.REGULAR, None, known, frozenset(), None, Regime.UNKNOWN)
    return Picture(AZO, basis, None, None)


@given(
    strengths=st.dictionaries(st.sampled_from(NAMES), st.integers(-STEPS, STEPS)),
    ages=st.lists(st.integers(0, 1_600), min_size=1, max_size=6),
)
def test_the_memo_always_says_what_the_gate_would(strengths, ages):
    memo, known = GateMemo(PROFILE), opinions(strengths)
    for age in sorted(ages):
        now = BEGINNING + timedelta(seconds=age)
        due = [
            name
            for name in PROFILE.sources
            if name not in known or age >= PROFILE.sources[name].refresh_after_s
        ]
        assert memo.worth_asking(picture(known), now) == worth_asking(
            known.values(), PROFILE, now, due
        )


def test_the_memo_forgets_when_an_opinion_changes():
    memo = GateMemo(PROFILE)
    weak = opinions({"massive": 0, "alpha_vantage": 0})
    strong = opinions({"massive": 9_000, "alpha_vantage": 9_000})
    assert not memo.worth_asking(picture(weak), BEGINNING)
    assert memo.worth_asking(picture(strong), BEGINNING)
