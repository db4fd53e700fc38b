"""The tree, against RFC 6962 written down plainly and the vectors everybody uses."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.feed.proving import (
    Plan,
    plan_consistency,
    plan_frontier,
    plan_inclusion,
)
from alpine_service.domain.feed.tile import (
    LARGEST_LOG,
    WIDTH,
    Bundle,
    Tile,
    bundles_of,
    read_bundle,
    read_path,
    read_tile,
    tile_of,
    tiles_of,
    write_bundle,
)
from alpine_service.domain.feed.tree import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    check_inclusion,
    leaf_hash,
)
from alpine_service.errors import Malformed, Refuted

# The inputs and roots that Certificate Transparency's own tests have used from the beginning.
CT_INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
CT_ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)

LEAVES = [leaf_hash(str(number).encode()) for number in range(600)]
sizes = st.integers(1, 40) | st.integers(250, 260) | st.integers(500, 600)


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962, section 2.1, over leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    k = largest_power_below(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    """RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def largest_power_below(count: int) -> int:
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def fetched(plan: Plan, leaves: Sequence[bytes]) -> dict[Tile, tuple[bytes, ...]]:
    """The tiles of a plan, made from leaves."""
    found = {}
    for tile in plan.tiles:
        span = WIDTH**tile.level
        starts = range(tile.index * WIDTH * span, len(leaves), span)
        hashes = [mth(leaves[at : at + span]) for at in starts[: tile.width]]
        found[tile] = read_tile(tile, b"".join(hashes))
    return found


def test_the_roots_are_those_of_certificate_transparency() -> None:
    leaves = [leaf_hash(bytes.fromhex(one)) for one in CT_INPUTS]
    roots = [Frontier().extended(leaves[:size]).root().hex() for size in range(9)]
    assert roots == list(CT_ROOTS)


@given(sizes, st.integers(0, 600))
def test_growing_in_two_steps_is_growing_in_one(size: int, first: int) -> None:
    first = min(first, size)
    frontier = Frontier().extended(LEAVES[:first])
    assert frontier.root() == mth(LEAVES[:first])
    grown = frontier.extended(LEAVES[first:size])
    assert grown == Frontier().extended(LEAVES[:size])
    assert grown.root() == mth(LEAVES[:size])
    assert len(grown.hashes) == size.bit_count()


