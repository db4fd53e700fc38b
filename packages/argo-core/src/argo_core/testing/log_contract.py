"""The promises of `SignalLog` and `SignalIndex`, as tests. Inherit, and give the fixture `log`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

import asyncio

import pytest
from attrs import evolve

from argo_core.errors import InvalidInput, LogConflict
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from argo_core.ledger.record import Batch, LoggedEntry, LogHead, SignalQuery
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros
from argo_core.testing.entries import (
    signal_batch,
    tiny_capsule,
    tiny_quiet,
    tiny_signal,
    tiny_trade,
)
from argo_core.testing.indexed_log import IndexedLog
from argo_core.testing.log_checkpoint_contract import CheckpointPromises
from argo_core.testing.log_disclosure_contract import DisclosurePromises

ABSENT = "f" * 64


class LogContract(CheckpointPromises, DisclosurePromises):
    """A class of tests for one implementation of both ports.

    `log` is its fixture: empty, and signed by `FakeSigner(LOG)`.
    """

    async def test_a_new_log_is_empty(self, log: IndexedLog) -> None:
        assert await log.head() == LogHead(0, EMPTY_ROOT, {}, None)
        assert await log.entries(0, 10) == ()
        assert await log.find(SignalQuery()) == ()
        assert await log.latest() == ()
        assert await log.capsule(ABSENT) is None

    async def test_a_batch_comes_back_as_it_went_in(self, log: IndexedLog) -> None:
        batch = signal_batch(0, range(5))
        await log.append(batch)
        stored = await log.entries(0, 5)
        assert stored == tuple(LoggedEntry(i, data) for i, data in enumerate(batch.entries))
        for digest, capsule in batch.capsules.items():
            assert await log.capsule(digest) == capsule

    async def test_the_head_counts_hashes_and_numbers(self, log: IndexedLog) -> None:
        batch = signal_batch(0, range(3))
        other = tiny_quiet(0, strategy="beta", decided_us=7)
        head = await log.append(evolve(batch, entries=(*batch.entries, other)))
        root = Frontier().extend(map(leaf_hash, (*batch.entries, other))).root()
        assert head == LogHead(4, root, {"alpha": 3, "beta": 1}, 1_700_000_000_000_002)
        assert await log.head() == head

    async def test_batches_follow_each_other(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(3)))
        head = await log.append(signal_batch(3, range(3, 5)))
        assert (head.size, head.next_seq) == (5, {"alpha": 5})

    async def test_trades_are_kept_and_are_no_signals(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(2)))
        before = await log.find(SignalQuery()), await log.unresolved(), await log.latest()
        trades = tiny_trade(2, signal_index=0), tiny_trade(3)
        head = await log.append(Batch(2, trades))
        assert (head.size, head.next_seq) == (4, {"alpha": 4})
        assert [one.data for one in await log.entries(2, 9)] == list(trades)
        assert (await log.find(SignalQuery()), await log.unresolved(), await log.latest()) == before
        assert await log.outcome(0) is None

    async def test_repeating_a_batch_changes_nothing(self, log: IndexedLog) -> None:
        first, second = signal_batch(0, range(3)), signal_batch(3, range(3, 5))
        await log.append(first)
        head = await log.append(second)
        assert await log.append(second) == head
        assert await log.append(first) == head
        assert len(await log.entries(0, 100)) == 5

    async def test_an_empty_batch_changes_nothing(self, log: IndexedLog) -> None:
        # Found by the machine: a store may have no row for its state yet.
        assert (await log.append(Batch(0, ()))).size == 0
        head = await log.append(signal_batch(0, range(2)))
        assert await log.append(Batch(2, ())) == head
        with pytest.raises(LogConflict):
            await log.append(Batch(0, ()))

    @pytest.mark.parametrize("first_index", [-1, 0, 1, 3])
    async def test_a_batch_built_on_another_size_is_refused(
        self, log: IndexedLog, first_index: int
    ) -> None:
        head = await log.append(signal_batch(0, range(2)))
        with pytest.raises(LogConflict):
            await log.append(signal_batch(first_index, range(2, 4)))
        assert await log.head() == head

    async def test_a_batch_that_repeats_in_part_is_refused(self, log: IndexedLog) -> None:
        head = await log.append(signal_batch(0, range(3)))
        for seqs in (range(2), range(2, 5)):
            overlap = signal_batch(1, seqs)
            with pytest.raises(LogConflict):
                await log.append(overlap)
        assert await log.head() == head

    @pytest.mark.parametrize("seq", [0, 1, 3])
    async def test_a_gap_in_a_sequence_is_refused(self, log: IndexedLog, seq: int) -> None:
        head = await log.append(signal_batch(0, range(2)))
        with pytest.raises(LogConflict, match="alpha is at seq 2"):
            await log.append(signal_batch(2, range(seq, seq + 1)))
        assert await log.head() == head

    async def test_all_of_a_batch_is_written_or_nothing(self, log: IndexedLog) -> None:
        good = signal_batch(0, range(3))
        bad = evolve(good, entries=(*good.entries, tiny_quiet(9)))
        with pytest.raises(LogConflict):
            await log.append(bad)
        assert (await log.head()).size == 0
        assert await log.entries(0, 10) == ()
        assert await log.find(SignalQuery()) == ()
        assert await log.capsule(min(good.capsules)) is None

    @pytest.mark.parametrize(
        "data",
        [b"", b"{}", b'{"v":1,}', b'{"kind":"signal","v":1}', tiny_quiet(0) + b" ", b"\xff"],
    )
    async def test_what_is_not_a_canonical_entry_is_refused(
        self, log: IndexedLog, data: bytes
    ) -> None:
        with pytest.raises(InvalidInput):
            await log.append(Batch(0, (data,)))
        assert (await log.head()).size == 0

    async def test_an_entry_of_another_log_is_refused(self, log: IndexedLog) -> None:
        await log.append(Batch(0, (tiny_quiet(0),)))
        with pytest.raises(InvalidInput, match="log"):
            await log.append(Batch(1, (tiny_quiet(1, log="other.example/log"),)))

    async def test_a_capsule_must_match_be_named_and_be_there(self, log: IndexedLog) -> None:
        batch, capsule = signal_batch(0, range(1)), tiny_capsule(0)
        digest, other = sha256_hex(capsule), tiny_capsule(1)
        refused: tuple[dict[str, bytes], ...] = (
            {},
            {digest: other},
            {digest: capsule, sha256_hex(other): other},
            {digest.upper(): capsule},
        )
        for capsules in refused:
            with pytest.raises(InvalidInput, match="capsule"):
                await log.append(evolve(batch, capsules=capsules))
        assert (await log.head()).size == 0

    async def test_a_capsule_already_there_need_not_be_sent_again(self, log: IndexedLog) -> None:
        batch, capsule = signal_batch(0, range(1)), tiny_capsule(0)
        await log.append(batch)
        await log.append(Batch(1, (tiny_signal(1, capsule=capsule),)))
        again = {sha256_hex(capsule): capsule}
        head = await log.append(Batch(2, (tiny_signal(2, capsule=capsule),), again))
        assert head.size == 3

    async def test_a_range_is_cut_to_what_is_there(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(5)))
        asked = {(-3, 2): [0, 1], (3, 99): [3, 4], (4, 2): [], (5, 9): [], (1, 3): [1, 2]}
        for (start, stop), indices in asked.items():
            assert [one.index for one in await log.entries(start, stop)] == indices

    async def test_a_range_gives_at_most_a_thousand(self, log: IndexedLog) -> None:
        await log.append(Batch(0, tuple(tiny_quiet(seq) for seq in range(1_005))))
        assert [one.index for one in await log.entries(2, 5_000)] == list(range(2, 1_002))

    async def test_the_newest_decision_is_the_latest_time_not_the_last_entry(
        self, log: IndexedLog
    ) -> None:
        times = (50, 90, 70)
        entries = [tiny_quiet(seq, decided_us=at) for seq, at in enumerate(times)]
        assert (await log.append(Batch(0, tuple(entries)))).last_decided_us == 90

    async def test_signals_are_found_newest_first(self, log: IndexedLog) -> None:
        await log.append(Batch(0, (tiny_quiet(0, strategy="beta"),)))
        await log.append(signal_batch(1, range(5)))
        found = await log.find(SignalQuery())
        assert [one.index for one in found] == [5, 4, 3, 2, 1]
        (entry,) = await log.entries(5, 6)
        assert (found[0].body, found[0].entry, found[0].revealed) == (entry.data, entry.data, 5)

    @pytest.mark.parametrize(
        ("query", "seqs"),
        [
            (SignalQuery(symbol=Symbol("BRK.B")), [7, 4, 1]),
            (SignalQuery(symbol=Symbol("MSFT")), []),
            (SignalQuery(direction="SELL"), [7, 5, 3, 1]),
            (SignalQuery(symbol=Symbol("BRK.B"), direction="SELL"), [7, 1]),
            (SignalQuery(min_confidence_bp=7_505), [7, 6, 5]),
            (SignalQuery(since=from_micros(1_700_000_000_000_005)), [7, 6, 5]),
            (SignalQuery(until=from_micros(1_700_000_000_000_003)), [2, 1, 0]),
            (
                SignalQuery(
                    since=from_micros(1_700_000_000_000_002),
                    until=from_micros(1_700_000_000_000_004),
                ),
                [3, 2],
            ),
            (SignalQuery(before=3), [2, 1, 0]),
            (SignalQuery(before=0), []),
            (SignalQuery(limit=2), [7, 6]),
            (SignalQuery(symbol=Symbol("AAPL"), before=6, limit=1), [3]),
        ],
    )
    async def test_a_query_finds_what_it_asks_for(
        self, log: IndexedLog, query: SignalQuery, seqs: list[int]
    ) -> None:
        await log.append(signal_batch(0, range(8)))
        assert [decode_entry(one.body).seq for one in await log.find(query)] == seqs

    async def test_confidence_is_compared_by_magnitude(self, log: IndexedLog) -> None:
        capsule = tiny_capsule(0)
        sell = tiny_signal(0, direction="SELL", confidence_bp=-9_000)
        await log.append(Batch(0, (sell,), {sha256_hex(capsule): capsule}))
        assert len(await log.find(SignalQuery(min_confidence_bp=9_000))) == 1
        assert await log.find(SignalQuery(min_confidence_bp=9_001)) == ()

    async def test_pages_join_without_gap_or_repeat(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(7)))
        query, seen = SignalQuery(limit=3), []
        while page := await log.find(query):
            seen += [one.index for one in page]
            query = evolve(query, before=page[-1].index)
        assert seen == [6, 5, 4, 3, 2, 1, 0]

    async def test_the_latest_signal_of_each_symbol_is_found(self, log: IndexedLog) -> None:
        await log.append(signal_batch(0, range(4)))
        await log.append(signal_batch(4, range(4, 5)))
        latest = await log.latest()
        assert [decode_entry(one.body).text("symbol") for one in latest] == [
            "AAPL",
            "BRK.B",
            "BTC/USD",
        ]
        assert [one.index for one in latest] == [3, 4, 2]

    async def test_of_many_batches_at_once_one_is_taken(self, log: IndexedLog) -> None:
        rivals = [Batch(0, (tiny_quiet(0, decided_us=at),)) for at in range(5)]
        answers = await asyncio.gather(*map(log.append, rivals), return_exceptions=True)
        assert sum(isinstance(one, LogHead) for one in answers) == 1
        assert sum(isinstance(one, LogConflict) for one in answers) == 4
        assert (await log.head()).size == 1
