"""An input comes back exactly as it was, or not at all."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, get_args

import orjson
import pytest
from attrs import evolve, fields, has
from hypothesis import given
from hypothesis import strategies as st

from argo_core.backtest.input_lines import KINDS, read_input, write_input
from argo_core.engine.inputs import (
    Decided,
    Failed,
    Input,
    Learned,
    Observed,
    Settled,
    Warmed,
    Worded,
)
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.testing.inputs import inputs
from argo_core.testing.strategies import NOON

NVR = Symbol("NVR")
QUOTE = Quote(NVR, Decimal("6890.50"), NOON, NOON + timedelta(microseconds=7), "alpaca:iex")
BAR = Bar(NVR, NOON, 1.5, 2.0, 0.1, 1.7, 100.0)


def spelled(value: Any) -> Any:
    """The value with everything that equality overlooks: 1.10 and 1.1, 0.0 and -0.0, 1 and 1.0."""
    if has(type(value)):
        return [type(value), *(spelled(getattr(value, one.name)) for one in fields(type(value)))]
    if isinstance(value, dict):
        return [(spelled(key), spelled(one)) for key, one in value.items()]
    if isinstance(value, tuple):
        return [spelled(one) for one in value]
    return type(value), repr(value)


@given(inputs())
def test_an_input_comes_back_exactly(one: Input) -> None:
    line = write_input(one)
    back = read_input("line 1", line)
    assert spelled(back) == spelled(one)
    assert write_input(back) == line
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1


def test_there_is_a_kind_for_every_input() -> None:
    assert set(KINDS.values()) == set(get_args(Input))


@given(st.data())
def test_half_a_line_is_refused(data: st.DataObject) -> None:
    line = write_input(data.draw(inputs()))
    cut = data.draw(st.integers(0, len(line) - 2))
    with pytest.raises(InvalidInput, match="line 7"):
        read_input("line 7", line[:cut])


@given(st.binary(max_size=40))
def test_bytes_of_no_meaning_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidInput, match="line 7"):
        read_input("line 7", data)


@given(st.data())
def test_a_member_more_or_less_is_refused(data: st.DataObject) -> None:
    members = orjson.loads(write_input(data.draw(inputs())))
    with pytest.raises(InvalidInput):
        read_input("line 7", orjson.dumps({**members, "more": 1}))
    del members[data.draw(st.sampled_from(sorted(members)))]
    with pytest.raises(InvalidInput):
        read_input("line 7", orjson.dumps(members))


OBSERVED = write_input(Observed(NOON, (QUOTE,)))
WARMED = write_input(Warmed((BAR,)))
DECIDED = write_input(Decided(NOON, {NVR: Phase.REGULAR}))
WORDED = write_input(Worded({"id": ("text", "who")}))
LEARNED = write_input(Learned(NOON, "grok", (), {"00": b"\x80bc"}))
FAILED = write_input(Failed(NOON, "grok", "VendorError", "away", 2.0))


@pytest.mark.parametrize(
    ("line", "written", "instead"),
    [
        (OBSERVED, b'"observed"', b'"seen"'),
        (OBSERVED, b'"observed"', b'["observed"]'),
        (OBSERVED, b'"6890.50"', b"6890.50"),
        (OBSERVED, b'"6890.50"', b'"6_890.50"'),
        (OBSERVED, b'"6890.50"', b'"+6890.50"'),
        (OBSERVED, b'"6890.50"', b'"NaN"'),
        (OBSERVED, b'"NVR"', b'"nvr"'),
        (OBSERVED, b'"bid":null', b'"bid":0'),
        (OBSERVED, b'"quotes":[{', b'"quotes":[1,{'),
        (OBSERVED, b":", b": "),
        (OBSERVED, b'"at":1732', b'"at":1,"at":1732'),
        (OBSERVED, b'"at":1732554000000000', b'"at":1732554000000000.0'),
        (OBSERVED, b'"at":1732554000000000', b'"at":"1732554000000000"'),
        (OBSERVED, b'"at":1732554000000000', b'"at":1732554000000000000'),
        (OBSERVED, b'"at":1732554000000000', b'"at":-1'),
        (WARMED, b'"open":1.5', b'"open":1.50'),
        (WARMED, b'"open":1.5', b'"open":"1.5"'),
        (WARMED, b'"high":2.0', b'"high":2'),
        (WARMED, b'"high":2.0', b'"high":1e999'),
        (WARMED, b'"low":0.1', b'"low":null'),
        (DECIDED, b'"regular"', b'"lunch"'),
        (DECIDED, b'{"NVR":"regular"}', b'["NVR"]'),
        (WORDED, b'["text","who"]', b'["text"]'),
        (WORDED, b'["text","who"]', b'["text","who","else"]'),
        (WORDED, b'["text","who"]', b'"tw"'),
        (LEARNED, b'"base64,gGJj"', b'"base64,gGJj="'),
        (LEARNED, b'"base64,gGJj"', b'"base64,gG J"'),
        (LEARNED, b'"base64,gGJj"', b'"base64,YWJj"'),
        (LEARNED, b'"base64,gGJj"', b'"gGJj"'),
        (LEARNED, b'"base64,gGJj"', b"5"),
        (FAILED, b'"away"', b'"\\ud800"'),
        (FAILED, b"2.0", b"true"),
    ],
)
def test_nothing_is_read_as_what_it_only_resembles(
    line: bytes, written: bytes, instead: bytes
) -> None:
    broken = line.replace(written, instead, 1)
    assert broken != line
    with pytest.raises(InvalidInput, match="line 7"):
        read_input("line 7", broken)


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (Failed(NOON, "grok", "VendorError", "", float("nan")), "failed, number: nan"),
        (Failed(NOON, "grok", "VendorError", "", float("inf")), "failed, number: inf"),
        (Failed(NOON, "grok", "VendorError", "\ud800", None), "failed: it has no JSON"),
        (Settled(2**64), "settled: it has no JSON"),
        (Decided(datetime(2024, 11, 25, 17), {}), "decided, moment: .* is not in UTC"),  # noqa: DTZ001 - it is what is refused
    ],
)
def test_what_cannot_be_written_exactly_is_not_written(one: Input, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        write_input(one)


def test_a_float_given_as_a_whole_number_is_written_as_a_float() -> None:
    whole = evolve(BAR, high=2)
    assert write_input(Warmed((whole,))) == WARMED
