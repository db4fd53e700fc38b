"""Horizons are counted, and not signals."""

from itertools import pairwise

from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.signals.skill.horizons import apart


@frozen
class Span:
    """Something said of a symbol."""

    symbol: str
    said_us: int
    known_us: int
    number: int


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("AB"), st.integers(0, 20), st.integers(0, 9)), max_size=20
        )
    )
    return [Span(symbol, at, at + 5, number) for symbol, at, number in rows]


def kept(found: list[Span]) -> list[Span]:
    return apart(found, lambda one: one.symbol, lambda one: (one.number,))


def test_of_signals_every_few_minutes_one_an_hour_counts() -> None:
    every = [Span("A", minute, minute + 60, 0) for minute in range(0, 300, 7)]
    assert [one.said_us for one in kept(every)] == [0, 63, 126, 189, 252]


def test_one_that_begins_as_another_ends_does_not_overlap() -> None:
    assert [one.said_us for one in kept([Span("A", 5, 10, 0), Span("A", 0, 5, 0)])] == [0, 5]


@given(spans())
def test_none_overlap_and_none_more_would_fit(every: list[Span]) -> None:
    found = kept(every)
    for symbol in "AB":
        mine = sorted((one for one in found if one.symbol == symbol), key=lambda one: one.said_us)
        for one, after in pairwise(mine):
            assert one.known_us <= after.said_us
        for one in every:
            if one.symbol == symbol and one not in mine:
                assert any(m.said_us <= one.said_us < m.known_us for m in mine)


@given(spans(), st.randoms(use_true_random=False))
def test_the_order_does_not_matter(every: list[Span], chance: object) -> None:
    mixed = list(every)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert {*kept(mixed)} == {*kept(every)}
