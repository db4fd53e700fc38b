"""Hypothesis strategies for the inputs of the engine's desk."""

from datetime import timedelta

from hypothesis import strategies as st

from argo_core.engine.inputs import (
    Decided,
    Failed,
    Hidden,
    Input,
    Learned,
    Missed,
    Observed,
    Recovered,
    Settled,
    Started,
    Stopped,
    Traded,
    Warmed,
    Witnessed,
    Worded,
    Written,
)
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.record import LoggedSignal, Sealed
from argo_core.market.session import Phase
from argo_core.testing.strategies import NOON, SOURCES, bars, opinions, quotes, symbols
from argo_core.testing.trading_strategies import trades

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
_BYTES = st.binary(max_size=40)
_COUNTS = st.integers(0, 2**53 - 1)
_NAMES = st.sampled_from(SOURCES)
_MOMENTS = st.integers(-(10**9), 10**9).map(lambda micros: NOON + timedelta(microseconds=micros))
_SEALED = st.builds(Sealed, _BYTES, st.binary(min_size=32, max_size=32))
_LOGGED = st.builds(LoggedSignal, _COUNTS, _BYTES, _BYTES, st.none() | _COUNTS)


def inputs() -> st.SearchStrategy[Input]:
    """Any input, every kind of them, with texts and numbers of every sort."""
    return st.one_of(
        st.builds(
            Started,
            at=_MOMENTS,
            size=_COUNTS,
            next_seq=_COUNTS,
            models=st.dictionaries(_NAMES, _TEXTS, max_size=2),
            standing=st.lists(_LOGGED, max_size=2).map(tuple),
            unresolved=st.lists(_LOGGED, max_size=2).map(tuple),
            hidden=st.lists(st.builds(Hidden, _COUNTS, _BYTES, _SEALED), max_size=2).map(tuple),
        ),
        st.builds(Warmed, st.lists(bars(), max_size=3).map(tuple)),
        st.builds(Observed, _MOMENTS, st.lists(quotes(), max_size=3).map(tuple)),
        st.builds(
            Learned,
            _MOMENTS,
            _NAMES,
            st.lists(opinions(), max_size=3).map(tuple),
            st.lists(_BYTES, max_size=2).map(lambda raws: {sha256_hex(raw): raw for raw in raws}),
        ),
        st.builds(Recovered, _NAMES),
        st.builds(
            Failed,
            _MOMENTS,
            _NAMES,
            _TEXTS,
            _TEXTS,
            st.none() | st.floats(allow_nan=False, allow_infinity=False),
        ),
        st.builds(
            Decided, _MOMENTS, st.dictionaries(symbols(), st.sampled_from(Phase), max_size=3)
        ),
        st.builds(Missed, st.lists(symbols(), max_size=3).map(tuple)),
        st.builds(Worded, st.dictionaries(_TEXTS, st.tuples(_TEXTS, _TEXTS), max_size=2)),
        st.builds(Written, _COUNTS, st.lists(_BYTES, max_size=3).map(tuple)),
        st.builds(Settled, st.none() | _COUNTS),
        st.builds(Witnessed, _COUNTS, _COUNTS),
        st.builds(Traded, st.lists(trades(), max_size=3).map(tuple)),
        st.builds(Stopped, _MOMENTS),
    )
