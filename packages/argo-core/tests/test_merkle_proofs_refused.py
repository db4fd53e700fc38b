"""A verifier that always says yes passes a happy-path test; these are the unhappy ones."""

import pytest

from argo_core.errors import InvalidInput
from argo_core.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from argo_core.ledger.proof import (
    Proof,
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
)

LEAVES = [leaf_hash(b"entry %d" % index) for index in range(21)]
ROOTS = [Frontier().extend(LEAVES[:size]).root() for size in range(len(LEAVES) + 1)]
BITS = range(256)


def flipped(value: bytes, bit: int) -> bytes:
    number = int.from_bytes(value, "big") ^ 1 << bit
    return number.to_bytes(len(value), "big")


def damaged(proof: Proof) -> list[Proof]:
    """The proof with each bit flipped, each node left out, and one node too many."""
    one_bit = [
        (*proof[:place], flipped(node, bit), *proof[place + 1 :])
        for place, node in enumerate(proof)
        for bit in BITS
    ]
    shorter = [(*proof[:place], *proof[place + 1 :]) for place in range(len(proof))]
    longer = [(*proof, EMPTY_ROOT), (EMPTY_ROOT, *proof), (*proof, *proof[-1:], *proof[-1:])]
    cut = [(*proof[:-1], node[:-1]) for node in proof[-1:]]
    return [one for one in one_bit + shorter + longer + cut if one != proof]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 8, 13, 21])
def test_no_damaged_inclusion_proof_is_believed(size: int) -> None:
    for index in range(size):
        proof = prove_inclusion(LEAVES[:size], index)
        assert check_inclusion(LEAVES[index], index, size, proof, ROOTS[size])
        for wrong in damaged(proof):
            assert not check_inclusion(LEAVES[index], index, size, wrong, ROOTS[size])


@pytest.mark.parametrize("size", [1, 2, 3, 6, 8, 13, 21])
def test_no_damaged_consistency_proof_is_believed(size: int) -> None:
    for old in range(size + 1):
        proof = prove_consistency(LEAVES[:size], old)
        assert check_consistency(old, size, proof, ROOTS[old], ROOTS[size])
        for wrong in damaged(proof):
            assert not check_consistency(old, size, wrong, ROOTS[old], ROOTS[size])


def test_every_bit_of_leaf_and_roots_counts() -> None:
    inclusion, consistency = prove_inclusion(LEAVES[:13], 5), prove_consistency(LEAVES[:13], 6)
    for bit in BITS:
        leaf, root, old = (flipped(one, bit) for one in (LEAVES[5], ROOTS[13], ROOTS[6]))
        assert not check_inclusion(leaf, 5, 13, inclusion, ROOTS[13])
        assert not check_inclusion(LEAVES[5], 5, 13, inclusion, root)
        assert not check_consistency(6, 13, consistency, old, ROOTS[13])
        assert not check_consistency(6, 13, consistency, ROOTS[6], root)


def test_a_proof_holds_for_its_own_index_and_shape_only() -> None:
    proof = prove_inclusion(LEAVES[:13], 5)
    believed = {
        (index, size)
        for size in range(-1, 30)
        for index in range(-1, 30)
        if check_inclusion(LEAVES[5], index, size, proof, ROOTS[13])
    }
    # A path says left and right, not how wide the tree is to the right of it: sizes 9 to 16 give
    # leaf 5 the same path. The checkpoint that signs the root also signs the size.
    assert believed == {(5, size) for size in range(9, 17)}


def test_consistency_holds_for_its_own_shape_only() -> None:
    proof = prove_consistency(LEAVES[:13], 6)
    believed = {
        (old, new)
        for old in range(-1, 30)
        for new in range(-1, 30)
        if check_consistency(old, new, proof, ROOTS[6], ROOTS[13])
    }
    # A hash does not tell its height either, so the same tree at half and at twice the size has the
    # same proof; again, sizes are bound to roots by whoever signs both.
    same_shape = {3: range(5, 9), 6: range(9, 17), 12: range(17, 30)}
    assert believed == {(old, new) for old, news in same_shape.items() for new in news}


def test_hashes_of_another_length_are_no_proof() -> None:
    assert not check_inclusion(LEAVES[0][:-1], 0, 1, (), ROOTS[1])
    assert not check_inclusion(LEAVES[0], 0, 1, (), ROOTS[1] + b"\0")
    assert not check_consistency(1, 2, (LEAVES[1] + b"\0",), ROOTS[1], ROOTS[2])
    assert not check_consistency(1, 1, (), ROOTS[1][:-1], ROOTS[1][:-1])


def test_everything_follows_from_the_empty_tree_and_from_nothing_else_without_proof() -> None:
    assert check_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    assert check_consistency(0, 5, (), EMPTY_ROOT, ROOTS[5])
    assert not check_consistency(0, 5, (EMPTY_ROOT,), EMPTY_ROOT, ROOTS[5])
    assert not check_consistency(0, 5, (), ROOTS[1], ROOTS[5])
    assert not check_consistency(0, 0, (), EMPTY_ROOT, ROOTS[1])
    assert check_consistency(5, 5, (), ROOTS[5], ROOTS[5])
    assert not check_consistency(5, 5, (), ROOTS[5], ROOTS[4])
    assert not check_consistency(3, 5, (), ROOTS[3], ROOTS[5])
    assert not check_consistency(5, 4, (), ROOTS[5], ROOTS[4])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_there_is_no_proof_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InvalidInput, match="index"):
        prove_inclusion(LEAVES[:size], index)


@pytest.mark.parametrize("old", [-1, 4])
def test_there_is_no_proof_from_a_size_that_never_was(old: int) -> None:
    with pytest.raises(InvalidInput, match="old_size"):
        prove_consistency(LEAVES[:3], old)
