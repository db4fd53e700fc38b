import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_adapters.http.strict_json import MAX_DEPTH, StrictJsonError, parse

PLAIN = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text('aé\U0001f600"\\[]{}')
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    PLAIN | NUMBERS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('a"[\\', max_size=3), inner)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60) | st.text('{}[]":,\\0e.-nulltrfas ', max_size=40).map(str.encode))
def test_arbitrary_bytes_are_read_as_python_reads_them_or_refused(body: bytes) -> None:
    try:
        value = parse(body)
    except StrictJsonError:
        return
    assert value == json.loads(body.decode())


def same(one: object, other: object) -> bool:
    """Equal, and of the same types: 1 is neither 1.0 nor true, and minus zero is not zero."""
    return repr(one) == repr(other)


EDGES = [sign * 2**63 + n for sign in (1, -1) for n in (-1, 0, 1)]
INTEGERS = st.integers(-(2**65), 2**65) | st.sampled_from(EDGES)
SCALARS = INTEGERS.map(str) | NUMBERS.map(repr)
ODD = ["-0", "-0.0", "1e400", "1E5", '":"', '"\\":"', '"\\ud83d\\ude00"', "null"]
KEYS = st.sampled_from(['"a"', '"\\u0061"', '":"', '"\\""'])


def array(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"


def members(pairs: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{key}:{value}" for key, value in pairs) + "}"


SPELLED = st.recursive(
    SCALARS | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=4).map(array)
        | st.lists(st.tuples(KEYS, inner), max_size=3).map(members)
    ),
    max_leaves=12,
)


@given(SPELLED)
def test_the_fast_way_reads_what_the_slow_way_reads_or_leaves_it_to_the_slow_way(text: str) -> None:
    try:
        expected: object = json.loads(text, object_pairs_hook=once)
    except ValueError:
        with pytest.raises(StrictJsonError):
            parse(text.encode())
        return
    if "inf" in repr(expected):
        with pytest.raises(StrictJsonError, match="too large"):
            parse(text.encode())
        return
    assert same(parse(text.encode()), expected)


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object whose keys are all different."""
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError(pairs)
    return dict(pairs)


@pytest.mark.parametrize("digits", [19, 20, 25])
def test_whole_numbers_of_any_length_are_exact(digits: int) -> None:
    for number in (10**digits - 1, 1 - 10**digits):
        assert same(parse(b'{"t": %d}' % number), {"t": number})


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"p":1,"p":2}', "'p' is there twice"),
        (b'[{"a":{"p":1,"q":2,"p":1}}]', "'p' is there twice"),
        (b'{"p":1,"\\u0070":2}', "'p' is there twice"),
        (b"[NaN]", "NaN is not a JSON number"),
        (b"[-Infinity]", "-Infinity is not a JSON number"),
        (b"[1e999]", "1e999 is too large"),
        (b"[" + b"1" * 400 + b".5]", "too large"),
        (b"[" + b"1" * 5000 + b"]", "too many digits"),
        (b'["\xff"]', "invalid UTF-8 at byte 2"),
        (b'["\xed\xa0\x80"]', "invalid UTF-8"),
        (b"\xff\xfe[\x00]\x00", "invalid UTF-8"),
        (b"\xef\xbb\xbf[]", "BOM"),
        (b'["\\ud800"]', "half a surrogate pair"),
        (b'{"\\udfff":1}', "half a surrogate pair"),
        (b'{"a":1}{"b":2}', "Extra data at character 7"),
        (b'{"a":1', "at character 6 of 6"),
        (b"", "Expecting value"),
        (b"<html>", "Expecting value"),
        (b"[" * 100_000, "nested deeper than 64"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "nested deeper than 64"),
        (b"[{}," * 65 + b"1" + b"]" * 65, "nested deeper than 64"),
    ],
)
def test_what_may_hide_a_price_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(StrictJsonError, match=reason):
        parse(body)


def test_the_deepest_nesting_allowed_is_read() -> None:
    value = parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        assert isinstance(value, list)
        value = value[0]
    assert value == []


@given(st.integers(1, 130), st.sampled_from(['"["', '"\\""', '"\\\\"', '"[\\"{"', "{}", '"",""']))
def test_depth_is_counted_outside_strings_only(depth: int, inside: str) -> None:
    body = ("[" * depth + inside + "]" * depth).encode()
    if depth + (inside == "{}") <= MAX_DEPTH:
        assert parse(body) == json.loads(body)
    else:
        with pytest.raises(StrictJsonError, match="nested deeper"):
            parse(body)


def test_a_whole_surrogate_pair_is_one_character() -> None:
    assert parse(b'"\\ud83d\\ude00"') == "\U0001f600"
