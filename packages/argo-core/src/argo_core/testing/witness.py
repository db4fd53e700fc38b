"""A witness without a network: C2SP tlog-witness as a state machine, to test its clients against.

It is written for reading: one request in, one answer out, and the time is an argument. What it
remembers is lost with it, so it is no witness for anything that matters.
"""

from collections.abc import Mapping

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.add_checkpoint import AddCheckpoint, parse_add_checkpoint
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note, Verify, is_signed, parse_note
from argo_core.ledger.proof import check_consistency
from argo_core.ledger.verifier_key import COSIGNATURE, VerifierKey
from argo_core.ports import Signer

PLAIN = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@frozen
class WitnessReply:
    """An answer as HTTP has it."""

    status: int
    content_type: str
    body: bytes


class ReferenceWitness:
    """Cosigns with `signer` for the logs whose keys it knows by origin.

    `seen` is the largest checkpoint of each that it cosigned.

    Raises:
        InvalidInput: the signer's key is not one for cosignatures.
    """

    def __init__(self, signer: Signer, logs: Mapping[str, VerifierKey], verify: Verify) -> None:
        if signer.key.algorithm != COSIGNATURE:
            raise InvalidInput("signer", "its key signs checkpoints", "give one that cosigns")
        self.seen: dict[str, Checkpoint] = {}
        self._signer = signer
        self._logs = dict(logs)
        self._verify = verify

    @property
    def key(self) -> VerifierKey:
        """The key it cosigns with."""
        return self._signer.key

    def answer(self, body: bytes, time_s: int) -> WitnessReply:
        """The answer to `POST /add-checkpoint` with this body, at that time since 1970."""
        try:
            asked = parse_add_checkpoint(body)
            note = parse_note(asked.checkpoint)
            new = parse_checkpoint(note.text)
        except InvalidInput as error:
            return _refused(400, str(error))
        refusal = self._stranger(note, new) or self._inconsistent(asked, new)
        if refusal is not None:
            return refusal
        # A witness that persists does so here, before anybody can hold the cosignature.
        self.seen[new.origin] = new
        line = cosign(note.text, time_s, self._signer.key, self._signer.sign)
        return WitnessReply(200, PLAIN, f"{line}\n".encode())

    def _stranger(self, note: Note, new: Checkpoint) -> WitnessReply | None:
        key = self._logs.get(new.origin)
        if key is None:
            return _refused(404, "the origin is unknown")
        if not is_signed(note, key, self._verify):
            return _refused(403, "no good signature by a key that is trusted")
        return None

    def _inconsistent(self, asked: AddCheckpoint, new: Checkpoint) -> WitnessReply | None:
        if asked.old_size > new.size:
            return _refused(400, "the old size is beyond the checkpoint's")
        old = self.seen.get(new.origin) or Checkpoint(new.origin, 0, EMPTY_ROOT)
        if asked.old_size != old.size:
            return WitnessReply(409, SIZE, f"{old.size}\n".encode())
        if new.size == old.size and new.root != old.root:
            # Not its size: the log that asked knows it, and would ask the same again for ever.
            return _refused(409, "that size was cosigned with another root")
        if not check_consistency(old.size, new.size, asked.proof, old.root, new.root):
            return _refused(422, "the proof does not lead from the old root to the new one")
        return None


def _refused(status: int, reason: str) -> WitnessReply:
    return WitnessReply(status, PLAIN, f"{reason}\n".encode())
