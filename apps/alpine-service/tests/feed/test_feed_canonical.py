"""Canonical bytes, against a grammar that was written down separately."""

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alpine_service.domain.feed.canonical import LARGEST_ENTRY, LARGEST_INTEGER, decode, encode
from alpine_service.errors import Malformed

STRING = rb'"(?:[ !#-\[\]-~]|\\["\\])*"'
MEMBER = rb'"([a-z0-9_]+)":(' + STRING + rb"|0|-?[1-9][0-9]{0,15})"
OBJECT = re.compile(rb"\{(?:" + MEMBER + rb"(?:," + MEMBER + rb")*)?\}")

names = st.text("abz059_", min_size=1, max_size=4)
texts = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
integers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
objects = st.dictionaries(names, texts | integers, max_size=6)
pieces = st.sampled_from(
    (
        *("{", "}", ":", ",", '"', '"a"', '"b":', "1", "-", "0", "1.5", "1e3", "[", "]", "NaN"),
        *("\\", '\\"', "\\n", "\\u001f", "\\u0041", "\\ud800", "\\/", " ", "\n", "\x7f", "é"),
        *("null", "true", "9007199254740991", "9007199254740992", "18446744073709551616"),
    )
)


def is_canonical(data: bytes) -> bool:
    """The rules of the page, as a grammar."""
    if not OBJECT.fullmatch(data) or len(data) > 65_535:
        return False
    members = re.findall(MEMBER, data)
    keys = [key for key, _ in members]
    return sorted(set(keys)) == keys and all(
        value.startswith(b'"') or abs(int(value)) < 2**53 for _, value in members
    )


def accepts(data: bytes) -> bool:
    try:
        decode(data)
    except Malformed:
        return False
    return True


@given(objects)
def test_what_is_written_is_read_again(members: dict[str, str | int]) -> None:
    data = encode(members)
    assert is_canonical(data)
    assert decode(data) == members


@given(st.lists(pieces, max_size=8).map("".join))
@example('{"a":"\\n"}')
@example('{"a":"\\ud800"}')
@example('{"a":' + "[" * 2000)
@example('{"a":-0}')
@example('{"a":1,"a":1}')
def test_nothing_else_is_read(text: str) -> None:
    data = text.encode()
    assert accepts(data) == is_canonical(data)


@given(objects, st.data())
def test_one_byte_more_less_or_other_is_read_only_if_it_is_canonical_again(
    members: dict[str, str | int], data: st.DataObject
) -> None:
    whole = encode(members)
    at = data.draw(st.integers(0, len(whole) - 1))
    other = data.draw(pieces).encode()
    for changed in (
        whole[:at] + whole[at + 1 :],
        whole[:at] + other + whole[at:],
        whole[:at] + other + whole[at + 1 :],
    ):
        assert accepts(changed) == is_canonical(changed)


def test_the_largest_entry_is_read_and_a_byte_more_is_not() -> None:
    overhead = len(encode({"a": ""}))
    largest = encode({"a": "x" * (LARGEST_ENTRY - overhead)})
    assert len(largest) == LARGEST_ENTRY
    assert accepts(largest)
    assert not accepts(largest.replace(b"x", b"xx", 1))
    with pytest.raises(Malformed):
        encode({"a": "x" * (LARGEST_ENTRY - overhead + 1)})


@pytest.mark.parametrize(
    "members",
    [
        {"a": 1.0},
        {"a": float("nan")},
        {"a": True},
        {"a": None},
        {"a": ["1"]},
        {"a": {}},
        {"a": 2**53},
        {"a": -(2**53)},
        {"a": "é"},
        {"a": "\n"},
        {"a": "\x7f"},
        {"A": 1},
        {"": 1},
        {"a-b": 1},
    ],
    ids=repr,
)
def test_what_has_no_canonical_bytes_is_not_written(members: Any) -> None:
    with pytest.raises(Malformed):
        encode(members)
