"""What entries bring, and what of it everybody is told: pure."""

from collections.abc import Iterable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.growing import NO_EDGE, grow
from alpine_service.domain.feed.standing import StrategyState
from alpine_service.domain.feed.tree import leaf_hash
from alpine_service.domain.signals.event import Audience, NewEvent
from alpine_service.domain.signals.known import Known
from alpine_service.domain.signals.opened import open_early
from alpine_service.domain.signals.rejection import Rejection
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.story import Story
from alpine_service.errors import Refuted
from alpine_service.services.ingest_pace import Pace, Waiting
from alpine_service.testing.fake_chance import FakeChance
from alpine_service.testing.members import (
    correct_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.small_log import NAME
from alpine_service.testing.small_record import SmallRecord

AT_US = 1_772_452_900_000_000


def told(record: SmallRecord, *cuts: int) -> list[NewEvent]:
    """The events of a record whose entries come in pieces."""
    events: list[NewEvent] = []
    entries = [read_entry(index, data) for index, data in enumerate(record.entries)]
    story = Story(NAME, Known(), lambda _: None, AT_US)
    for start, end in zip((0, *cuts), (*cuts, len(entries)), strict=True):
        story.hear(entries[start:end])
    events += story.events
    return events


# One number chooses what is said next, another of what.
SAYING = st.tuples(st.integers(0, 8), st.integers(0, 3))


def say(record: SmallRecord, saying: Iterable[tuple[int, int]]) -> dict[int, list[str]]:
    """Say so; gives of each commit the words that nobody may hear before its reveal."""
    secrets: dict[int, list[str]] = {}
    judged: set[int] = set()
    for number, (what, which) in enumerate(saying):
        if what in {0, 1}:
            # Unlike anything that stands in an entry by itself.
            signal = signal_members(
                f"secret-id-{number}",
                symbol=f"SECRET{number}",
                entry=f"9{number:03}1.77",
                stop=f"9{number:03}2.77",
                target=f"9{number:03}3.77",
            )
            index = record.commit(signal, "sealed").index
            secrets[index] = [
                str(signal[name]) for name in ("id", "symbol", "entry", "stop", "target")
            ]
        elif what == 2:
            record.add(signal_members(f"open-{number}"), "open")
        elif what == 3:
            record.add(strategy_members("delayed"), "sealed")
        elif what == 4:
            record.add(retire_members(), "sealed")
        else:
            say_of_sealed(record, what, which, judged)
    return secrets


def say_of_sealed(record: SmallRecord, what: int, which: int, judged: set[int]) -> None:
    """Say something of a signal that is or was sealed, if there is one to say it of."""
    ruled_out = {5: judged, 8: revealed(record).keys()}.get(what, ())
    sealed = [index for index in sorted(record.sealed) if index not in ruled_out]
    if not sealed:
        return
    index = sealed[which % len(sealed)]
    body = orjson.loads(record.sealed[index].body)
    if what == 5:
        judged.add(index)
        record.add(outcome_members(index, body), "sealed")
    elif what == 6:
        record.add(trade_members("order", body["symbol"], signal_index=index), "sealed")
    elif what == 7:
        record.add(correct_members(index), "sealed")
    else:
        record.reveal(index)


def revealed(record: SmallRecord) -> dict[int, int]:
    """The index of each reveal, by that of its commit."""
    members = [orjson.loads(data) for data in record.entries]
    return {
        each["commit_index"]: index
        for index, each in enumerate(members)
        if each["kind"] == "reveal"
    }


@given(st.lists(SAYING, max_size=25))
def test_nothing_of_a_sealed_signal_is_told_to_everybody_before_its_reveal(
    saying: list[tuple[int, int]],
) -> None:
    record = SmallRecord(NAME)
    secrets, reveals = say(record, saying), revealed(record)
    for event in told(record):
        if event.audience is Audience.EVERYBODY:
            whole = b" ".join(
                (event.data, str(event.symbol).encode(), str(event.signal_id).encode())
            )
            for index, words in secrets.items():
                if event.log_index < reveals.get(index, len(record.entries)):
                    assert not any(word.encode() in whole for word in words)


@given(st.lists(SAYING, max_size=25), st.data())
def test_events_are_the_same_however_the_entries_come(
    saying: list[tuple[int, int]], data: st.DataObject
) -> None:
    record = SmallRecord(NAME)
    say(record, saying)
    whole = told(record)
    cut = data.draw(st.integers(0, len(record.entries)))
    assert told(record, cut) == whole
    keys = [(event.log_index, event.kind) for event in whole]
    assert len(set(keys)) == len(keys)
    assert [event.log_index for event in whole] == sorted(event.log_index for event in whole)


@given(st.lists(SAYING, max_size=20), st.integers(0, 20))
def test_what_comes_later_changes_nothing_that_was_told(
    saying: list[tuple[int, int]], count: int
) -> None:
    early, late = SmallRecord(NAME), SmallRecord(NAME)
    say(early, saying[:count])
    say(late, saying)
    before = told(early)
    assert told(late)[: len(before)] == before


def test_an_event_is_one_compact_object_that_begins_with_its_type() -> None:
    record = SmallRecord(NAME)
    record.add(signal_members("one"))
    (event,) = told(record)
    members = orjson.loads(event.data)
    assert next(iter(members.items())) == ("type", "signal.published")
    assert members["entry"] == "190.00"
    assert b": " not in event.data
    assert (event.symbol, event.signal_id, event.at_us) == ("AAPL", "one", AT_US)


def test_a_quiet_entry_tells_nothing() -> None:
    record = SmallRecord(NAME)
    record.add(quiet_members(1, 2))
    assert told(record) == []


def sealed_record() -> tuple[SmallRecord, Entry, SignalRecord]:
    record = SmallRecord(NAME)
    commit = record.commit(signal_members("sealed"))
    story = Story(NAME, Known(), lambda _: 7, AT_US)
    story.hear((commit,))
    return record, commit, story.signals[0]


def test_an_early_body_is_for_real_time_only() -> None:
    record, commit, sealed = sealed_record()
    one = record.sealed[0]
    opened = open_early(commit, sealed, one.nonce, one.body, AT_US)
    assert (opened.record.audience, opened.event.audience) == (Audience.REALTIME, Audience.REALTIME)
    assert orjson.loads(opened.event.data)["official_s"] == 7
    with pytest.raises(Refuted):
        open_early(commit, sealed, bytes(32), one.body, AT_US)


def test_what_is_known_is_what_the_log_said() -> None:
    record = SignalRecord(
        4, "alpha", 3, 1, Disclosure.DELAYED, commitment=b"\1" * 32, signal_id="early"
    )
    known = Known({"alpha": StrategyState(4)}, {4: record}, {})
    decision = known.decision(4)
    assert decision is not None
    assert decision.signal is None
    assert known.decision(5) is None
    assert known.strategy("beta") == StrategyState()


@given(st.lists(st.integers(0, 700), max_size=5))
def test_tiles_grow_to_the_same_by_whatever_steps(steps: list[int]) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(sum(steps))]
    edge, size = NO_EDGE, 0
    tiles: dict[tuple[int, int], bytes] = {}
    for step in steps:
        grown = grow(edge, size, leaves[size : size + step])
        tiles |= grown.changed
        edge, size = grown.edge, size + step
    at_once = grow(NO_EDGE, 0, leaves)
    assert tiles == at_once.changed
    assert edge == at_once.edge


