"""One spelling for one object: what is written, what is refused, and why."""

import hashlib
import json
import math
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import (
    MAX_BYTES,
    MAX_INTEGER,
    decimal_text,
    decode,
    encode,
    float_text,
    is_decimal,
    scale_of,
    sha256_hex,
)

KEYS = st.text("abz019_", min_size=1, max_size=5)
TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20)
NUMBERS = st.integers(-MAX_INTEGER, MAX_INTEGER) | st.integers(-2, 2)
FIELDS = st.dictionaries(KEYS, TEXTS | NUMBERS, max_size=8)


class Colour(StrEnum):
    RED = "red"


@given(FIELDS)
def test_what_was_encoded_is_decoded(fields: dict[str, str | int]) -> None:
    assert decode(encode(fields)) == fields


@given(FIELDS)
def test_it_is_what_rfc_8785_asks_for(fields: dict[str, str | int]) -> None:
    # For whole numbers and printable ASCII the standard library, told so, writes the same.
    expected = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert encode(fields) == expected.encode()


@pytest.mark.oracle
@given(fields=FIELDS)
def test_it_is_what_an_independent_implementation_writes(fields: dict[str, str | int]) -> None:
    rfc8785 = pytest.importorskip("rfc8785", reason="rfc8785 is not installed")
    assert encode(fields) == rfc8785.dumps(fields)


@given(FIELDS, st.randoms(use_true_random=False))
def test_the_order_of_the_members_does_not_matter(
    fields: dict[str, str | int], chance: Any
) -> None:
    shuffled = list(fields.items())
    chance.shuffle(shuffled)
    assert encode(MappingProxyType(dict(shuffled))) == encode(fields)


@given(FIELDS, st.data())
def test_a_changed_byte_is_refused_or_says_something_else(
    fields: dict[str, str | int], data: st.DataObject
) -> None:
    good = encode(fields)
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= 1 << data.draw(st.integers(0, 7))
    try:
        read = decode(bytes(bad))
    except InvalidInput:
        return
    assert read != fields
    assert encode(read) == bad


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a":1}x', "not JSON"),
        (b'{"a":NaN}', "not JSON"),
        (b'{"a":Infinity}', "not JSON"),
        (b'{"a":01}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not JSON"),
        (b'{"a":"\xff"}', "not JSON"),
        (b'{"a":"\n"}', "not JSON"),
        (b'{"a":"\\ud800"}', "not JSON"),
        (b"[" * 60_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"a"', "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"a":1,"a":1}', "a key occurs twice"),
        (b'{"a":[[[[[1]]]]],"a":1}', "a key occurs twice"),
        (b'{"a":1,"a":2}', "a key occurs twice"),
        (b'{"b":1,"a":2}', "not in order"),
        (b'{ "a":1}', "white space"),
        (b'{"a":1}\n', "white space"),
        (b'{"a":-0}', "white space, an escape or a number"),
        (b'{"a":"\\u0041"}', "escape"),
        (b'{"a":"\\/"}', "escape"),
        (b'{"a":1.0}', "a: float"),
        (b'{"a":1e3}', "a: float"),
        (b'{"a":9007199254740992}', "a: it exceeds"),
        (b'{"a":-9007199254740992}', "a: it exceeds"),
        (b'{"a":18446744073709551616}', "a: float"),
        (b'{"a":null}', "a: NoneType"),
        (b'{"a":true}', "a: bool"),
        (b'{"a":{}}', "a: dict"),
        (b'{"a":[]}', "a: list"),
        (b'{"A":1}', "key: 'A'"),
        (b'{"":1}', "key: ''"),
        (b'{"a-b":1}', "key: 'a-b'"),
        (b'{"\xc3\xa9":1}', "key: "),
        (b'{"a":"\xc3\xa9"}', "a: .* printable ASCII"),
        (b'{"a":"\x7f"}', "a: .* printable ASCII"),
        (b'{"a":"\\n"}', "a: .* printable ASCII"),
        (b'{"a":"' + b"x" * MAX_BYTES + b'"}', "bytes"),
    ],
)
def test_what_is_not_canonical_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        decode(data)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": math.nan}, "float"),
        ({"a": math.inf}, "float"),
        ({"a": 1.5}, "float"),
        ({"a": None}, "NoneType"),
        ({"a": True}, "bool"),
        ({"a": Decimal(1)}, "Decimal"),
        ({"a": Colour.RED}, "Colour"),
        ({"a": b"x"}, "bytes"),
        ({"a": ["x"]}, "list"),
        ({"a": 2**53}, "exceeds"),
        ({"a": -(2**53)}, "exceeds"),
        ({"a": 10**5000}, "exceeds"),
        ({"a": "\u00e9"}, "printable"),
        ({"a": "\ud800"}, "printable"),
        ({"a": "x\ty"}, "printable"),
        ({"a": "\x7f"}, "printable"),
        ({"a": '"\\', "b": "\0"}, "b: .*printable"),
        ({"A": 1}, "key"),
        ({1: 1}, "key"),
        ({Colour.RED: 1}, "key"),
        ({"a": 1, "b\n": 1}, "key"),
        ({"a": "x" * MAX_BYTES}, "bytes"),
    ],
)
def test_what_has_no_canonical_form_is_refused(fields: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        encode(fields)


def test_the_largest_object_is_taken() -> None:
    fields = {"a": "x" * (MAX_BYTES - len('{"a":""}'))}
    assert decode(encode(fields)) == fields
    assert len(encode(fields)) == MAX_BYTES


def test_quotes_and_backslashes_are_escaped_the_short_way() -> None:
    assert encode({"a": '"\\/'}) == rb'{"a":"\"\\/"}'


def test_the_name_of_bytes_is_their_sha256() -> None:
    assert sha256_hex(b"{}") == hashlib.sha256(b"{}").hexdigest()


@given(st.decimals(-(10**9), 10**9, places=4), st.integers(4, 10))
def test_a_decimal_is_written_with_its_scale_and_reads_back(value: Decimal, scale: int) -> None:
    text = decimal_text(value, scale)
    assert is_decimal(text)
    assert Decimal(text) == value
    assert len(text.partition(".")[2]) == scale


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        ("182.3", 2, "182.30"),
        ("182.300", 2, "182.30"),
        ("5E+1", 0, "50"),
        ("5E+1", 2, "50.00"),
        ("-0.00", 2, "0.00"),
        ("-0", 0, "0"),
        ("-1.50", 2, "-1.50"),
        ("1E-18", 18, "0.000000000000000001"),
        ("999999999999999999.99", 2, "999999999999999999.99"),
    ],
)
def test_decimals_are_spelled_plainly(value: str, scale: int, text: str) -> None:
    assert decimal_text(Decimal(value), scale) == text


