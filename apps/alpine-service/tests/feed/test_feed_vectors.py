"""Every vector of the protocol, the good ones and the bad ones."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.domain.feed.add_checkpoint import Refusal, Standing, consider
from alpine_service.domain.feed.canonical import decode, encode
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.commitment import commitment, opens
from alpine_service.domain.feed.cosignature import cosignature_line, cosignature_message
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.proof_file import read_proof_file, write_proof_file
from alpine_service.domain.feed.proving import plan_consistency, plan_inclusion
from alpine_service.domain.feed.sequence import follow_all
from alpine_service.domain.feed.standing import Standing as Followed
from alpine_service.domain.feed.tile import (
    Bundle,
    Tile,
    bundles_of,
    read_bundle,
    read_path,
    tiles_of,
    write_bundle,
)
from alpine_service.domain.feed.tree import (
    Frontier,
    check_consistency,
    check_inclusion,
    leaf_hash,
)
from alpine_service.domain.feed.verdict import State, check_entry
from alpine_service.domain.feed.verifier_key import Algorithm, read_verifier_key
from alpine_service.errors import FeedError, Malformed, Refuted

VECTORS: dict[str, Any] = json.loads(
    Path(__file__).with_name("signal-feed-vectors.json").read_text("utf-8")
)
POLICY = Policy(
    read_verifier_key(VECTORS["policy"]["log"]),
    tuple(map(read_verifier_key, VECTORS["policy"]["witnesses"])),
    VECTORS["policy"]["quorum"],
)
LEAVES = [leaf_hash(entry.encode()) for entry in VECTORS["trees"]["entries"]]
H = bytes.fromhex

Vector = dict[str, Any]


def raw(value: Vector) -> bytes:
    """Bytes that are text stand under `text`, and others in base64."""
    return value["text"].encode() if "text" in value else b64decode(value["base64"])


def good(*path: str) -> pytest.MarkDecorator:
    return _each(*path, "good")


def bad(*path: str) -> pytest.MarkDecorator:
    return _each(*path, "bad")


def _each(*path: str) -> pytest.MarkDecorator:
    found: Any = VECTORS
    for name in path:
        found = found[name]
    ids = [f"{place} {one.get('reason', one.get('says', ''))}" for place, one in enumerate(found)]
    return pytest.mark.parametrize("vector", found, ids=ids)


@good("keys")
def test_a_good_key_is_read(vector: Vector) -> None:
    key = read_verifier_key(vector["key"])
    assert str(key) == vector["key"]
    assert (key.name, key.id.hex(), key.algorithm, key.public_key.hex()) == (
        vector["name"],
        vector["id"],
        vector["algorithm"],
        vector["public_key"],
    )


@bad("keys")
def test_a_bad_key_is_refused(vector: Vector) -> None:
    with pytest.raises(Malformed):
        read_verifier_key(vector["key"])


@good("canonical")
def test_canonical_bytes_are_read_and_written(vector: Vector) -> None:
    data = raw(vector)
    assert encode(decode(data)) == data
    assert leaf_hash(data).hex() == vector["leaf_hash"]


@bad("canonical")
def test_other_bytes_are_refused(vector: Vector) -> None:
    with pytest.raises(Malformed) as refusal:
        decode(raw(vector))
    assert refusal.value.reason == "not-canonical"


@good("entries")
def test_a_good_entry_is_read(vector: Vector) -> None:
    entry = read_entry(7, raw(vector))
    assert entry.index == 7
    assert entry.kind == vector["kind"]
    assert entry.signal_sha256.hex() == vector["signal_sha256"]
    assert entry.leaf_hash.hex() == vector["leaf_hash"]
    assert encode(entry.members) == entry.data == raw(vector)


@bad("entries")
def test_a_bad_entry_is_refused(vector: Vector) -> None:
    with pytest.raises(Malformed):
        read_entry(0, raw(vector))


def test_every_root_is_had_by_growing() -> None:
    frontier = Frontier()
    for size, root in enumerate(VECTORS["trees"]["roots"]):
        assert frontier.size == size
        assert frontier.root().hex() == root
        frontier = frontier.extended(LEAVES[size : size + 1])


def _check_inclusion(vector: Vector) -> None:
    check_inclusion(
        H(vector["leaf_hash"]),
        vector["index"],
        vector["size"],
        [H(one) for one in vector["proof"]],
        H(vector["root"]),
    )


@good("inclusion")
def test_an_inclusion_is_proved(vector: Vector) -> None:
    _check_inclusion(vector)
    plan = plan_inclusion(vector["index"], vector["size"])
    tile = Tile(0, 0, vector["size"])
    assert [one.hex() for one in plan.fold({tile: LEAVES[: tile.width]})] == vector["proof"]


@bad("inclusion")
def test_a_bad_inclusion_is_refuted(vector: Vector) -> None:
    with pytest.raises(Refuted):
        _check_inclusion(vector)


def _check_consistency(vector: Vector) -> None:
    check_consistency(
        vector["old_size"],
        H(vector["old_root"]),
        vector["size"],
        H(vector["root"]),
        [H(one) for one in vector["proof"]],
    )


@good("consistency")
def test_a_consistency_is_proved(vector: Vector) -> None:
    _check_consistency(vector)
    plan = plan_consistency(vector["old_size"], vector["size"])
    tile = Tile(0, 0, vector["size"])
    assert [one.hex() for one in plan.fold({tile: LEAVES[: tile.width]})] == vector["proof"]


@bad("consistency")
def test_a_bad_consistency_is_refuted(vector: Vector) -> None:
    with pytest.raises(Refuted):
        _check_consistency(vector)


@good("tiles", "paths")
def test_a_path_names_a_tile(vector: Vector) -> None:
    level, index, width = vector["level"], vector["index"], vector["width"]
    named = read_path(vector["path"])
    assert named == (Bundle(index, width) if level is None else Tile(level, index, width))
    assert named.path == vector["path"]


@bad("tiles", "paths")
def test_a_bad_path_names_nothing(vector: Vector) -> None:
    with pytest.raises(Malformed):
        read_path(vector["path"])


@_each("tiles", "of_size")
def test_a_log_has_these_tiles(vector: Vector) -> None:
    size = vector["size"]
    found: list[Bundle | Tile] = [*bundles_of(size), *tiles_of(size)]
    assert [one.path for one in found] == vector["paths"]


@good("tiles", "bundles")
def test_a_bundle_is_read_and_written(vector: Vector) -> None:
    entries = read_bundle(Bundle(0, vector["width"]), raw(vector))
    assert [entry.decode() for entry in entries] == vector["entries"]
    assert write_bundle(entries) == raw(vector)


@bad("tiles", "bundles")
def test_a_bad_bundle_is_refused(vector: Vector) -> None:
    with pytest.raises(Malformed):
        read_bundle(Bundle(0, vector["width"]), raw(vector))


@good("checkpoints")
def test_a_good_checkpoint_is_read(vector: Vector) -> None:
    witnessed = read_witnessed(raw(vector), POLICY, verify_ed25519)
    assert witnessed.head == Head(vector["origin"], vector["size"], H(vector["root"]))
    assert {key.name: time for key, time in witnessed.cosigned.items()} == vector["cosigned"]
    assert witnessed.is_met == vector["is_met"]
    assert witnessed.witnessed_at_s == vector["witnessed_at"]


@bad("checkpoints")
def test_a_bad_checkpoint_is_refused(vector: Vector) -> None:
    with pytest.raises((Malformed, Refuted)):
        read_witnessed(raw(vector), POLICY, verify_ed25519)


def _states(vector: Vector) -> dict[str, State]:
    """Entries of these vectors are any bytes, so what is said of the entry itself is left out."""
    verdict = check_entry(raw(vector["entry"]), raw(vector["file"]), POLICY, verify_ed25519)
    return {step.name: step.state for step in verdict.steps if step.name not in ("entry", "log")}


@good("proof_files")
def test_a_good_proof_file_proves(vector: Vector) -> None:
    data = raw(vector["file"])
    file = read_proof_file(data)
    assert (file.index, file.checkpoint.head.size) == (vector["index"], vector["size"])
    assert write_proof_file(file.index, file.proof, file.checkpoint.data, file.extra) == data
    assert set(_states(vector).values()) == {State.PROVED}
    witnessed = read_witnessed(file.checkpoint.data, POLICY, verify_ed25519)
    assert witnessed.witnessed_at_s == vector["witnessed_at"]


@bad("proof_files")
def test_a_bad_proof_file_proves_nothing(vector: Vector) -> None:
    assert State.REFUTED in _states(vector).values()


@good("commitments")
def test_a_commitment_is_opened(vector: Vector) -> None:
    nonce, body = H(vector["nonce"]), raw(vector["body"])
    assert commitment(nonce, body) == vector["commitment"]
    assert opens(nonce, body, vector["commitment"])


@bad("commitments")
def test_nothing_else_opens_it(vector: Vector) -> None:
    assert not opens(H(vector["nonce"]), raw(vector["body"]), vector["commitment"])


def test_the_conversation_with_the_witness() -> None:
    key = POLICY.witnesses[0]
    signer = make_signer(key.name, H(VECTORS["seeds"][str(key)]), Algorithm.COSIGNATURE)
    known = {POLICY.log.name: Standing(POLICY.log)}
    for vector in VECTORS["witness"]:
        answer = consider(raw(vector["request"]), known, verify_ed25519)
        if isinstance(answer, Refusal):
            assert (answer.status, answer.content_type) == (
                vector["status"],
                vector["content_type"],
            ), vector["says"]
            assert raw(vector.get("body", {"text": answer.body})).decode() == answer.body
        else:
            assert vector["status"] == 200, vector["says"]
            known[answer.head.origin] = Standing(POLICY.log, answer.head.size, answer.head.root)
            message = cosignature_message(vector["time_s"], answer.head.text())
            line = cosignature_line(key, vector["time_s"], signer.sign(message))
            assert line.encode() == raw(vector["body"])


def _follow_whole_log(vector: Vector) -> Followed:
    """The whole of what a verifier checks, with the domain's own pieces."""
    head = read_witnessed(raw(vector["checkpoint"]), POLICY, verify_ed25519).head
    data = [raw(entry) for entry in vector["entries"]]
    if (len(data), Frontier().extended(map(leaf_hash, data)).root()) != (head.size, head.root):
        raise Refuted("wrong-root", "the entries are not those of the checkpoint")
    entries = [read_entry(index, one) for index, one in enumerate(data)]
    return follow_all(POLICY.log.name, Followed(), entries)


@good("logs")
def test_a_good_log_is_followed(vector: Vector) -> None:
    followed = _follow_whole_log(vector)
    assert sum(state.next_seq for state in followed.strategies.values()) == len(vector["entries"])


@bad("logs")
def test_a_bad_log_is_refused(vector: Vector) -> None:
    with pytest.raises(FeedError):
        _follow_whole_log(vector)


def test_no_vector_is_left_out() -> None:
    assert set(VECTORS) == {
        "about",
        "policy",
        "seeds",
        "keys",
        "canonical",
        "entries",
        "trees",
        "inclusion",
        "consistency",
        "tiles",
        "checkpoints",
        "proof_files",
        "commitments",
        "witness",
        "logs",
    }
