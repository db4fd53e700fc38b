"""Trees, proofs about them, tiles and bundles, good and bad."""

from docs.vectors.basics import Case, flipped, spelled_hex

from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.proof import Proof, prove_consistency, prove_inclusion
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.tile import Tile, join_entries, tiles_of

DATA = [f"entry {index}".encode() for index in range(21)]
LEAVES = [leaf_hash(one) for one in DATA]


def root_of(size: int) -> bytes:
    return Frontier().extend(LEAVES[:size]).root()


def tree_cases() -> Case:
    return {
        "entries": [one.decode() for one in DATA],
        "roots": [root_of(size).hex() for size in range(len(DATA) + 1)],
    }


def inclusion_cases() -> Case:
    def case(index: int, size: int, proof: Proof, leaf: int | None = None) -> Case:
        told = {
            "index": index,
            "size": size,
            "proof": spelled_hex(proof),
            "root": root_of(size).hex(),
        }
        return {"leaf_hash": LEAVES[index if leaf is None else leaf].hex(), **told}

    proof = prove_inclusion(LEAVES[:13], 6)
    bad = [{**case(6, 13, one), "reason": why} for why, one in _damaged(proof).items()]
    bad += [
        {**case(6, 13, proof, leaf=5), "reason": "another entry is there"},
        {**case(7, 13, proof, leaf=6), "reason": "it is at another index"},
        {**case(6, 13, proof), "root": root_of(12).hex(), "reason": "the tree has another root"},
        {**case(6, 13, proof), "index": 13, "reason": "the tree has no such entry"},
        {**case(6, 13, proof), "index": -1, "reason": "no index is negative"},
        {**case(0, 1, ()), "size": 0, "reason": "an empty tree has no entries"},
    ]
    places = [(size, index) for size in (1, 2, 3, 8, 13, 21) for index in range(size)]
    good = [case(at, size, prove_inclusion(LEAVES[:size], at)) for size, at in places]
    return {"good": good, "bad": bad}


def consistency_cases() -> Case:
    def case(old: int, size: int, proof: Proof) -> Case:
        roots = {"old_root": root_of(old).hex(), "root": root_of(size).hex()}
        return {"old_size": old, "size": size, **roots, "proof": spelled_hex(proof)}

    proof = prove_consistency(LEAVES[:13], 6)
    bad = [{**case(6, 13, one), "reason": why} for why, one in _damaged(proof).items()]
    bad += [
        {**case(6, 13, proof), "old_root": root_of(7).hex(), "reason": "the old root is another"},
        {**case(6, 13, proof), "root": root_of(12).hex(), "reason": "the new root is another"},
        {**case(13, 6, proof), "reason": "the old tree is larger"},
        {**case(0, 13, proof), "reason": "from nothing there is nothing to prove"},
        {**case(0, 13, ()), "old_root": root_of(1).hex(), "reason": "nothing has one root only"},
        {**case(0, 0, ()), "root": root_of(1).hex(), "reason": "nothing has one root only"},
        {**case(13, 13, proof), "reason": "to itself there is nothing to prove"},
        {**case(13, 13, ()), "root": root_of(12).hex(), "reason": "one size has one root"},
    ]
    places = [(size, old) for size in (0, 1, 2, 3, 8, 13, 21) for old in range(size + 1)]
    good = [case(old, size, prove_consistency(LEAVES[:size], old)) for size, old in places]
    return {"good": good, "bad": bad}


def tile_cases() -> Case:
    paths = [
        Tile(0, 0),
        Tile(0, 7, 17),
        Tile(1, 1_000),
        Tile(0, 1_234_067),
        Tile(5, 999, 255),
        Tile(None, 0, 1),
        Tile(None, 1_234_067),
    ]
    bad = {
        "groups have three digits": "tile/0/7",
        "all groups but the last begin with an x": "tile/0/001/234",
        "the last group has no x": "tile/0/x001",
        "an index has no leading group of zeros": "tile/0/x000/001",
        "a level has no leading zero": "tile/00/001",
        "the largest level is 5": "tile/6/001",
        "a full tile has no width": "tile/0/000.p/256",
        "a width has no leading zero": "tile/0/000.p/01",
        "there is no empty tile": "tile/0/000.p/0",
        "there is no stroke before it": "/tile/0/000",
        "there is no stroke after it": "tile/0/000/",
        "there is no height in it": "tile/8/0/000",
    }
    bundle = join_entries(DATA[:5])
    bad_bundles = {
        "it is cut off": (bundle[:-1], 5),
        "a length is cut off": (b"\0", 1),
        "an entry is left over": (bundle, 4),
        "an entry is missing": (bundle, 6),
        "a byte is left over": (bundle + b"\0", 5),
    }
    return {
        "paths": {
            "good": [
                {"path": one.path, "level": one.level, "index": one.index, "width": one.width}
                for one in paths
            ],
            "bad": [{"path": one, "reason": reason} for reason, one in bad.items()],
        },
        "of_size": [
            {"size": size, "paths": [one.path for one in tiles_of(size)]}
            for size in (0, 1, 255, 256, 257, 1_000)
        ],
        "bundles": {
            "good": [
                {
                    "width": width,
                    "base64": write_base64(join_entries(DATA[:width])),
                    "entries": [one.decode() for one in DATA[:width]],
                }
                for width in (1, 5)
            ],
            "bad": [
                {"width": width, "base64": write_base64(data), "reason": reason}
                for reason, (data, width) in bad_bundles.items()
            ],
        },
    }


def _damaged(proof: Proof) -> dict[str, Proof]:
    return {
        "a bit of it is flipped": (*proof[:-1], flipped(proof[-1])),
        "its first hash is missing": proof[1:],
        "its last hash is missing": proof[:-1],
        "a hash is left over": (*proof, proof[-1]),
        "two of its hashes are swapped": (proof[1], proof[0], *proof[2:]),
        "it is empty": (),
        "a hash is too short": (*proof[:-1], proof[-1][:-1]),
    }