@given(sizes, st.data())
def test_an_inclusion_proof_is_made_from_tiles(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    plan = plan_inclusion(index, size)
    proof = plan.fold(fetched(plan, LEAVES[:size]))
    assert list(proof) == path(index, LEAVES[:size])
    check_inclusion(LEAVES[index], index, size, proof, mth(LEAVES[:size]))


@given(sizes, st.data())
def test_a_consistency_proof_is_made_from_tiles(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    plan = plan_consistency(old, size)
    proof = plan.fold(fetched(plan, LEAVES[:size]))
    assert list(proof) == subproof(old, LEAVES[:size], True)
    check_consistency(old, mth(LEAVES[:old]), size, mth(LEAVES[:size]), proof)


@given(sizes)
def test_a_frontier_is_made_from_tiles(size: int) -> None:
    plan = plan_frontier(size)
    frontier = Frontier(size, plan.fold(fetched(plan, LEAVES[:size])))
    assert frontier == Frontier().extended(LEAVES[:size])


def test_large_trees_are_proved_from_tiles_of_three_levels() -> None:
    size = 66_000
    leaves = [number.to_bytes(32) for number in range(size)]
    whole = Frontier().extended(leaves).root()
    for index in (0, 65_535, 65_536, size - 1):
        plan = plan_inclusion(index, size)
        # Only what is behind them has the first 65,536 leaves as one hash.
        assert (2 in {tile.level for tile in plan.tiles}) == (index > 65_535)
        check_inclusion(leaves[index], index, size, plan.fold(fetched(plan, leaves)), whole)
    plan = plan_consistency(65_537, size)
    proof = plan.fold(fetched(plan, leaves))
    check_consistency(65_537, Frontier().extended(leaves[:65_537]).root(), size, whole, proof)


@pytest.mark.parametrize(("index", "size"), [(0, 1), (3, 13), (12, 13), (255, 257)])
def test_every_bit_of_an_inclusion_proof_matters(index: int, size: int) -> None:
    proof, root = path(index, LEAVES[:size]), mth(LEAVES[:size])
    for changed in flips([LEAVES[index], root, *proof]):
        with pytest.raises(Refuted):
            check_inclusion(changed[0], index, size, changed[2:], changed[1])


@pytest.mark.parametrize(("index", "size"), [(0, 1), (3, 13), (12, 13), (255, 257)])
def test_every_other_place_and_length_is_refuted(index: int, size: int) -> None:
    proof, root = path(index, LEAVES[:size]), mth(LEAVES[:size])
    for other in set(range(-1, size + 1)) - {index}:
        with pytest.raises(Refuted):
            check_inclusion(LEAVES[index], other, size, proof, root)
    for place in range(len(proof)):
        with pytest.raises(Refuted):
            check_inclusion(LEAVES[index], index, size, proof[:place] + proof[place + 1 :], root)
    with pytest.raises(Refuted):
        check_inclusion(LEAVES[index], index, size, [*proof, root], root)


@pytest.mark.parametrize(("old", "size"), [(1, 2), (6, 13), (8, 13), (256, 257), (255, 300)])
def test_every_bit_of_a_consistency_proof_matters(old: int, size: int) -> None:
    proof = subproof(old, LEAVES[:size], True)
    for changed in flips([mth(LEAVES[:old]), mth(LEAVES[:size]), *proof]):
        with pytest.raises(Refuted):
            check_consistency(old, changed[0], size, changed[1], changed[2:])


@given(sizes, st.data())
def test_another_beginning_is_refuted(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    at = data.draw(st.integers(0, old - 1))
    other = [*LEAVES[:at], leaf_hash(b"other"), *LEAVES[at + 1 : size]]
    proof = subproof(old, other, True)
    with pytest.raises(Refuted):
        check_consistency(old, mth(LEAVES[:old]), size, mth(other), proof)


def flips(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """The hashes with one bit of one of them flipped, in all ways."""
    found = []
    for place, one in enumerate(hashes):
        for bit in range(len(one) * 8):
            flipped = (int.from_bytes(one) ^ 1 << bit).to_bytes(len(one))
            found.append([*hashes[:place], flipped, *hashes[place + 1 :]])
    return found


def test_nothing_is_the_beginning_of_everything() -> None:
    check_consistency(0, EMPTY_ROOT, 5, mth(LEAVES[:5]), [])
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert plan_consistency(0, 5).tiles == ()
    assert plan_frontier(0).tiles == ()


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, LARGEST_LOG + 1)])
def test_no_proof_is_planned_of_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(Malformed):
        plan_inclusion(index, size)
    with pytest.raises(Malformed):
        plan_consistency(size + 1, size)
    with pytest.raises(Malformed):
        plan_frontier(LARGEST_LOG + 1)
    with pytest.raises(Malformed):
        plan_frontier(-1)


def test_the_largest_log_can_be_planned() -> None:
    for size in (LARGEST_LOG, LARGEST_LOG - 1):
        assert {tile.level for tile in plan_inclusion(size - 1, size).tiles} <= set(range(6))
        assert plan_consistency(size // 3, size).tiles


@given(sizes)
def test_tiles_and_bundles_hold_each_hash_and_entry_once(size: int) -> None:
    assert sum(bundle.width for bundle in bundles_of(size)) == size
    for level in range(6):
        tiles = [tile for tile in tiles_of(size) if tile.level == level]
        assert sum(tile.width for tile in tiles) == size // WIDTH**level
        assert all(tile_of(size, level, tile.index) == tile for tile in tiles)
        with pytest.raises(Malformed):
            tile_of(size, level, len(tiles))


@given(st.integers(0, 2000), st.integers(0, 2500))
def test_bundles_from_an_index_on_are_the_last_of_all(size: int, start: int) -> None:
    later = list(bundles_of(size, start=start))
    assert later == [one for one in bundles_of(size) if one.index >= start // WIDTH]


@given(st.integers(0, 2**60), st.integers(1, 256), st.integers(0, 6))
def test_a_path_and_its_tile_are_one(index: int, width: int, level: int) -> None:
    named = Bundle(index, width) if level == 6 else Tile(level, index, width)
    assert read_path(named.path) == named


@pytest.mark.parametrize(
    "name",
    ["tile/0/" + "x001/" * 2000 + "001", "tile/0/\u0660\u0660\u0661", "tile/entries/000\n", ""],
)
def test_strange_paths_name_nothing(name: str) -> None:
    with pytest.raises(Malformed):
        read_path(name)


def test_every_flipped_bit_of_a_bundle_makes_another_tree_or_none() -> None:
    entries = [b"first", b"", b"third" * 60]
    bundle, data = Bundle(0, 3), write_bundle(entries)
    root = mth([leaf_hash(entry) for entry in entries])
    assert read_bundle(bundle, data) == tuple(entries)
    for bit in range(len(data) * 8):
        flipped = (int.from_bytes(data) ^ 1 << bit).to_bytes(len(data))
        try:
            others = read_bundle(bundle, flipped)
        except Malformed:
            continue
        assert Frontier().extended(map(leaf_hash, others)).root() != root


def test_a_tile_of_another_length_is_refused() -> None:
    for count in (0, 63, 65, 96):
        with pytest.raises(Malformed):
            read_tile(Tile(0, 0, 2), bytes(count))
