"""A small record in which entries refer to each other, and the signed proofs of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from argo_core.ledger.canonical import Scalar, decode
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.commitment import commitment
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import Note
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.proof import prove_inclusion
from argo_core.ledger.proof_file import ProofFile
from argo_core.ledger.record import Sealed
from argo_core.ledger.tile import WIDTH, join_entries, tiles_of
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import LOG, tiny_quiet, tiny_signal
from argo_core.testing.fake_signer import FakeSigner

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
SIGNER = FakeSigner(LOG)
WITNESS = FakeSigner("witness.example/w", COSIGNATURE)
OTHER = FakeSigner("other.example/w", COSIGNATURE)
ALONE = Policy(SIGNER.key)
ONE = Policy(SIGNER.key, (WitnessKey(WITNESS.key),), 1)
BOTH = Policy(SIGNER.key, (WitnessKey(WITNESS.key), WitnessKey(OTHER.key)), 2)

DECIDED = 1_700_000_000_000_000

_NUMBERS = (
    "beat_s",
    "tau",
    "lam",
    "quorum",
    "publish_move",
    "max_quote_age_s",
    "price_deadline_s",
)


def head_of(entries: Sequence[bytes], log: str = LOG) -> Checkpoint:
    """The checkpoint over these entries."""
    frontier = Frontier().extend(map(leaf_hash, entries))
    return Checkpoint(log, frontier.size, frontier.root())


def signed(checkpoint: Checkpoint, witnesses: Mapping[FakeSigner, int] | None = None) -> Note:
    """The checkpoint, signed, and cosigned by these at these times."""
    note = sign_checkpoint(checkpoint, SIGNER.key, SIGNER.sign)
    given = {WITNESS: NOW_S} if witnesses is None else witnesses
    lines = [cosign(note.text, time_s, one.key, one.sign) for one, time_s in given.items()]
    return note.with_lines(*lines)


def proof_of(entries: Sequence[bytes], index: int, note: Note | None = None) -> bytes:
    """The proof file of an entry."""
    note = note or signed(head_of(entries))
    proof = prove_inclusion([leaf_hash(one) for one in entries], index)
    return ProofFile(index, proof, note.encode()).encode()


def files_of(entries: Sequence[bytes], note: Note) -> dict[str, bytes]:
    """What a log of these entries serves, by path; hashed plainly, level by level."""
    files = {"checkpoint": note.encode()}
    leaves = list(map(leaf_hash, entries))
    for tile in tiles_of(len(entries)):
        if tile.level is None:
            files[tile.path] = join_entries(entries[tile.start : tile.stop])
        else:
            span = WIDTH**tile.level
            places = range(tile.start, tile.stop)
            roots = [Frontier().extend(leaves[at * span : (at + 1) * span]).root() for at in places]
            files[tile.path] = b"".join(roots)
    return files


def changed(data: bytes, **members: Scalar) -> bytes:
    """The same entry with other members."""
    return encode_entry({**decode(data), **members})


def _common(kind: str, seq: int, strategy: str = "alpha", log: str = LOG) -> dict[str, Scalar]:
    return {
        "v": 1,
        "kind": kind,
        "log": log,
        "strategy": strategy,
        "seq": seq,
        "decided_us": DECIDED,
    }


def strategy_entry(seq: int, disclosure: str = "delayed", strategy: str = "alpha") -> bytes:
    """The registration of a strategy."""
    sha = "0" * 64
    numbers: dict[str, Scalar] = dict.fromkeys(_NUMBERS, "1")
    return encode_entry(
        {
            **_common("strategy", seq, strategy),
            "disclosure": disclosure,
            "reveal_after_s": 60 if disclosure == "delayed" else 0,
            "outcome_rule": "rule/v1",
            "profile": "weighted-consensus-6.0",
            "universe": "AAPL",
            "config_sha256": sha,
            "code_sha256": sha,
            "models_sha256": sha,
            "horizon_s": 3_600,
            "theta_bp": 7_500,
            "publish_step_bp": 100,
            **numbers,
        }
    )


def sealed_signal(seq: int, direction: str = "BUY", strategy: str = "alpha") -> Sealed:
    """A signal and a nonce, to commit to."""
    body = tiny_signal(seq, direction=direction, strategy=strategy)
    return Sealed(body, bytes([seq]) * 32)


def commit_to(sealed: Sealed, seq: int, strategy: str = "alpha", reveal_after_us: int = 1) -> bytes:
    """The entry that commits to it."""
    members: dict[str, Scalar] = {
        "commitment": sealed.commitment,
        "reveal_after_us": reveal_after_us,
    }
    return encode_entry({**_common("commit", seq, strategy), **members})


def reveal_of(sealed: Sealed, index: int, seq: int, strategy: str = "alpha") -> bytes:
    """The entry that reveals it, committed to at `index`."""
    return encode_entry(
        {
            **_common("reveal", seq, strategy),
            "commitment": commitment(sealed.nonce, sealed.body),
            "commit_index": index,
            "nonce": sealed.nonce.hex(),
            "body": sealed.body.decode(),
        }
    )


def outcome_of(index: int, seq: int, signal_id: str, **members: Scalar) -> bytes:
    """The outcome of the signal at `index`, void unless `members` say more."""
    return encode_entry(
        {
            **_common("outcome", seq),
            "signal_index": index,
            "signal_id": signal_id,
            "symbol": "AAPL",
            "rule": "rule/v1",
            "result": "void",
            "problem": "no price",
            "prices": 0,
            "gap_us": 0,
            **members,
        }
    )


def correct(seq: int, index: int) -> bytes:
    """An entry that corrects the one at `index`."""
    return encode_entry({**_common("correct", seq), "index": index, "note": "a wrong price"})


def trade(seq: int, signal_index: int | None) -> bytes:
    """An order, for a signal or none."""
    named: dict[str, Scalar] = {} if signal_index is None else {"signal_index": signal_index}
    return encode_entry(
        {
            **_common("trade", seq),
            "order_id": "o-1",
            "symbol": "AAPL",
            "side": "BUY",
            "event": "submitted",
            "quantity": "1",
            "broker": "paper",
            "at_us": DECIDED,
            **named,
        }
    )


def small_record() -> list[bytes]:
    """What a delayed strategy and an open one say between them; every reference is good."""
    sealed = sealed_signal(1)
    return [
        strategy_entry(0),
        commit_to(sealed, 1),
        strategy_entry(0, "open", "beta"),
        tiny_signal(1, strategy="beta"),
        reveal_of(sealed, 1, 2),
        outcome_of(1, 3, "alpha-1"),
        changed(outcome_of(3, 2, "beta-1"), strategy="beta"),
        trade(4, 1),
        trade(5, None),
        correct(6, 0),
        tiny_quiet(7),
    ]
