"""The promises of `SignalLog` and `SignalIndex` about what is sealed, shown and resolved."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

import pytest
from attrs import evolve

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.record import Batch, LoggedEntry, LoggedSignal, Sealed, SignalQuery
from argo_core.market.instrument import Symbol
from argo_core.testing.entries import (
    SYMBOLS,
    sealed_batch,
    signal_batch,
    tiny_capsule,
    tiny_commit,
    tiny_outcome,
    tiny_quiet,
    tiny_reveal,
    tiny_sealed,
)
from argo_core.testing.indexed_log import IndexedLog

ABSENT = "f" * 64
EVERYTHING = SignalQuery(sealed=True)


def seal(*seqs: int) -> tuple[Sealed, ...]:
    """Signals to commit to, over all symbols, BUY and SELL by turns."""
    return tuple(
        tiny_sealed(seq, symbol=SYMBOLS[seq % 3], direction=("BUY", "SELL")[seq % 2])
        for seq in seqs
    )


def logged(index: int, sealed: Sealed, revealed: int | None = None) -> LoggedSignal:
    """What is found of a commit."""
    return LoggedSignal(index, sealed.body, tiny_commit(sealed), revealed)


class DisclosurePromises:
    """Tests of commits, reveals and outcomes; `log` is the fixture."""

    async def test_what_is_sealed_comes_back_to_those_who_may_know(self, log: IndexedLog) -> None:
        (one,) = seal(0)
        await log.append(sealed_batch(0, one))
        assert await log.sealed(one.commitment) == one
        assert await log.sealed(ABSENT) is None
        assert await log.capsule(sha256_hex(tiny_capsule(0))) == tiny_capsule(0)

    async def test_a_commit_and_its_body_go_together(self, log: IndexedLog) -> None:
        one, other = seal(0, 1)
        good = sealed_batch(0, one)
        refused: tuple[dict[str, Sealed], ...] = (
            {},
            {one.commitment: other},
            {one.commitment: one, other.commitment: other},
            {one.commitment: evolve(one, nonce=other.nonce)},
        )
        for sealed in refused:
            with pytest.raises(InvalidInput):
                await log.append(evolve(good, sealed=sealed))
        with pytest.raises(InvalidInput, match="capsule"):
            await log.append(evolve(good, capsules={}))
        assert (await log.head()).size == 0
        assert await log.sealed(one.commitment) is None

    async def test_a_sealed_signal_is_found_by_those_who_may_know(self, log: IndexedLog) -> None:
        one, two = seal(0, 1)
        await log.append(sealed_batch(0, one, two))
        assert await log.find(SignalQuery()) == ()
        assert await log.latest() == ()
        both = (logged(1, two), logged(0, one))
        assert await log.find(EVERYTHING) == both
        assert await log.find(evolve(EVERYTHING, symbol=Symbol("BRK.B"))) == both[:1]
        assert await log.latest(sealed=True) == (both[1], both[0])
        assert await log.unrevealed() == (both[1], both[0])

    async def test_a_reveal_shows_the_signal_where_it_was_committed_to(
        self, log: IndexedLog
    ) -> None:
        one, two = seal(0, 1)
        await log.append(sealed_batch(0, one, two))
        await log.append(Batch(2, (tiny_reveal(2, one, 0),)))
        shown = logged(0, one, 2)
        assert await log.find(SignalQuery()) == (shown,)
        assert await log.latest() == (shown,)
        assert await log.find(EVERYTHING) == (logged(1, two), shown)
        assert await log.unrevealed() == (logged(1, two),)

    async def test_the_first_reveal_counts(self, log: IndexedLog) -> None:
        (one,) = seal(0)
        await log.append(sealed_batch(0, one))
        for seq in (1, 2):
            await log.append(Batch(seq, (tiny_reveal(seq, one, 0),)))
        assert await log.find(SignalQuery()) == (logged(0, one, 1),)

    async def test_only_what_was_committed_to_can_be_revealed(self, log: IndexedLog) -> None:
        one, two = seal(0, 1)
        await log.append(sealed_batch(0, one))
        await log.append(Batch(1, (tiny_quiet(1), tiny_quiet(0, strategy="beta"))))
        for sealed, index in ((one, 1), (one, 2), (one, 3), (one, 99), (two, 0)):
            with pytest.raises(InvalidInput, match="commit"):
                await log.append(Batch(3, (tiny_reveal(2, sealed, index),)))
        assert (await log.head()).size == 3

    async def test_nothing_is_shown_before_it_is_published(self, log: IndexedLog) -> None:
        # Index 0 to 2 open, 3 sealed and revealed at 5, 4 sealed for good.
        one, two = seal(3, 4)
        batch = signal_batch(0, range(3))
        await log.append(batch)
        await log.append(sealed_batch(3, one, two))
        await log.append(Batch(5, (tiny_reveal(5, one, 3),)))
        opened = [LoggedSignal(at, data, data, at) for at, data in enumerate(batch.entries)]
        asked: dict[int | None, tuple[list[LoggedSignal], list[LoggedSignal]]] = {
            0: ([], []),
            2: (opened[:2], opened[:2]),
            3: (opened, opened),
            4: (opened, [*opened, logged(3, one)]),
            5: (opened, [*opened, logged(3, one), logged(4, two)]),
            6: ([*opened, logged(3, one, 5)], [*opened, logged(3, one, 5), logged(4, two)]),
        }
        asked[None] = asked[99] = asked[6]
        for published, (shown, known) in asked.items():
            for sealed, wanted in ((False, shown), (True, known)):
                query = SignalQuery(sealed=sealed, published=published)
                assert await log.find(query) == tuple(reversed(wanted)), query
                newest = {decode_entry(one.body).text("symbol"): one for one in wanted}
                latest = await log.latest(sealed=sealed, published=published)
                assert latest == tuple(newest[symbol] for symbol in sorted(newest)), query

    async def test_a_limit_counts_what_may_be_shown(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(2)))
        await log.append(sealed_batch(2, *seal(2, 3)))
        found = await log.find(SignalQuery(limit=1))
        assert [one.index for one in found] == [1]
        found = await log.find(SignalQuery(limit=1, published=1))
        assert [one.index for one in found] == [0]

    async def test_a_signal_is_unresolved_until_its_outcome(self, log: IndexedLog) -> None:
        batch, (one,) = signal_batch(0, range(2)), seal(2)
        hold = tiny_sealed(3, direction="HOLD")
        await log.append(batch)
        await log.append(sealed_batch(2, one, hold))
        opened = [LoggedSignal(at, data, data, at) for at, data in enumerate(batch.entries)]
        assert await log.unresolved() == (*opened, logged(2, one))
        outcome = tiny_outcome(4, batch.entries[1], 1)
        await log.append(Batch(4, (outcome, tiny_outcome(5, one.body, 2))))
        assert await log.unresolved() == (opened[0],)
        assert await log.outcome(1) == LoggedEntry(4, outcome)
        assert [await log.outcome(at) for at in (-1, 0, 4, 99)] == [None] * 4

    async def test_the_first_outcome_counts(self, log: IndexedLog) -> None:
        batch = signal_batch(0, range(1))
        await log.append(batch)
        told = [tiny_outcome(seq, batch.entries[0], 0) for seq in (1, 2)]
        await log.append(Batch(1, tuple(told)))
        assert await log.outcome(0) == LoggedEntry(1, told[0])
