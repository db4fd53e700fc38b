"""Signals for writers: one to try words on, and strategies for any."""

from decimal import Decimal

from hypothesis import strategies as st

from argo_core.consensus.opinion import GROK, MASSIVE, SourceName
from argo_core.consensus.reasons import Direction, Reason
from argo_core.market.instrument import Symbol
from argo_core.signals.brief import Brief, Pull
from argo_core.signals.evidence import Evidence
from argo_core.testing.strategies import NOON, SOURCES, symbols


def a_brief(direction: Direction = Direction.BUY, symbol: str = "AAPL") -> Brief:
    """A signal with evidence of every kind: signs, units, a number in a kind, a word."""
    sign = -1 if direction is Direction.SELL else 1
    return Brief(
        symbol=Symbol(symbol),
        direction=direction,
        reason=Reason.WEAK if direction is Direction.HOLD else Reason.SIGNAL,
        confidence=82,
        pulls=(Pull(MASSIVE, 34 * sign), Pull(GROK, -4 * sign)),
        evidence=_evidence(
            [
                ("RSI", "61.0", "", MASSIVE),
                ("momentum 5 m", "1.25", "%", MASSIVE),
                ("MACD", "-0.012", "%", MASSIVE),
                ("volume", "1234567", "", MASSIVE),
                ("view", "0.62", direction.lower(), GROK),
                ("driver", "earnings", "", GROK),
            ]
        ),
        price=Decimal("195.10"),
        template="the template",
    )


def _evidence(drawn: list[tuple[str, str, str, SourceName]]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(f"e{number}", source, kind, value, unit, NOON)
        for number, (kind, value, unit, source) in enumerate(drawn, start=1)
    )


@st.composite
def briefs(draw: st.DrawFn) -> Brief:
    """Signals as writers are told of them, with one to twelve numbers or words as evidence."""
    numbers = st.decimals(-200, 200, places=2).map(lambda value: f"{value + 0:f}")
    kinds = st.sampled_from(["RSI", "MACD", "momentum 5 m", "day move", "news sentiment"])
    stated = st.tuples(kinds, numbers, st.sampled_from(["", "%", "x"]), st.sampled_from(SOURCES))
    worded = st.tuples(
        st.just("driver"), st.sampled_from(["news", "sector"]), st.just(""), st.just(GROK)
    )
    pulls = draw(st.lists(st.tuples(st.sampled_from(SOURCES), st.integers(-60, 60)), max_size=4))
    direction = draw(st.sampled_from(Direction))
    return Brief(
        symbol=draw(symbols()),
        direction=direction,
        reason=Reason.WEAK if direction is Direction.HOLD else Reason.SIGNAL,
        confidence=draw(st.integers(0, 100)),
        pulls=tuple(Pull(source, points) for source, points in dict(pulls).items()),
        evidence=_evidence(draw(st.lists(st.one_of(stated, worded), min_size=1, max_size=12))),
        price=draw(st.decimals(1, 10_000, places=2)),
        template="the template",
    )
