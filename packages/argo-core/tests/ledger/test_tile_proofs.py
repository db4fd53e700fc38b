"""Proofs from tiles against an independent reading of RFC 6962, and the little they read."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.merkle import EMPTY_ROOT, Frontier, leaf_hash
from argo_core.ledger.proof import (
    check_consistency,
    check_inclusion,
    prove_consistency,
    prove_inclusion,
)
from argo_core.ledger.tile_proof import (
    consistency_spans,
    frontier_from,
    inclusion_spans,
    prove_consistency_from,
    prove_inclusion_from,
    root_from,
)

MOST = 66_000
LEAVES = [leaf_hash(b"entry %d" % index) for index in range(MOST)]


class Tiles:
    """The rows of hashes that a log's tiles hold, and how many hashes were read of each."""

    def __init__(self) -> None:
        self.rows = {0: LEAVES, **Frontier().grow(LEAVES)[1]}
        self.read: list[int] = []

    async def __call__(self, level: int, start: int, stop: int) -> bytes:
        assert 0 <= start < stop
        assert stop - start <= 256
        self.read.append(stop - start)
        return b"".join(self.rows.get(level, [])[start:stop])


TILES = Tiles()
SIZES = st.integers(1, 1_200) | st.sampled_from([256, 65_535, 65_536, 65_537, MOST])


def reference_root(low: int, high: int) -> bytes:
    """MTH of RFC 6962, section 2.1, over the leaves from `low` to `high`."""
    if high - low == 0:
        return sha256(b"").digest()
    if high - low == 1:
        return LEAVES[low]
    k = 1
    while k * 2 < high - low:
        k *= 2
    left, right = reference_root(low, low + k), reference_root(low + k, high)
    return sha256(b"\x01" + left + right).digest()


@given(st.integers(0, 1_200))
async def test_roots_and_frontiers_are_those_of_all_leaves(size: int) -> None:
    assert await root_from(TILES, size) == reference_root(0, size)
    assert await frontier_from(TILES, size) == Frontier().extend(LEAVES[:size])


@given(SIZES, st.data())
async def test_inclusion_from_tiles_is_inclusion_from_all_leaves(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1) | st.sampled_from([0, size - 1, size // 2]))
    proof = await prove_inclusion_from(TILES, index, size)
    assert proof == prove_inclusion(LEAVES[:size], index)
    assert check_inclusion(LEAVES[index], index, size, proof, await root_from(TILES, size))


@given(SIZES, st.data())
async def test_consistency_from_tiles_is_consistency_from_all_leaves(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(0, size))
    proof = await prove_consistency_from(TILES, old, size)
    assert proof == prove_consistency(LEAVES[:size], old)
    roots = await root_from(TILES, old), await root_from(TILES, size)
    assert check_consistency(old, size, proof, *roots)


async def test_every_proof_of_every_small_log_is_right() -> None:
    for size in range(1, 40):
        root = await root_from(TILES, size)
        for index in range(size):
            proof = await prove_inclusion_from(TILES, index, size)
            assert check_inclusion(LEAVES[index], index, size, proof, root)
        for old in range(size + 1):
            proof = await prove_consistency_from(TILES, old, size)
            old_root = await root_from(TILES, old)
            assert check_consistency(old, size, proof, old_root, root)


async def test_a_proof_reads_a_few_tiles_and_not_the_log() -> None:
    tiles = Tiles()
    await prove_inclusion_from(tiles, 12_345, MOST)
    assert len(tiles.read) < 6
    tiles.read.clear()
    await prove_consistency_from(tiles, 12_345, MOST)
    assert len(tiles.read) < 6


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, -1)])
def test_there_is_no_proof_of_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(InvalidInput, match="index"):
        inclusion_spans(index, size)


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3)])
def test_there_is_no_proof_from_a_size_that_never_was(old: int, size: int) -> None:
    with pytest.raises(InvalidInput, match="old_size"):
        consistency_spans(old, size)


def test_from_nothing_and_to_itself_nothing_is_read() -> None:
    assert consistency_spans(0, 9) == consistency_spans(9, 9) == consistency_spans(0, 0) == ()
    assert inclusion_spans(0, 1) == ()


@pytest.mark.parametrize("cut", [1, 32])
async def test_a_store_that_gives_less_than_asked_is_found_out(cut: int) -> None:
    async def short(level: int, start: int, stop: int) -> bytes:
        return (await TILES(level, start, min(stop, 13 >> 8 * level)))[:-cut]

    for made in (
        prove_inclusion_from(short, 5, 13),
        prove_consistency_from(short, 5, 13),
        root_from(short, 13),
        frontier_from(short, 13),
    ):
        with pytest.raises(InvalidInput, match="tile"):
            await made


async def test_an_empty_log_needs_no_tiles() -> None:
    async def nothing(level: int, start: int, stop: int) -> bytes:
        raise AssertionError

    assert await root_from(nothing, 0) == EMPTY_ROOT
    assert await frontier_from(nothing, 0) == Frontier()
