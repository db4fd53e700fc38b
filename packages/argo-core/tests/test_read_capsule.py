"""A capsule says what a decision was made of, also to those who come later."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.codec.capsule import capsule
from argo_core.codec.read_capsule import Inputs, read_capsule
from argo_core.consensus.opinion import Opinion
from argo_core.consensus.regime import Regime
from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import decode, encode
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.testing.strategies import NOON, SOURCES, opinions, quotes

NVR = Symbol("NVR")
MORE = {"phase": "regular", "failed": "grok sonar"}


@given(
    st.none() | quotes(NVR),
    st.tuples(*(st.none() | opinions(source, NVR) for source in sorted(SOURCES))),
    st.sampled_from(Regime),
    st.none() | st.floats(0, 1).map(lambda sigma: sigma + 0.0),
)
def test_a_capsule_is_read_as_it_was_written(
    quote: Quote | None, said: tuple[Opinion | None, ...], regime: Regime, sigma: float | None
) -> None:
    spoken = tuple(one for one in said if one is not None)
    data = capsule(
        symbol=NVR,
        decided_at=NOON,
        quote=quote,
        opinions=spoken,
        profile="any",
        regime=regime,
        sigma=sigma,
        more=MORE,
    )
    assert read_capsule(data) == Inputs(NVR, NOON, quote, spoken, "any", regime, sigma, MORE)


GOOD = decode(
    capsule(
        symbol=NVR,
        decided_at=NOON,
        quote=None,
        opinions=(),
        profile="any",
        regime=Regime.CHOP,
        sigma=0.5,
    )
)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"v": None}, "capsule: it is none: KeyError: 'v'"),
        ({"symbol": "nvr"}, "symbol: 'nvr' is not a symbol"),
        ({"decided_us": "noon"}, "decided_us: 'noon' is no time"),
        ({"regime": "calm"}, "capsule: it is none: ValueError: 'calm'"),
        ({"sigma": "much"}, "capsule: it is none: ValueError: could not convert"),
        ({"feed": "any"}, "capsule: it is none: KeyError: 'price'"),
        ({"feed": "any", "price": "much"}, "capsule: it is none: InvalidOperation"),
        ({"strength_grok_e4": 1}, "capsule: it is none: KeyError: 'as_of_grok_us'"),
    ],
)
def test_what_is_no_capsule_is_refused(change: dict[str, object], message: str) -> None:
    members = {k: v for k, v in {**GOOD, **change}.items() if v is not None}
    with pytest.raises(InvalidInput, match=message):
        read_capsule(encode(members))  # type: ignore[arg-type] # it is refused for that too
