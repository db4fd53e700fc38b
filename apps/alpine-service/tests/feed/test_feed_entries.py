"""Entries: their rules, beside those that the vectors ask for."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.feed.canonical import Members, encode
from alpine_service.domain.feed.commitment import commitment
from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.shape import _USUAL_MEMBERS, _kept
from alpine_service.errors import Malformed
from alpine_service.testing.members import (
    correct_members,
    key_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.small_record import SmallRecord

KEY = "publisher.example/log+8dd76cda+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
SIGNAL = signal_members("one")
ENTRIES: dict[str, Members] = {
    "strategy": strategy_members(),
    "signal": SIGNAL,
    "hold": signal_members("two", direction="HOLD"),
    "outcome": outcome_members(0, SIGNAL),
    "void": outcome_members(0, SIGNAL, "void"),
    "quiet": quiet_members(1, 2),
    "trade": trade_members("three"),
    "correct": correct_members(0),
    "retire": retire_members(),
    "key": key_members(KEY),
}


def read(members: Members) -> Entry:
    """An entry of these members and the common ones."""
    return SmallRecord("publisher.example/log").add(members)


def refusal(members: Members) -> str:
    with pytest.raises(Malformed) as error:
        read(members)
    return error.value.reason


@pytest.mark.parametrize("name", ENTRIES)
def test_the_members_for_tests_are_an_entry(name: str) -> None:
    entry = read(ENTRIES[name])
    assert entry.kind == ENTRIES[name]["kind"]
    assert {**entry.members, **ENTRIES[name]} == entry.members


@pytest.mark.parametrize("name", ENTRIES)
def test_no_entry_may_have_a_member_more(name: str) -> None:
    assert refusal({**ENTRIES[name], "extra": 1}) == "unknown-member"


@given(st.sampled_from(sorted(ENTRIES)), st.data())
def test_a_member_fewer_is_refused_unless_it_is_optional(name: str, data: st.DataObject) -> None:
    whole = read(ENTRIES[name]).members
    gone = data.draw(st.sampled_from(sorted(whole)))
    rest = encode({key: value for key, value in whole.items() if key != gone})
    optional = {"price", "fee", "count_weak", "count_no_quorum"}
    if gone in optional:
        assert gone not in read_entry(0, rest).members
    else:
        with pytest.raises(Malformed):
            read_entry(0, rest)


@given(st.sampled_from(sorted(ENTRIES)), st.data())
def test_every_flipped_bit_makes_another_entry_or_none(name: str, data: st.DataObject) -> None:
    entry = read(ENTRIES[name])
    bit = data.draw(st.integers(0, len(entry.data) * 8 - 1))
    flipped = (int.from_bytes(entry.data) ^ 1 << bit).to_bytes(len(entry.data))
    try:
        other = read_entry(0, flipped)
    except Malformed:
        return
    assert other.members != entry.members
    assert other.leaf_hash != entry.leaf_hash
    assert other.signal_sha256 != entry.signal_sha256


def test_members_cannot_be_changed() -> None:
    members: object = read(SIGNAL).members
    assert not hasattr(members, "__setitem__")


def test_a_member_is_had_as_what_it_is() -> None:
    entry = read(SIGNAL)
    assert entry.text("symbol") == "AAPL"
    assert entry.number("price_scale") == 2
    with pytest.raises(TypeError):
        entry.text("price_scale")
    with pytest.raises(TypeError):
        entry.number("symbol")


def test_evidence_counts_from_one_to_twelve() -> None:
    for facts in (0, 1, 9, 12):
        read(signal_members("one", facts=facts))
    assert refusal(signal_members("one", facts=13)) == "unknown-member"
    gap = {key: value for key, value in signal_members("one", facts=3).items() if key[:2] != "e2"}
    assert refusal(gap) == "incomplete-group"
    late = {key.replace("e1_", "e2_"): value for key, value in SIGNAL.items() if key[:2] != "e2"}
    assert refusal(late) == "incomplete-group"


def test_a_group_is_whole() -> None:
    for name in ("age_news_us", "e1_unit"):
        rest = {key: value for key, value in SIGNAL.items() if key != name}
        assert refusal(rest) == "incomplete-group"
    assert refusal({**SIGNAL, "age_other_us": 1}) == "incomplete-group"


def test_a_signal_without_sources_has_no_confidence() -> None:
    read(signal_members("one", direction="HOLD", sources=(), facts=0))
    assert refusal(signal_members("one", sources=(), facts=0)) == "contradiction"


@pytest.mark.parametrize(
    ("scale", "price", "is_right"),
    [
        (0, "190", True),
        (0, "190.0", False),
        (3, "190.000", True),
        (3, "190.00", False),
        (2, "0.01", True),
        (2, "0.00", False),
        (2, "-1.00", False),
    ],
)
def test_prices_have_their_scale_and_are_above_zero(scale: int, price: str, is_right: bool) -> None:
    members = signal_members("one", price_scale=scale, entry=price, stop=price, target=price)
    if is_right:
        read(members)
    else:
        assert refusal(members) == "contradiction"


def test_a_strategy_may_follow_more_sources_than_anybody_has() -> None:
    sources = [f"source_{number}" for number in range(200)]
    members = strategy_members(sources=sources)
    before = _kept.cache_info().currsize
    assert len(read(members).members) > _USUAL_MEMBERS
    assert _kept.cache_info().currsize == before


def test_what_is_remembered_of_shapes_is_bounded() -> None:
    limit = _kept.cache_info().maxsize
    assert limit is not None
    for number in range(limit + 10):
        read(quiet_members(1, 2, **{f"count_{'a' * (number + 1)}": 1}))
    assert _kept.cache_info().currsize == limit


def test_a_refusal_repeats_no_more_than_the_beginning_of_a_name() -> None:
    with pytest.raises(Malformed) as error:
        read({**SIGNAL, "x" * 5000: 1})
    assert len(str(error.value)) < 200


def _reveal(body: bytes) -> Members:
    nonce = b"\x07" * 32
    return {
        "kind": "reveal",
        "commitment": commitment(nonce, body),
        "commit_index": 0,
        "nonce": nonce.hex(),
        "body": body.decode(),
    }


def test_a_reveal_opens_its_commitment() -> None:
    body = read(SIGNAL).data
    assert read(_reveal(body)).text("body") == body.decode()
    assert refusal({**_reveal(body), "nonce": "08" * 32}) == "contradiction"
    assert refusal({**_reveal(body), "body": body.decode() + " "}) == "contradiction"


CONTRADICTIONS: dict[str, Callable[[], Members]] = {
    "an open strategy that delays": lambda: strategy_members(reveal_after_s=1),
    "a delayed strategy that does not": lambda: strategy_members("delayed", reveal_after_s=0),
    "a buy without target": lambda: signal_members("one", target=None),
    "a hold with a stop": lambda: signal_members("one", direction="HOLD", stop="1.00"),
    "shares that do not add up": lambda: signal_members("one", phi_news_bp=1),
    "silence that ends before it begins": lambda: quiet_members(3, 2),
    "a void outcome with a price": lambda: outcome_members(0, SIGNAL, "void", start="1.00"),
    "a void outcome without a problem": lambda: outcome_members(0, SIGNAL, "void", problem=None),
    "an outcome with a problem": lambda: outcome_members(0, SIGNAL, problem="none"),
    "an outcome without a return": lambda: outcome_members(0, SIGNAL, return_bp=None),
    "a key for another use": lambda: key_members(KEY, "witness"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_members_do_not_contradict_each_other(name: str) -> None:
    assert refusal(CONTRADICTIONS[name]()) == "contradiction"


@pytest.mark.parametrize("data", [b'{"kind":1}', b'{"kind":"no"}', b"{}"])
def test_what_has_no_known_kind_is_no_entry(data: bytes) -> None:
    with pytest.raises(Malformed) as error:
        read_entry(0, data)
    assert error.value.reason == "unknown-kind"
