"""The vectors are what the code makes, and the page is enough to write a verifier that agrees."""

import importlib.util
import json
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from docs.vectors.basics import AT
from docs.vectors.written import FILE, written

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_core.errors import InvalidInput
from argo_core.ledger.auditor import LogAuditor
from argo_core.ledger.canonical import decode
from argo_core.ledger.checkpoint import open_checkpoint
from argo_core.ledger.commitment import commitment
from argo_core.ledger.cosignature import cosignatures
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.proof import check_consistency, check_inclusion
from argo_core.ledger.proof_file import parse_proof_file
from argo_core.ledger.tile import parse_tile_path, split_entries
from argo_core.ledger.verdict import Verdict
from argo_core.ledger.verifier_key import parse_verifier_key
from argo_core.market.moment import from_micros

Case = dict[str, Any]
VECTORS: Case = json.loads(FILE.read_text("utf-8"))
SOURCE = FILE.with_name("signal_feed_verifier.py")


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("signal_feed_verifier", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


stranger = _load()
THEIRS = stranger.Policy(
    stranger.verifier_key(VECTORS["policy"]["log"]),
    tuple(map(stranger.verifier_key, VECTORS["policy"]["witnesses"])),
    VECTORS["policy"]["quorum"],
)
OURS = Policy(
    parse_verifier_key(VECTORS["policy"]["log"]),
    tuple(WitnessKey(parse_verifier_key(one)) for one in VECTORS["policy"]["witnesses"]),
    VECTORS["policy"]["quorum"],
)


def data_of(case: Case) -> bytes:
    return case["text"].encode() if "text" in case else b64decode(case["base64"])


def hashes_of(case: Case, *names: str) -> list[Any]:
    told = [bytes.fromhex(case[name]) for name in names]
    return [*told, [bytes.fromhex(one) for one in case["proof"]]]


# What each reader says of a case: an answer to compare with the vector, or a refusal.


def their_key(case: Case) -> Case:
    key = stranger.verifier_key(case["key"])
    told = {"name": key.name, "id": key.key_id.hex(), "algorithm": key.algorithm}
    return {**told, "public_key": key.public.hex()}


def our_key(case: Case) -> Case:
    key = parse_verifier_key(case["key"])
    told = {"name": key.name, "id": key.key_id.hex(), "algorithm": key.algorithm}
    return {**told, "public_key": key.public_key.hex()}


def their_entry(read: Callable[[bytes], object], case: Case) -> Case:
    data = data_of(case)
    read(data)
    digest = stranger.sha256(data).hexdigest()
    return {"signal_sha256": digest, "leaf_hash": stranger.leaf_hash(data).hex()}


def their_inclusion(case: Case) -> Case:
    leaf, root, proof = hashes_of(case, "leaf_hash", "root")
    stranger.check_inclusion(leaf, case["index"], case["size"], proof, root)
    return {}


def our_inclusion(case: Case) -> Case:
    leaf, root, proof = hashes_of(case, "leaf_hash", "root")
    good = check_inclusion(leaf, case["index"], case["size"], proof, root)
    return _believed(good)


def their_consistency(case: Case) -> Case:
    old, new, proof = hashes_of(case, "old_root", "root")
    stranger.check_consistency(case["old_size"], case["size"], proof, old, new)
    return {}


def our_consistency(case: Case) -> Case:
    old, new, proof = hashes_of(case, "old_root", "root")
    return _believed(check_consistency(case["old_size"], case["size"], proof, old, new))


def _believed(good: object) -> Case:
    if not good:
        raise InvalidInput("proof", "it is not believed", "send a good one")
    return {}


def their_path(case: Case) -> Case:
    tile = stranger.parse_tile_path(case["path"])
    return {"level": tile.level, "index": tile.index, "width": tile.width}


def our_path(case: Case) -> Case:
    tile = parse_tile_path(case["path"])
    return {"level": tile.level, "index": tile.index, "width": tile.width}


def bundle(split: Callable[[bytes, int], Any], case: Case) -> Case:
    return {"entries": [one.decode() for one in split(data_of(case), case["width"])]}


def _head(size: int, root: bytes, cosigned: dict[str, int]) -> Case:
    told = {"size": size, "root": root.hex(), "cosigned": cosigned}
    return {**told, "witnessed_at": min(cosigned.values(), default=None)}


def their_checkpoint(case: Case) -> Case:
    head = stranger.checkpoint(data_of(case), THEIRS)
    return {**_head(head.size, head.root, head.cosigned), "is_met": head.is_met}


def our_checkpoint(case: Case) -> Case:
    head, note = open_checkpoint(data_of(case), OURS.log, verify_ed25519)
    found = cosignatures(note, OURS.keys, verify_ed25519)
    cosigned = {one.key.name: one.time_s for one in found}
    return {**_head(head.size, head.root, cosigned), "is_met": OURS.is_met(found)}


def their_proof_file(case: Case) -> Case:
    leaf = stranger.leaf_hash(data_of(case["entry"]))
    index, head = stranger.proof_file(data_of(case["file"]), leaf, THEIRS)
    witnessed = min(head.cosigned.values())
    return {"index": index, "size": head.size, "witnessed_at": witnessed}


def our_proof_file(case: Case) -> Case:
    file = parse_proof_file(data_of(case["file"]))
    head, note = open_checkpoint(file.checkpoint, OURS.log, verify_ed25519)
    leaf = stranger.leaf_hash(data_of(case["entry"]))
    _believed(check_inclusion(leaf, file.index, head.size, file.proof, head.root))
    found = cosignatures(note, OURS.keys, verify_ed25519)
    witnessed = min(one.time_s for one in found)
    return {"index": file.index, "size": head.size, "witnessed_at": witnessed}


def opens(commit: Callable[[bytes, bytes], str], case: Case) -> Case:
    told = commit(bytes.fromhex(case["nonce"]), data_of(case["body"]))
    return _believed(told == case["commitment"])


def their_log(case: Case) -> Case:
    entries = [data_of(one) for one in case["entries"]]
    stranger.whole_log(entries, data_of(case["checkpoint"]), THEIRS)
    return {}


def our_log(case: Case) -> Case:
    head, _ = open_checkpoint(data_of(case["checkpoint"]), OURS.log, verify_ed25519)
    auditor = LogAuditor(OURS.log.name)
    auditor.take([data_of(one) for one in case["entries"]])
    report = auditor.report(head, from_micros(AT))
    if report.verdict is not Verdict.GOOD:
        raise InvalidInput("log", report.problems[0], "do not believe it")
    return {}


READERS: dict[str, tuple[Callable[[Case], Case], ...]] = {
    "keys": (their_key, our_key),
    "canonical": (partial(their_entry, stranger.canonical), partial(their_entry, decode)),
    "entries": (partial(their_entry, stranger.entry), partial(their_entry, decode_entry)),
    "inclusion": (their_inclusion, our_inclusion),
    "consistency": (their_consistency, our_consistency),
    "tiles paths": (their_path, our_path),
    "tiles bundles": (partial(bundle, stranger.split_bundle), partial(bundle, split_entries)),
    "checkpoints": (their_checkpoint, our_checkpoint),
    "proof_files": (their_proof_file, our_proof_file),
    "commitments": (partial(opens, stranger.commitment), partial(opens, commitment)),
    "logs": (their_log, our_log),
}


def cases(section: str, verdict: str) -> Iterator[Case]:
    at: Any = VECTORS
    for name in section.split():
        at = at[name]
    yield from at[verdict]


def test_the_vectors_are_what_the_code_makes() -> None:
    assert FILE.read_text("utf-8") == written(), "run `python -m docs.vectors`"


@pytest.mark.parametrize("section", READERS)
def test_every_reader_accepts_what_is_good_and_says_the_same_of_it(section: str) -> None:
    for read in READERS[section]:
        good = list(cases(section, "good"))
        assert good
        for case in good:
            told = read(case)
            assert {name: case[name] for name in told} == told


@pytest.mark.parametrize("section", READERS)
def test_every_reader_refuses_what_is_bad(section: str) -> None:
    for read in READERS[section]:
        bad = list(cases(section, "bad"))
        assert bad
        assert all(case["reason"] for case in bad)
        for case in bad:
            refused = False
            try:
                read(case)
            except (stranger.Refused, InvalidInput) as error:
                refused = bool(str(error))
            assert refused, case["reason"]


def test_the_roots_are_those_of_the_page() -> None:
    leaves = [stranger.leaf_hash(one.encode()) for one in VECTORS["trees"]["entries"]]
    roots = [stranger.root_of(leaves[:size]).hex() for size in range(len(leaves) + 1)]
    assert roots == VECTORS["trees"]["roots"]


def test_a_log_s_tiles_are_those_of_the_page() -> None:
    for case in VECTORS["tiles"]["of_size"]:
        assert list(stranger.tile_paths(case["size"])) == case["paths"]


def test_every_kind_has_a_good_entry() -> None:
    assert {case["kind"] for case in VECTORS["entries"]["good"]} == stranger.KINDS


def test_the_witness_s_cosignatures_are_good_and_its_conversation_is_the_reference_s() -> None:
    statuses = [turn["status"] for turn in VECTORS["witness"]]
    assert set(statuses) == {200, 400, 403, 404, 409, 422}
    for turn in VECTORS["witness"]:
        if turn["status"] == 200:
            signed = data_of(turn["request"]).partition(b"\n\n")[2] + data_of(turn["body"])
            head = stranger.checkpoint(signed, THEIRS)
            assert head.cosigned == {THEIRS.witnesses[0].name: turn["time_s"]}


def test_the_verifier_is_a_stranger() -> None:
    text = SOURCE.read_text("utf-8")
    assert "argo_" not in text
    assert {
        line.split()[1].partition(".")[0]
        for line in text.split("\n")
        if line.startswith(("import ", "from "))
    } <= {
        *sys.stdlib_module_names,
        "cryptography",
    }
