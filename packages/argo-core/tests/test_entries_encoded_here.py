"""What was encoded in this process is not read again to be decoded, and nobody can tell."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Scalar, decode
from argo_core.ledger.entry import decode_entry, encode_entry
from argo_core.testing.entries import tiny_quiet


def test_an_entry_is_the_same_each_time_it_is_decoded() -> None:
    data = tiny_quiet(3)
    first, again = decode_entry(data), decode_entry(data)
    assert first == again
    assert first.fields == decode(data)


def test_members_changed_after_encoding_change_nothing() -> None:
    fields: dict[str, Scalar] = decode(tiny_quiet(4))
    data = encode_entry(fields)
    fields["seq"] = 5
    assert decode_entry(data).seq == 4
    assert decode_entry(data).fields["seq"] == 4


def test_what_was_refused_is_not_remembered() -> None:
    fields: dict[str, Scalar] = {**decode(tiny_quiet(0)), "cycles": -1}
    for _ in range(2):
        with pytest.raises(InvalidInput, match="cycles"):
            encode_entry(fields)
    with pytest.raises(InvalidInput):
        decode_entry(tiny_quiet(0).replace(b'"cycles":1', b'"cycles":-1'))


def test_of_very_many_all_can_still_be_decoded() -> None:
    entries = [tiny_quiet(seq) for seq in range(4_500)]
    assert [decode_entry(data).seq for data in entries] == list(range(4_500))
