"""The tree against published vectors, and against a reference written straight from the RFC."""

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

# The leaves, roots and proofs that Certificate Transparency's implementations share.
DATA = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PAIR_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
HALF_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
PAIR_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
PAIR_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = {
    (0, 1): [],
    (0, 8): [LEAF_1, PAIR_2_3, HALF_4_7],
    (5, 8): [LEAF_4, PAIR_6_7, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], PAIR_2_3, LEAF_4],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [LEAF_1, PAIR_2_3, HALF_4_7],
    (6, 8): [PAIR_4_5, PAIR_6_7, ROOTS[4]],
    (2, 5): [PAIR_2_3, LEAF_4],
}
LEAVES = [leaf_hash(data) for data in DATA]


def reference_root(data: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    n = len(data)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + reference_root(data[:k]) + reference_root(data[k:])).digest()


def reference_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1, word for word."""
    n = len(data)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*reference_path(m, data[:k]), reference_root(data[k:])]
    return [*reference_path(m - k, data[k:]), reference_root(data[:k])]


def reference_subproof(m: int, data: list[bytes], complete: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2, word for word."""
    n = len(data)
    if m == n:
        return [] if complete else [reference_root(data)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*reference_subproof(m, data[:k], complete), reference_root(data[k:])]
    return [*reference_subproof(m - k, data[k:], False), reference_root(data[:k])]


def numbered(size: int) -> list[bytes]:
    return [b"entry %d" % index for index in range(size)]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_published(size: int) -> None:
    assert Frontier().extend(LEAVES[:size]).root().hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_published(index: int, size: int) -> None:
    proof = prove_inclusion(LEAVES[:size], index)
    assert [node.hex() for node in proof] == INCLUSION[index, size]
    assert check_inclusion(LEAVES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_published(old: int, new: int) -> None:
    proof = prove_consistency(LEAVES[:new], old)
    assert [node.hex() for node in proof] == CONSISTENCY[old, new]
    roots = bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new])
    assert check_consistency(old, new, proof, *roots)


@given(st.integers(0, 300), st.integers(0, 300))
def test_any_two_steps_lead_to_the_reference_root(first: int, second: int) -> None:
    data = numbered(first + second)
    hashes = [leaf_hash(one) for one in data]
    frontier = Frontier().extend(hashes[:first]).extend(hashes[first:])
    assert frontier.size == len(data)
    assert frontier.root() == reference_root(data)


@given(st.integers(1, 130), st.data())
def test_inclusion_agrees_with_the_reference(size: int, data: st.DataObject) -> None:
    entries = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    hashes = [leaf_hash(one) for one in entries]
    proof = prove_inclusion(hashes, index)
    assert list(proof) == reference_path(index, entries)
    assert check_inclusion(hashes[index], index, size, proof, reference_root(entries))


@given(st.integers(1, 130), st.data())
def test_consistency_agrees_with_the_reference(size: int, data: st.DataObject) -> None:
    entries = numbered(size)
    old = data.draw(st.integers(1, size))
    proof = prove_consistency([leaf_hash(one) for one in entries], old)
    assert list(proof) == reference_subproof(old, entries, True)
    roots = reference_root(entries[:old]), reference_root(entries)
    assert check_consistency(old, size, proof, *roots)


def test_the_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()
    assert Frontier().extend([]) == Frontier()


def test_a_leaf_cannot_pass_as_a_node() -> None:
    joined = LEAVES[0] + LEAVES[1]
    assert leaf_hash(joined) != Frontier().extend(LEAVES[:2]).root()


@pytest.mark.parametrize(
    ("size", "peaks"), [(1, ()), (0, (b"\0" * 32,)), (3, (b"\0" * 32,)), (-1, (b"\0" * 32,))]
)
def test_a_frontier_has_a_peak_for_each_one_in_its_size(size: int, peaks: tuple[bytes]) -> None:
    with pytest.raises(InvalidInput, match="peaks"):
        Frontier(size, peaks)


def test_a_peak_is_a_whole_hash() -> None:
    with pytest.raises(InvalidInput, match="SHA-256"):
        Frontier(1, (b"\0" * 31,))
