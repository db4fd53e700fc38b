"""What a proof file proves of one entry, step by step, with the values that were compared."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import require_signed
from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.opening import open_commit
from alpine_service.domain.feed.policy import Policy, count_witnesses
from alpine_service.domain.feed.proof_file import ProofFile, read_proof_file
from alpine_service.domain.feed.tree import check_inclusion, leaf_hash
from alpine_service.domain.feed.verifier_key import Verify
from alpine_service.errors import Malformed, Refuted


class State(StrEnum):
    """How a step ended, and how all of them did: the worst of them, which is the last here."""

    PROVED = "proved"
    # The log's word, and not enough witnesses vouch for it yet.
    PENDING = "pending"
    # There was nothing to look at, because an earlier step was refuted.
    UNCHECKED = "unchecked"
    REFUTED = "refuted"


@frozen
class Step:
    """One thing that was checked; `says` is a sentence, `values` what was found, as text."""

    name: str
    state: State
    says: str
    values: Mapping[str, str] = field(factory=dict)


@frozen
class Verdict:
    """All steps, in the order of the protocol."""

    steps: tuple[Step, ...]

    @property
    def state(self) -> State:
        """Proved if every step is; pending if only witnesses are missing; otherwise refuted."""
        states = {step.state for step in self.steps}
        return next(state for state in reversed(State) if state in states)


def check_entry(data: bytes, proof_file: bytes, policy: Policy, verify: Verify) -> Verdict:
    """What the bytes of a proof file prove of the bytes of an entry, to who pins these keys.

    Nothing is asked of anybody, and what is wrong is an answer and no error.
    """
    entry, entry_step = _read_entry(data)
    proof, proof_step = _read_proof(proof_file)
    if proof is None:
        names = ("signature", "witnesses", "log", "inclusion")
        steps = tuple(_unchecked(name, "the proof file is none") for name in names)
        return Verdict((entry_step, proof_step, *steps))
    return Verdict(
        (
            entry_step,
            proof_step,
            _check_signature(proof, policy, verify),
            _check_witnesses(proof, policy, verify),
            _check_log(entry, proof),
            _check_inclusion(data, proof),
        )
    )


def check_opening(commit: bytes, nonce: bytes, body: bytes) -> Step:
    """Whether a signal is what a `commit` entry committed to: both as bytes, with the nonce."""
    try:
        entry = read_entry(0, commit)
        if entry.kind != "commit":
            return _refuted("opening", f"the entry is a {entry.kind} and no commit")
        signal = open_commit(entry, nonce, body)
    except (Malformed, Refuted) as error:
        return _refuted("opening", str(error))
    return Step(
        "opening",
        State.PROVED,
        "the signal is what was committed to",
        {
            "commitment": entry.text("commitment"),
            "nonce": nonce.hex(),
            "signal_sha256": signal.signal_sha256.hex(),
        },
    )


def _read_entry(data: bytes) -> tuple[Entry | None, Step]:
    try:
        entry = read_entry(0, data)
    except Malformed as error:
        return None, _refuted("entry", str(error))
    values = {
        "kind": entry.kind,
        "strategy": entry.strategy,
        "seq": str(entry.seq),
        "signal_sha256": entry.signal_sha256.hex(),
        "leaf_hash": entry.leaf_hash.hex(),
    }
    return entry, Step("entry", State.PROVED, f"it is a canonical {entry.kind}", values)


def _read_proof(data: bytes) -> tuple[ProofFile | None, Step]:
    try:
        proof = read_proof_file(data)
    except Malformed as error:
        return None, _refuted("proof file", str(error))
    head = proof.checkpoint.head
    values = {
        "index": str(proof.index),
        "hashes": str(len(proof.proof)),
        "log": head.origin,
        "size": str(head.size),
        "root": head.root.hex(),
    }
    return proof, Step("proof file", State.PROVED, "it and its checkpoint are well-formed", values)


def _check_signature(proof: ProofFile, policy: Policy, verify: Verify) -> Step:
    values = {"key": str(policy.log)}
    try:
        require_signed(proof.checkpoint, policy.log, verify)
    except Refuted as error:
        return _refuted("signature", str(error), values)
    return Step("signature", State.PROVED, "the checkpoint is signed by the pinned key", values)


def _check_witnesses(proof: ProofFile, policy: Policy, verify: Verify) -> Step:
    witnessed = count_witnesses(proof.checkpoint, policy, verify)
    values = {str(key): str(time_s) for key, time_s in witnessed.cosigned.items()}
    says = f"{len(values)} of the pinned witnesses cosigned it, {policy.quorum} are needed"
    state = State.PROVED if witnessed.is_met else State.PENDING
    return Step("witnesses", state, says, values)


def _check_log(entry: Entry | None, proof: ProofFile) -> Step:
    if entry is None:
        return _unchecked("log", "the entry is none")
    values = {"entry": entry.log, "checkpoint": proof.checkpoint.head.origin}
    if entry.log != proof.checkpoint.head.origin:
        return _refuted("log", "the entry bears another log's name", values)
    return Step("log", State.PROVED, "the entry bears the log's name", values)


def _check_inclusion(data: bytes, proof: ProofFile) -> Step:
    head, leaf = proof.checkpoint.head, leaf_hash(data)
    values = {
        "leaf_hash": leaf.hex(),
        "index": str(proof.index),
        "size": str(head.size),
        "root": head.root.hex(),
    }
    try:
        check_inclusion(leaf, proof.index, head.size, proof.proof, head.root)
    except Refuted as error:
        return _refuted("inclusion", str(error), values)
    return Step("inclusion", State.PROVED, "the proof leads from the entry to the root", values)


def _refuted(name: str, says: str, values: Mapping[str, str] | None = None) -> Step:
    return Step(name, State.REFUTED, says, values or {})


def _unchecked(name: str, because: str) -> Step:
    return Step(name, State.UNCHECKED, f"could not be checked: {because}")
