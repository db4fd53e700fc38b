"""The promises of `SignalLog` about its tree: hashes, checkpoints, cosignatures, as tests."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

import pytest

from argo_core.errors import InvalidInput, LogConflict
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.cosignature import Cosignature, check_cosignature, cosign
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.note import Note, is_signed
from argo_core.ledger.proof import check_consistency, check_inclusion
from argo_core.ledger.record import Batch
from argo_core.ledger.tile_proof import (
    frontier_from,
    prove_consistency_from,
    prove_inclusion_from,
    root_from,
)
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, signal_batch, tiny_quiet
from argo_core.testing.fake_signer import FakeSigner, fake_verify
from argo_core.testing.indexed_log import IndexedLog

WITNESSES = (FakeSigner("one.example/w", COSIGNATURE), FakeSigner("two.example/w", COSIGNATURE))


def cosigned(note: Note, time_s: int, witness: FakeSigner = WITNESSES[0]) -> Cosignature:
    """A good cosignature of the note by that witness at that time."""
    line = cosign(note.text, time_s, witness.key, witness.sign)
    good = check_cosignature(note.text, line, witness.key, fake_verify)
    assert good is not None
    return good


async def checkpoint(log: IndexedLog) -> Note:
    """The newest checkpoint, which is there."""
    note = await log.checkpoint()
    assert note is not None
    return note


def quiet_batch(first: int, count: int) -> Batch:
    """So many quiet entries from that index on."""
    return Batch(first, tuple(tiny_quiet(seq) for seq in range(first, first + count)))


class CheckpointPromises:
    """Tests of what a log signs, and of what others sign with it; `log` is the fixture."""

    async def test_the_key_bears_the_logs_name(self, log: IndexedLog) -> None:
        assert log.key.name == LOG

    async def test_an_empty_log_has_no_checkpoint_and_no_hashes(self, log: IndexedLog) -> None:
        assert await log.checkpoint() is None
        assert await log.checkpoint(cosigned=True) is None
        assert await log.hashes(0, 0, 10) == b""
        assert await log.witnessed_at(0) is None

    async def test_every_batch_makes_a_checkpoint_that_the_log_signs(self, log: IndexedLog) -> None:
        for size in (1, 2, 5):
            head = await log.append(quiet_batch((await log.head()).size, size))
            note = await checkpoint(log)
            told = parse_checkpoint(note.text)
            assert (told.origin, told.size, told.root) == (LOG, head.size, head.root)
            assert [line.name for line in note.signatures] == [LOG]
            assert is_signed(note, log.key, fake_verify)

    async def test_what_changes_nothing_signs_nothing(self, log: IndexedLog) -> None:
        batch = quiet_batch(0, 3)
        await log.append(batch)
        note = await log.checkpoint()
        await log.append(batch)
        await log.append(Batch(3, ()))
        with pytest.raises(LogConflict):
            await log.append(quiet_batch(2, 2))
        assert await log.checkpoint() == note

    async def test_hashes_are_those_of_the_leaves_and_the_tiles_above(
        self, log: IndexedLog
    ) -> None:
        for first, count in ((0, 1), (1, 254), (255, 2), (257, 500)):
            await log.append(quiet_batch(first, count))
        leaves = [leaf_hash(tiny_quiet(seq)) for seq in range(757)]
        assert await log.hashes(0, 0, 757) == b"".join(leaves)
        assert await log.hashes(0, 255, 257) == b"".join(leaves[255:257])
        # Two whole tiles have a parent; nothing is there above them.
        above = await log.hashes(1, 0, 10)
        assert len(above) == 2 * 32
        assert above[32:] == await log.hashes(1, 1, 2)
        assert await log.hashes(2, 0, 10) == b""
        assert (await frontier_from(log.hashes, 512)).peaks == (
            (await frontier_from(log.hashes, 757)).peaks[0],
        )

    async def test_a_range_of_hashes_is_cut_to_what_is_there(self, log: IndexedLog) -> None:
        await log.append(quiet_batch(0, 1_005))
        asked = {(-3, 2): 2, (1_003, 2_000): 2, (4, 2): 0, (1_005, 1_009): 0, (2, 5_000): 1_000}
        # Found by the machine: a negative stop is before the beginning, not near the end.
        asked[-3, -1] = 0
        for (start, stop), count in asked.items():
            assert len(await log.hashes(0, start, stop)) == 32 * count

    async def test_proofs_are_made_from_its_hashes(self, log: IndexedLog) -> None:
        await log.append(quiet_batch(0, 300))
        old = await log.head()
        head = await log.append(quiet_batch(300, 233))
        assert await root_from(log.hashes, head.size) == head.root
        for index in (0, 255, 256, 299, 300, 532):
            proof = await prove_inclusion_from(log.hashes, index, head.size)
            leaf = leaf_hash(tiny_quiet(index))
            assert check_inclusion(leaf, index, head.size, proof, head.root)
        proof = await prove_consistency_from(log.hashes, old.size, head.size)
        assert check_consistency(old.size, head.size, proof, old.root, head.root)

    async def test_cosignatures_are_kept_beside_the_logs_own(self, log: IndexedLog) -> None:
        await log.append(quiet_batch(0, 3))
        note = await checkpoint(log)
        good = [cosigned(note, 7 + number, one) for number, one in enumerate(WITNESSES)]
        await log.cosign(3, good[:1])
        await log.cosign(3, good)
        wanted = note.with_lines(*(one.line for one in good))
        assert await log.checkpoint() == wanted
        assert await log.checkpoint(cosigned=True) == wanted

    async def test_the_first_cosignature_of_a_witness_stays(self, log: IndexedLog) -> None:
        await log.append(quiet_batch(0, 1))
        note = await checkpoint(log)
        first = cosigned(note, 9)
        await log.cosign(1, [first])
        await log.cosign(1, [cosigned(note, 5)])
        assert await log.checkpoint() == note.with_lines(first.line)
        assert await log.witnessed_at(0) == 9

    async def test_the_newest_that_somebody_cosigned_is_found(self, log: IndexedLog) -> None:
        notes = {}
        for size in (1, 2, 3):
            await log.append(quiet_batch(size - 1, 1))
            notes[size] = await checkpoint(log)
        await log.cosign(3, [])
        assert await log.checkpoint(cosigned=True) is None
        for size in (2, 1):
            await log.cosign(size, [cosigned(notes[size], 100 + size)])
        newest = await log.checkpoint(cosigned=True)
        assert newest is not None
        assert newest.text == notes[2].text
        assert await log.checkpoint() == notes[3]

    async def test_only_what_was_signed_can_be_cosigned(self, log: IndexedLog) -> None:
        await log.append(quiet_batch(0, 3))
        note = await checkpoint(log)
        for size in (-1, 0, 2, 4):
            for lines in ([], [cosigned(note, 1)]):
                with pytest.raises(InvalidInput, match="size"):
                    await log.cosign(size, lines)
        assert await log.checkpoint() == note

    async def test_an_entry_is_witnessed_at_the_least_time_that_covers_it(
        self, log: IndexedLog
    ) -> None:
        times = {2: (50, 40), 4: (30, 70), 6: ()}
        for size, told in times.items():
            first = (await log.head()).size
            await log.append(quiet_batch(first, size - first))
            note = await checkpoint(log)
            pairs = zip(WITNESSES, told, strict=False)
            await log.cosign(size, [cosigned(note, at, one) for one, at in pairs])
        assert [await log.witnessed_at(index) for index in range(7)] == [30] * 4 + [None] * 3

    async def test_signals_and_checkpoints_agree(self, log: IndexedLog) -> None:
        head = await log.append(signal_batch(0, range(4)))
        assert await root_from(log.hashes, 4) == head.root
        assert parse_checkpoint((await checkpoint(log)).text).root == head.root
