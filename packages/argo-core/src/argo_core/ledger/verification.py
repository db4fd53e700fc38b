"""Checking one entry with the file that proves it, offline: what a sceptic runs."""

from datetime import datetime

from attrs import frozen

from argo_core.errors import InvalidInput, Refuted
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.commitment import commitment
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.note import Verify
from argo_core.ledger.policy import Policy
from argo_core.ledger.proof import check_inclusion
from argo_core.ledger.proof_file import parse_proof_file
from argo_core.ledger.record import Sealed
from argo_core.ledger.verdict import Report, Verdict
from argo_core.ledger.witnessed import SLACK_S, Witnessed, clock, open_witnessed

_MICRO = 1_000_000

_ALONE = (
    "That no correction or outcome speaks of it: that takes checking the whole log.",
    "That what vendors said is true: the log shows what was published, not that it was right.",
)


@frozen
class Proved:
    """The entry `data` is at `index` of the log, under a checkpoint that meets the policy.

    `body` is the signal that it commits to, where that was shown and opens it.
    """

    index: int
    data: bytes
    entry: Entry
    witnessed: Witnessed
    body: Entry | None = None

    def report(self) -> Report:
        """The same in sentences."""
        size, seq = self.witnessed.checkpoint.size, self.entry.seq
        proved = [
            *self.witnessed.proved(),
            f"The entry, SHA-256 {sha256_hex(self.data)}, is entry {self.index} of those {size}.",
            f"It is a well-formed {self.entry.kind}, number {seq} of {self.entry.strategy}.",
        ]
        unproved = [*self.witnessed.unproved(), *_ALONE]
        official = self.witnessed.official_s
        if official is not None:
            proved.append(f"It was in the log at {clock(official)} at the latest.")
            if self.entry.decided_us > (official + SLACK_S) * _MICRO:
                unproved.append(
                    "That it was decided when it says: that is after a witness had seen it, so the"
                    " operator's clock was wrong."
                )
        if self.body is not None:
            proved.append("The body and nonce you gave are what it commits to.")
        elif self.entry.kind == "commit":
            unproved.append("What it commits to: that takes the body and the nonce.")
        return Report(Verdict.GOOD, (), tuple(proved), tuple(unproved))


def verify_proof(
    data: bytes,
    file: bytes,
    policy: Policy,
    verify: Verify,
    *,
    now: datetime,
    opening: Sealed | None = None,
) -> Proved:
    """What a proof file shows of the entry `data`; `opening` is what a commit commits to.

    Raises:
        Refuted: the file is malformed, its checkpoint bad, or it proves another entry or none; the
            entry is malformed or of another log; the opening does not fit.
        Unchecked: too few witnesses have cosigned the checkpoint.
    """
    try:
        found = parse_proof_file(file)
    except InvalidInput as error:
        raise Refuted(f"the proof file is malformed: {error}") from error
    witnessed = open_witnessed(found.checkpoint, policy, verify, now)
    head = witnessed.checkpoint
    if not check_inclusion(leaf_hash(data), found.index, head.size, found.proof, head.root):
        place = f"entry {found.index} of {head.size}"
        raise Refuted(f"the proof does not show that these bytes are {place}")
    try:
        entry = decode_entry(data)
    except InvalidInput as error:
        raise Refuted(f"entry {found.index} is logged and malformed: {error}") from error
    if entry.log != head.origin:
        raise Refuted(f"entry {found.index} bears another log's name: {entry.log}")
    body = None if opening is None else open_commit(entry, opening)
    return Proved(found.index, data, entry, witnessed, body)


def open_commit(commit: Entry, opening: Sealed) -> Entry:
    """The signal that a commit entry commits to.

    Raises:
        Refuted: it is no commit, or commits to something else, or to no signal of its own place.
    """
    if commit.kind != "commit":
        raise Refuted(f"a {commit.kind} commits to nothing")
    try:
        fits = commitment(opening.nonce, opening.body) == commit.fields["commitment"]
        body = decode_entry(opening.body) if fits else None
    except InvalidInput as error:
        raise Refuted(f"what it commits to is malformed: {error}") from error
    if body is None:
        raise Refuted("body and nonce are not what the entry commits to")
    if not is_body_of(body, commit):
        raise Refuted("it commits to something else than the signal of its place")
    return body


def is_body_of(body: Entry, commit: Entry) -> bool:
    """Whether `body` is a signal with the commit's log, strategy, number and time."""
    place = (commit.log, commit.strategy, commit.seq, commit.decided_us)
    return (body.kind, body.log, body.strategy, body.seq, body.decided_us) == ("signal", *place)
