"""Following entries: what must agree with earlier ones, and what has to be looked up for it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.feed.canonical import encode
from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.opening import open_commit
from alpine_service.domain.feed.sequence import follow, follow_all
from alpine_service.domain.feed.standing import (
    Decision,
    Needs,
    Said,
    Standing,
    StrategyState,
    needs,
)
from alpine_service.errors import FeedError, Malformed, Refuted
from alpine_service.testing.members import (
    correct_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.small_record import SmallRecord

NAME = "publisher.example/log"


def entries_of(record: SmallRecord) -> list[Entry]:
    return [read_entry(index, data) for index, data in enumerate(record.entries)]


def busy_record() -> SmallRecord:
    """An open and a delayed strategy, with everything that refers to something."""
    record = SmallRecord(NAME)
    record.add(strategy_members())
    record.add(strategy_members("delayed"), "beta")
    signal = record.add(signal_members("a"))
    first = record.commit(signal_members("b", "MSFT"), "beta")
    second = record.commit(signal_members("c"), "beta")
    record.add(quiet_members(1, 2))
    record.add(outcome_members(signal.index, signal.members))
    record.reveal(first.index)
    record.add(outcome_members(first.index, signal_members("b", "MSFT")), "beta")
    record.add(outcome_members(second.index, signal_members("c"), "void"), "beta")
    record.reveal(second.index)
    record.add(trade_members("o", signal_index=signal.index))
    record.add(correct_members(signal.index))
    record.add(retire_members(), "beta")
    return record


class OnlyWhatWasAsked:
    """An `Earlier` that knows what was looked up beforehand, and fails at anything else."""

    def __init__(self, standing: Standing, wanted: Needs) -> None:
        self._strategies = {name: standing.strategy(name) for name in wanted.strategies}
        self._decisions = {index: standing.decision(index) for index in wanted.decisions}
        self._indices = {one: standing.index_of(one) for one in wanted.signal_ids}

    def strategy(self, name: str) -> StrategyState:
        return self._strategies[name]

    def decision(self, index: int) -> Decision | None:
        return self._decisions[index]

    def index_of(self, signal_id: str) -> int | None:
        return self._indices[signal_id]


ENTRIES = entries_of(busy_record())


@given(st.lists(st.integers(0, len(ENTRIES)), max_size=4).map(sorted))
def test_in_batches_the_same_comes_out_as_at_once(cuts: list[int]) -> None:
    whole = follow_all(NAME, Standing(), ENTRIES)
    stored = Standing()
    for start, end in zip([0, *cuts], [*cuts, len(ENTRIES)], strict=True):
        batch = ENTRIES[start:end]
        changes = follow_all(NAME, OnlyWhatWasAsked(stored, needs(batch)), batch)
        for name, state in changes.strategies.items():
            stored.keep(name, state, None)
        for decision in changes.decisions.values():
            state = stored.strategy(decision.strategy)
            stored.keep(decision.strategy, state, decision)
    assert stored.strategies == whole.strategies
    assert stored.decisions == whole.decisions
    assert stored.index_of("b") == whole.index_of("b") == 3


def test_where_strategies_and_decisions_stand_in_the_end() -> None:
    standing = follow_all(NAME, Standing(), ENTRIES)
    assert standing.strategies == {
        "alpha": StrategyState(6, "open"),
        "beta": StrategyState(8, "delayed", is_retired=True),
    }
    assert standing.decisions[2].signal == Said("a", "AAPL", "BUY")
    assert standing.decisions[2].commitment is None
    assert standing.decisions[3].signal == Said("b", "MSFT", "BUY")
    assert standing.decisions[3].outcome == Said("b", "MSFT")
    assert standing.decision(99) is None
    assert standing.index_of("nobody") is None


def test_a_commit_stays_sealed_until_its_reveal() -> None:
    standing = follow_all(NAME, Standing(), ENTRIES[:7])
    assert standing.decisions[3].signal is None
    assert standing.index_of("b") is None


def test_a_retired_strategy_may_be_registered_again() -> None:
    record = busy_record()
    record.add(strategy_members("open"), "beta")
    standing = follow_all(NAME, Standing(), entries_of(record))
    assert standing.strategies["beta"] == StrategyState(9, "open")


def test_a_strategy_may_become_open_and_then_shows_its_signals() -> None:
    record = busy_record()
    record.add(strategy_members("open"), "beta")
    record.add(signal_members("d"), "beta")
    follow_all(NAME, Standing(), entries_of(record))


def outcome_of_the_wrong_strategy(record: SmallRecord) -> None:
    signal = record.add(signal_members("x"))
    record.add(outcome_members(signal.index, signal.members), "beta")


def outcome_of_a_quiet_stretch(record: SmallRecord) -> None:
    quiet = record.add(quiet_members(1, 2))
    record.add(outcome_members(quiet.index, signal_members("x")))


def outcome_of_itself(record: SmallRecord) -> None:
    record.add(outcome_members(record.size, signal_members("x")))


def outcome_of_a_hold(record: SmallRecord) -> None:
    hold = record.add(signal_members("x", direction="HOLD"))
    record.add(outcome_members(hold.index, hold.members))


def outcome_of_a_hold_that_is_sealed(record: SmallRecord) -> None:
    hold = signal_members("x", direction="HOLD")
    commit = record.commit(hold, "beta")
    record.add(outcome_members(commit.index, hold), "beta")
    record.reveal(commit.index)


def outcome_of_another_symbol_that_is_sealed(record: SmallRecord) -> None:
    commit = record.commit(signal_members("x"), "beta")
    record.add(outcome_members(commit.index, signal_members("x", "MSFT")), "beta")
    record.reveal(commit.index)


def reveal_by_another_strategy(record: SmallRecord) -> None:
    commit = record.commit(signal_members("x"), "beta")
    record.reveal(commit.index, strategy="alpha")


def reveal_of_another_commit(record: SmallRecord) -> None:
    record.commit(signal_members("x"), "beta")
    commit = record.commit(signal_members("y"), "beta")
    record.reveal(commit.index, commit_index=commit.index - 1)


def second_reveal(record: SmallRecord) -> None:
    record.reveal(3)


def reveal_of_a_used_id(record: SmallRecord) -> None:
    commit = record.commit(signal_members("a"), "beta")
    record.reveal(commit.index)


def trade_on_a_signal_to_come(record: SmallRecord) -> None:
    record.add(trade_members("o", signal_index=record.size))


LIES: dict[Callable[[SmallRecord], None], str] = {
    outcome_of_the_wrong_strategy: "bad-outcome",
    outcome_of_a_quiet_stretch: "bad-outcome",
    outcome_of_itself: "bad-outcome",
    outcome_of_a_hold: "bad-outcome",
    outcome_of_a_hold_that_is_sealed: "bad-outcome",
    outcome_of_another_symbol_that_is_sealed: "bad-outcome",
    reveal_by_another_strategy: "bad-reveal",
    reveal_of_another_commit: "bad-reveal",
    second_reveal: "bad-reveal",
    reveal_of_a_used_id: "reused-id",
    trade_on_a_signal_to_come: "bad-reference",
}


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_an_entry_that_contradicts_earlier_ones_is_refuted(
    lie: Callable[[SmallRecord], None],
) -> None:
    record = busy_record()
    lie(record)
    *before, last = entries_of(record)
    standing = follow_all(NAME, Standing(), before)
    with pytest.raises(Refuted) as refusal:
        follow(NAME, standing, last)
    assert refusal.value.reason == LIES[lie]


def test_what_a_reveal_shows_must_be_a_signal() -> None:
    record = SmallRecord(NAME)
    record.add(strategy_members("delayed"))
    record.commit(quiet_members(1, 2))
    record.reveal(1)
    entries = entries_of(record)
    with pytest.raises(Refuted):
        needs(entries)
    with pytest.raises(FeedError):
        follow_all(NAME, Standing(), entries)


def test_a_body_that_is_told_early_opens_its_commit() -> None:
    record = busy_record()
    commit, sealed = ENTRIES[3], record.sealed[3]
    signal = open_commit(commit, sealed.nonce, sealed.body)
    assert (signal.index, signal.text("id")) == (3, "b")
    other = record.sealed[4]
    for nonce, body in ((other.nonce, sealed.body), (sealed.nonce, other.body), (b"", b"")):
        with pytest.raises(Refuted):
            open_commit(commit, nonce, body)


def test_a_body_must_be_this_signal() -> None:
    record = SmallRecord(NAME)
    record.add(strategy_members("delayed"))
    record.commit({**signal_members("x")})
    sealed = record.sealed[1]
    commit = read_entry(1, encode({**entries_of(record)[1].members, "seq": 7}))
    with pytest.raises(Refuted):
        open_commit(commit, sealed.nonce, sealed.body)


def test_a_body_must_be_an_entry() -> None:
    record = SmallRecord(NAME)
    record.add(strategy_members("delayed"))
    record.commit({"kind": "signal"})
    sealed = record.sealed[1]
    with pytest.raises(Malformed):
        open_commit(entries_of(record)[1], sealed.nonce, sealed.body)
