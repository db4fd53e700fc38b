"""C2SP tlog-tiles: paths, widths, and the bytes of tiles and bundles."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.merkle import Frontier, leaf_hash, node_hash
from argo_core.ledger.tile import (
    MAX_LEVEL,
    WIDTH,
    Tile,
    hashes_at,
    is_within,
    join_entries,
    parse_tile_path,
    split_entries,
    split_hashes,
    tile_at,
    tiles_of,
)

TILES = st.builds(
    Tile,
    st.none() | st.integers(0, MAX_LEVEL),
    st.integers(0, 10**18 - 1) | st.integers(0, 2_000),
    st.integers(1, WIDTH),
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(1, 999, 255), "tile/1/999.p/255"),
        (Tile(2, 1000, 1), "tile/2/x001/000.p/1"),
        (Tile(None, 7, 17), "tile/entries/007.p/17"),
        (Tile(None, 1234067), "tile/entries/x001/x234/067"),
        (Tile(5, 10**18 - 1), "tile/5/x999/x999/x999/x999/x999/999"),
    ],
)
def test_a_tile_lies_where_the_protocol_says(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_tile_path(path) == tile


@given(TILES)
def test_a_path_survives_the_way_there_and_back(tile: Tile) -> None:
    assert parse_tile_path(tile.path) == tile


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000",
     "/tile/0/000", "tile/0/000/", "tile/0/000\n", "tile/00/000", "tile/-1/000", "tile/6/000",
     "tile/63/000", "tile/8/0/000", "tile/data/000", "tile/Entries/000", "tile/0/001/234",
     "tile/0/x001", "tile/0/x001/", "tile/0/x001/x234", "tile/0/x000/001", "tile/0/x000/x001/234",
     "tile/0/x1/234", "tile/0/X001/234", "tile/0/x001//234", "tile/0/000.p", "tile/0/000.p/",
     "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/999", "tile/0/000.p/1000",
     "tile/0/000.p/01", "tile/0/000.p/+1", "tile/0/000.p/1/", "tile/0/000.P/1", "tile/0/000p/1",
     "tile/0/000.p/1.p/1", "tile/0/../0/000", "tile/0/%30%30%30", "tile/0/\u0660\u0660\u0660",
     "tile\\0\\000", "tile/0/-01", "tile/0/x001/x002/x003/x004/x005/x006/007"],
)  # fmt: skip
def test_what_is_no_path_of_a_tile_is_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="no tile's path"):
        parse_tile_path(path)


@given(st.text(st.sampled_from("tile/enrs0123x.p\n\u0663"), max_size=24))
def test_any_text_is_the_path_of_one_tile_or_of_none(text: str) -> None:
    try:
        tile = parse_tile_path(text)
    except InvalidInput:
        return
    assert tile.path == text


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (6, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_a_tile_is_within_the_protocol_s_bounds(level: int, index: int, width: int) -> None:
    with pytest.raises(InvalidInput):
        Tile(level, index, width)


def test_a_log_of_seventy_thousand_has_the_tiles_the_protocol_counts() -> None:
    tiles = tiles_of(70_000)
    for level in (None, 0):
        row = [tile for tile in tiles if tile.level == level]
        assert [tile.width for tile in row] == [WIDTH] * 273 + [112]
        assert [tile.index for tile in row] == list(range(274))
    assert [tile for tile in tiles if tile.level not in {None, 0}] == [
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_a_log_of_256_has_a_full_tile_and_one_hash_above_it() -> None:
    assert tiles_of(256) == (Tile(None, 0), Tile(0, 0), Tile(1, 0, 1))
    assert tiles_of(255) == (Tile(None, 0, 255), Tile(0, 0, 255))
    assert tiles_of(0) == ()


@given(st.integers(0, 3 * 256 * 256), st.integers(0, MAX_LEVEL))
def test_the_tiles_of_a_level_hold_each_of_its_hashes_once(size: int, level: int) -> None:
    row = [tile for tile in tiles_of(size) if tile.level == level]
    assert sum(tile.width for tile in row) == hashes_at(level, size) == size // 256**level
    assert all(before.stop == after.start for before, after in pairwise(row))
    assert all(tile.width == WIDTH for tile in row[:-1])
    assert all(is_within(tile, size) for tile in row)


@given(st.integers(1, 200_000), st.data())
def test_every_entry_and_hash_lies_in_one_tile(size: int, data: st.DataObject) -> None:
    level = data.draw(st.sampled_from([None, 0, 1]))
    count = hashes_at(level or 0, size)
    for wrong in (-1, count):
        with pytest.raises(InvalidInput, match="not among"):
            tile_at(level, wrong, size)
    if count:
        place = data.draw(st.integers(0, count - 1))
        tile = tile_at(level, place, size)
        assert tile.start <= place < tile.stop
        assert tile in tiles_of(size)


def test_a_log_has_the_tiles_of_all_sizes_it_ever_had_and_no_others() -> None:
    assert is_within(Tile(0, 1, 5), 261)
    assert is_within(Tile(0, 1, 4), 261)
    assert not is_within(Tile(0, 1, 6), 261)
    assert not is_within(Tile(0, 2, 1), 261)
    assert is_within(Tile(1, 0, 1), 261)
    assert not is_within(Tile(1, 0, 2), 261)
    assert is_within(Tile(None, 1, 5), 261)
    assert not is_within(Tile(None, 1, 6), 261)


HASHES = [leaf_hash(bytes([number])) for number in range(5)]


def test_a_tile_is_its_hashes_and_nothing_else() -> None:
    data = b"".join(HASHES)
    assert split_hashes(data, 5) == tuple(HASHES)
    for wrong in (data[:-1], data + b"\0", data[32:], b""):
        with pytest.raises(InvalidInput, match=r"a tile 5 wide has 160"):
            split_hashes(wrong, 5)


@given(st.lists(st.binary(max_size=300), max_size=WIDTH))
def test_a_bundle_survives_the_way_there_and_back(entries: list[bytes]) -> None:
    assert split_entries(join_entries(entries), len(entries)) == tuple(entries)


def test_the_longest_entry_fits_a_bundle_and_a_longer_one_does_not() -> None:
    longest = b"x" * MAX_BYTES
    assert split_entries(join_entries([longest, b""]), 2) == (longest, b"")
    with pytest.raises(InvalidInput, match="too long"):
        join_entries([b"", longest + b"x"])


@pytest.mark.parametrize(
    ("data", "width", "problem"),
    [
        (b"", 1, "within entry 0 of 1"),
        (b"\0", 1, "within entry 0 of 1"),
        (b"\0\1", 1, "within entry 0 of 1"),
        (b"\0\1a\0", 2, "within entry 1 of 2"),
        (b"\0\1a\0\2b", 2, "within entry 1 of 2"),
        (b"\0\1ab", 1, "1 bytes are left over"),
        (b"\0\1a\0\1b", 1, "3 bytes are left over"),
        (b"x", 0, "left over"),
    ],
)
def test_what_is_no_bundle_is_refused_with_the_reason(
    data: bytes, width: int, problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        split_entries(data, width)


def test_a_bundle_of_any_length_is_refused_unless_it_is_whole() -> None:
    with pytest.raises(InvalidInput, match="within entry 0 of 1"):
        split_entries(b"\xff\xff" + b"x" * 65_534, 1)
    with pytest.raises(InvalidInput, match="999488 bytes are left over"):
        split_entries(b"\0" * 1_000_000, 256)


@pytest.mark.parametrize("change", [1, 0x10, 0x80])
def test_every_byte_of_tiles_and_bundles_counts(change: int) -> None:
    entries = [b"first", b"", b"the third", b"fourth", b"5"]
    root = Frontier().extend(map(leaf_hash, entries)).root()
    bundle, tile = join_entries(entries), b"".join(map(leaf_hash, entries))
    for place in range(len(bundle)):
        damaged = bundle[:place] + bytes([bundle[place] ^ change]) + bundle[place + 1 :]
        try:
            found = split_entries(damaged, 5)
        except InvalidInput:
            continue
        assert Frontier().extend(map(leaf_hash, found)).root() != root
    for place in range(len(tile)):
        damaged = tile[:place] + bytes([tile[place] ^ change]) + tile[place + 1 :]
        assert Frontier().extend(split_hashes(damaged, 5)).root() != root


def perfect_root(hashes: list[bytes]) -> bytes:
    """The root of a power of two of leaves, pair by pair."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


@given(st.lists(st.integers(0, 700), min_size=1, max_size=4))
def test_growing_gives_the_hashes_of_the_tiles_above(steps: list[int]) -> None:
    leaves = [leaf_hash(b"%d" % number) for number in range(sum(steps))]
    frontier, above = Frontier(), list[bytes]()
    for step in steps:
        start = frontier.size
        frontier, rows = frontier.grow(leaves[start : start + step])
        assert set(rows) <= {1}
        above += rows.get(1, [])
    full = range(0, len(leaves) - WIDTH + 1, WIDTH)
    assert above == [perfect_root(leaves[at : at + WIDTH]) for at in full]
    assert frontier == Frontier().extend(leaves)


def test_the_second_level_of_tiles_is_grown_too() -> None:
    # Two leaves before the first hash of level 2 is complete, and two after it.
    leaf = leaf_hash(b"")
    before, rows = Frontier().grow([leaf] * (256 * 256 - 2))
    assert (len(rows[1]), 2 in rows) == (255, False)
    after, rows = before.grow([leaf] * 4)
    assert (len(rows[1]), len(rows[2])) == (1, 1)
    assert rows[2] == [perfect_root([rows[1][0]] * 256)]
    assert after.size == 256 * 256 + 2