def test_a_tile_of_tiles_is_made_of_roots() -> None:
    record = SmallRecord(NAME)
    for number in range(600):
        record.add_anything(str(number).encode())
    leaves = [leaf_hash(data) for data in record.entries]
    grown = grow(NO_EDGE, 0, leaves)
    assert grown.changed[1, 0] == b"".join(record._levels[1])
    assert set(grown.changed) == {(0, 0), (0, 1), (0, 2), (1, 0)}


@given(st.integers(0, 200), st.none() | st.floats(0, 1000))
def test_no_wait_is_longer_than_a_minute_but_for_the_servers_wish(
    failures: int, wish_s: float | None
) -> None:
    waiting = Waiting(Pace(), FakeChance(), failures)
    wait = waiting.after_failure(wish_s)
    assert (wish_s or 0.5) <= wait <= max(60.0, wish_s or 0.0)
    assert waiting.after_success() == 1.0
    assert waiting.failures == 0


def test_the_same_refusal_has_the_same_digest() -> None:
    one = Rejection("bad", "it is", {"checkpoint": b"1", "entry": b"e"}, log_index=3)
    assert one.digest == Rejection("bad", "said otherwise", dict(one.evidence), log_index=3).digest
    assert one.digest != Rejection("bad", "it is", {**one.evidence, "entry": b"f"}).digest
    same = Rejection("bad", "it is", {"checkpoint": b"2"}, log_index=3, identity=b"e")
    assert same.digest == Rejection("bad", "it is", {}, log_index=3, identity=b"e").digest