@pytest.mark.parametrize(
    ("value", "scale", "reason"),
    [
        ("182.305", 2, "more than 2 decimals"),
        ("1E-1000000", 2, "more than 2 decimals"),
        ("NaN", 2, "out of range"),
        ("sNaN", 2, "out of range"),
        ("-Infinity", 2, "out of range"),
        ("1E+1000000", 2, "out of range"),
        ("1E+18", 2, "out of range"),
        ("1", -1, "scale"),
        ("1", 19, "scale"),
    ],
)
def test_a_decimal_that_cannot_be_written_exactly_is_refused(
    value: str, scale: int, reason: str
) -> None:
    with pytest.raises(InvalidInput, match=reason):
        decimal_text(Decimal(value), scale)


@pytest.mark.parametrize(("value", "scale"), [("1.50", 2), ("1", 0), ("5E+3", 0), ("1E-9", 9)])
def test_a_decimals_scale_is_its_digits_after_the_point(value: str, scale: int) -> None:
    assert scale_of(Decimal(value)) == scale


def test_what_is_no_number_has_no_scale() -> None:
    with pytest.raises(InvalidInput, match="finite"):
        scale_of(Decimal("NaN"))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_exactly(value: float) -> None:
    text = float_text(value)
    assert is_decimal(text)
    assert float(text) == value


@pytest.mark.parametrize(
    ("value", "text"), [(5, "5"), (5.0, "5"), (-0.0, "0"), (0.1, "0.1"), (1e-7, "0.0000001")]
)
def test_floats_are_spelled_shortly_and_plainly(value: float, text: str) -> None:
    assert float_text(value) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_float_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InvalidInput, match="finite"):
        float_text(value)


@pytest.mark.parametrize("text", ["0", "-1", "0.0", "-0.01", "10", "123.450"])
def test_decimals_are_recognised(text: str) -> None:
    assert is_decimal(text)


@pytest.mark.parametrize(
    "text",
    ["", "-", "+1", "01", "1.", ".5", "1e3", "-0", "-0.00", " 1", "1\n", "--1", "1.2.3", "NaN"],
)
def test_other_spellings_of_numbers_are_no_decimals(text: str) -> None:
    assert not is_decimal(text)
