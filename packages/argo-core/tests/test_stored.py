"""What caches hold comes back exactly, or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st

from argo_core.codec.stored import OPINIONS, QUOTES, StoredCodec
from argo_core.consensus.formed import Formed
from argo_core.errors import InvalidInput
from argo_core.resilience.freshness import Entry
from argo_core.testing.strategies import NOON, opinions, quotes

MICROS = st.integers(-(10**12), 10**12).map(lambda micros: timedelta(microseconds=micros))
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)


@frozen
class Words:
    text: str
    score: float
    whole: int
    sure: bool


WORDS = StoredCodec("words", Words)


@st.composite
def entries(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> Entry[Any]:
    stored_at, soft, revalidate, error = sorted(NOON + draw(MICROS) for _ in range(4))
    return Entry(
        value=draw(values),
        as_of=NOON + draw(MICROS),
        stored_at=stored_at,
        soft=soft,
        revalidate=revalidate,
        error=error,
        generation=draw(st.integers(0, 2**53)),
    )


FORMED = st.builds(Formed, opinion=opinions(), price=st.none() | DECIMALS)
SPOKEN = st.builds(
    Words,
    text=st.text(st.characters(codec="utf-8")),
    score=st.floats(allow_nan=False, allow_infinity=False),
    whole=st.integers(-(2**63), 2**63 - 1),
    sure=st.booleans(),
)


@given(entries(FORMED))
def test_an_opinion_comes_back_exactly(entry: Entry[Formed]) -> None:
    back = OPINIONS.decode(OPINIONS.encode(entry))
    assert back == entry
    # Decimals that are equal may still be spelled differently.
    assert str(back.value.price) == str(entry.value.price)


@given(entries(st.lists(quotes(), max_size=3).map(tuple)))
def test_quotes_come_back_exactly(entry: Entry[Any]) -> None:
    assert QUOTES.decode(QUOTES.encode(entry)) == entry


@given(entries(SPOKEN))
def test_values_of_any_other_kind_come_back_exactly(entry: Entry[Words]) -> None:
    assert WORDS.decode(WORDS.encode(entry)) == entry


KEPT = Entry(Words("yes", 0.5, 7, True), NOON, NOON, NOON, NOON, NOON, 3)
BYTES = WORDS.encode(KEPT)


@given(st.integers(0, len(BYTES) - 1))
def test_half_an_entry_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput):
        WORDS.decode(BYTES[:length])


@given(st.binary(max_size=40))
def test_bytes_of_no_meaning_are_refused(data: bytes) -> None:
    for broken in (data, BYTES.partition(b"\n")[0] + b"\n" + data):
        with pytest.raises(InvalidInput):
            WORDS.decode(broken)


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"stored/1/", b"stored/2/"),
        (b"words\n", b"opinion\n"),
        (b'"text":"yes"', b'"text":5'),
        (b'"score":0.5', b'"score":"0.5"'),
        (b'"score":0.5', b'"score":null'),
        (b'"whole":7', b'"whole":7.0'),
        (b'"whole":7', b'"whole":true'),
        (b'"sure":true', b'"sure":1'),
        (b'"sure":true', b'"sure":true,"more":1'),
        (b'"sure":true', b'"more":1'),
        (b"],3,", b'],"3",'),
        (b"[[", b"[[0,"),
        (b"[[1", b'[["1"'),
        (b"}]", b"},0]"),
        (b"}]", b"}]]"),
    ],
)
def test_nothing_is_read_as_what_it_only_resembles(written: bytes, instead: bytes) -> None:
    broken = BYTES.replace(written, instead, 1)
    assert broken != BYTES
    with pytest.raises(InvalidInput):
        WORDS.decode(broken)


def test_a_whole_number_may_stand_for_a_float() -> None:
    assert WORDS.decode(BYTES.replace(b"0.5", b"2")).value.score == 2.0


PRICED = StoredCodec("price", Decimal)


def priced(price: str) -> Entry[Decimal]:
    return Entry(Decimal(price), NOON, NOON, NOON, NOON, NOON)


@pytest.mark.parametrize("text", [b'"NaN"', b'"Infinity"', b'"five"', b"5", b'"sNaN"'])
def test_what_is_no_finite_decimal_is_refused(text: bytes) -> None:
    data = PRICED.encode(priced("5"))
    with pytest.raises(InvalidInput):
        PRICED.decode(data.replace(b'"5"', text))


def test_what_is_not_finite_is_not_written() -> None:
    with pytest.raises(InvalidInput):
        PRICED.encode(priced("NaN"))
    with pytest.raises(InvalidInput):
        WORDS.encode(evolve(KEPT, value=Words("", float("inf"), 0, False)))


def test_moments_that_run_backwards_are_refused() -> None:
    head, times, rest = BYTES[: BYTES.index(b"[[") + 2], *BYTES.split(b"[[")[1].split(b"]", 1)
    as_of, stored_at, *others = times.split(b",")
    late = str(int(stored_at) + 1).encode()
    broken = head + b",".join([as_of, late, *others]) + b"]" + rest
    with pytest.raises(InvalidInput, match="run backwards"):
        WORDS.decode(broken)


def test_a_codec_tells_its_kind_and_version() -> None:
    assert WORDS.name == "words.1"
    assert repr(WORDS) == "StoredCodec('words')"
