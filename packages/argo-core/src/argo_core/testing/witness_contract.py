"""The promises of the port `Witness`, as tests. Inherit, and give the fixture `case`."""
# ruff: noqa: S101, PLR2004 - a contract is made of assertions about particular numbers

from collections.abc import Callable

import pytest
from attrs import frozen

from argo_core.errors import WitnessAway, WitnessRefused
from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import Cosignature, check_cosignature
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import Verify
from argo_core.ledger.proof import prove_consistency
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.ports import Signer, Witness

LEAVES = tuple(leaf_hash(b"entry %d" % index) for index in range(12))
RIVALS = tuple(leaf_hash(b"rival %d" % index) for index in range(12))


@frozen
class WitnessCase:
    """A witness that knows the log of `log` and not that of `stranger`, and has seen nothing yet.

    `verify` checks the signatures of all of them. `now_s` is the witness's time, in seconds since
    1970. After `fail` the witness is away.
    """

    witness: Witness
    log: Signer
    stranger: Signer
    verify: Verify
    now_s: Callable[[], int]
    fail: Callable[[], None]


def checkpoint_of(signer: Signer, leaves: tuple[bytes, ...]) -> Checkpoint:
    """The head of that log with these leaf hashes."""
    return Checkpoint(signer.key.name, len(leaves), Frontier().extend(leaves).root())


def request_of(
    signer: Signer, old_size: int, size: int, leaves: tuple[bytes, ...] = LEAVES
) -> AddCheckpoint:
    """What the log sends to go from one size to another."""
    shown = leaves[:size]
    note = sign_checkpoint(checkpoint_of(signer, shown), signer.key, signer.sign)
    proof = prove_consistency(shown, old_size) if old_size <= size else ()
    return AddCheckpoint(old_size, proof, note.encode())


async def cosigned(case: WitnessCase, asked: AddCheckpoint) -> Cosignature:
    """The witness's good cosignature on what it was asked to cosign."""
    lines = await case.witness.add_checkpoint(asked)
    assert not isinstance(lines, int)
    text = asked.checkpoint.decode().partition("\n\n")[0] + "\n"
    checked = [check_cosignature(text, line, case.witness.key, case.verify) for line in lines]
    (good,) = filter(None, checked)
    return good


class WitnessContract:
    """A class of tests for one implementation of the port; `case` is its fixture."""

    async def test_its_key_is_one_for_cosignatures(self, case: WitnessCase) -> None:
        assert case.witness.key.algorithm == COSIGNATURE

    async def test_the_first_checkpoint_is_cosigned_at_the_witness_s_time(
        self, case: WitnessCase
    ) -> None:
        before = case.now_s()
        good = await cosigned(case, request_of(case.log, 0, 5))
        assert before <= good.time_s <= case.now_s()

    async def test_an_empty_log_is_cosigned(self, case: WitnessCase) -> None:
        await cosigned(case, request_of(case.log, 0, 0))
        await cosigned(case, request_of(case.log, 0, 3))

    async def test_each_checkpoint_that_adds_to_the_last_is_cosigned(
        self, case: WitnessCase
    ) -> None:
        for old_size, size in ((0, 1), (1, 2), (2, 7), (7, 8), (8, 12)):
            await cosigned(case, request_of(case.log, old_size, size))

    async def test_the_same_checkpoint_is_cosigned_again(self, case: WitnessCase) -> None:
        await cosigned(case, request_of(case.log, 0, 5))
        await cosigned(case, request_of(case.log, 5, 5))

    @pytest.mark.parametrize(("old_size", "size"), [(0, 5), (0, 9), (3, 9), (7, 9)])
    async def test_another_old_size_is_answered_with_where_it_stands(
        self, case: WitnessCase, old_size: int, size: int
    ) -> None:
        await cosigned(case, request_of(case.log, 0, 5))
        assert await case.witness.add_checkpoint(request_of(case.log, old_size, size)) == 5
        await cosigned(case, request_of(case.log, 5, 9))

    async def test_one_who_has_seen_nothing_stands_at_zero(self, case: WitnessCase) -> None:
        assert await case.witness.add_checkpoint(request_of(case.log, 3, 5)) == 0

    async def test_a_log_that_lost_its_end_is_told_where_it_stood(self, case: WitnessCase) -> None:
        await cosigned(case, request_of(case.log, 0, 9))
        assert await case.witness.add_checkpoint(request_of(case.log, 5, 5)) == 9

    async def test_an_old_size_beyond_the_checkpoint_is_refused(self, case: WitnessCase) -> None:
        await cosigned(case, request_of(case.log, 0, 9))
        with pytest.raises(WitnessRefused):
            await case.witness.add_checkpoint(request_of(case.log, 9, 5))

    async def test_an_unknown_log_is_refused(self, case: WitnessCase) -> None:
        with pytest.raises(WitnessRefused):
            await case.witness.add_checkpoint(request_of(case.stranger, 0, 5))

    async def test_a_checkpoint_that_another_signed_is_refused(self, case: WitnessCase) -> None:
        text = checkpoint_of(case.log, LEAVES[:5])
        note = sign_checkpoint(text, case.log.key, case.stranger.sign)
        with pytest.raises(WitnessRefused):
            await case.witness.add_checkpoint(AddCheckpoint(0, (), note.encode()))
        await cosigned(case, request_of(case.log, 0, 5))

    async def test_another_history_is_refused_and_the_first_goes_on(
        self, case: WitnessCase
    ) -> None:
        await cosigned(case, request_of(case.log, 0, 5))
        for size in (6, 8, 12):
            with pytest.raises(WitnessRefused):
                await case.witness.add_checkpoint(request_of(case.log, 5, size, RIVALS))
        await cosigned(case, request_of(case.log, 5, 6))

    async def test_a_second_root_of_one_size_is_refused(self, case: WitnessCase) -> None:
        await cosigned(case, request_of(case.log, 0, 5))
        with pytest.raises(WitnessRefused):
            await case.witness.add_checkpoint(request_of(case.log, 5, 5, RIVALS))
        await cosigned(case, request_of(case.log, 5, 5))

    async def test_a_proof_with_a_node_too_many_or_too_few_is_refused(
        self, case: WitnessCase
    ) -> None:
        await cosigned(case, request_of(case.log, 0, 5))
        good = request_of(case.log, 5, 9)
        for proof in ((), good.proof[1:], good.proof[:-1], (*good.proof, RIVALS[0])):
            with pytest.raises(WitnessRefused):
                await case.witness.add_checkpoint(AddCheckpoint(5, proof, good.checkpoint))
        await cosigned(case, good)

    async def test_one_that_is_away_says_so(self, case: WitnessCase) -> None:
        case.fail()
        with pytest.raises(WitnessAway):
            await case.witness.add_checkpoint(request_of(case.log, 0, 5))
