"""One conversation with a witness."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from docs.vectors.basics import FORGER, LOG, LOG_KEY, NOW, STRANGER, WITNESS, Case, spelled
from docs.vectors.notes import marked, note_of, signed_line
from docs.vectors.trees import LEAVES, root_of

from argo_adapters.keys.ed25519 import verify_ed25519
from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.proof import prove_consistency
from argo_core.testing.witness import ReferenceWitness


def _request(old: int, size: int, leaves: Sequence[bytes] = LEAVES, **own: Any) -> bytes:
    text = Checkpoint(LOG, size, Frontier().extend(leaves[:size]).root()).text
    proof = prove_consistency(leaves[:size], old) if old <= size else ()
    line = own.get("line") or signed_line(LOG_KEY, text)
    return AddCheckpoint(old, own.get("proof", proof), note_of(line, text=text)).encode()


def witness_talk() -> list[Case]:
    """One conversation: what is asked in this order, at these times, is answered so."""
    keys = {LOG: LOG_KEY.key}
    witness = ReferenceWitness(WITNESS, keys, verify_ed25519)
    rivals = [leaf_hash(f"rival {index}".encode()) for index in range(21)]
    stranger = Checkpoint(STRANGER.key.name, 5, root_of(5)).text
    asked = [
        ("a log it does not know", AddCheckpoint(0, (), note_of(
            signed_line(STRANGER, stranger), text=stranger)).encode()),
        ("an old size, though it has seen nothing", _request(3, 5)),
        ("the first checkpoint", _request(0, 5)),
        ("the same again", _request(5, 5)),
        ("from nothing, though it has seen five", _request(0, 8)),
        ("an old size beyond the checkpoint", _request(6, 5)),
        ("a checkpoint that another key signed", _request(
            5, 8, line=marked(LOG_KEY.key, FORGER.sign(b"anything")))),
        ("a proof that does not lead there", _request(5, 8, proof=())),
        ("a proof with a hash too many", _request(5, 5, proof=(LEAVES[0],))),
        ("another history", _request(5, 8, rivals)),
        ("another root of the same size", _request(5, 5, rivals)),
        ("three entries more", _request(5, 8)),
        ("a size it has left behind", _request(5, 8)),
        ("something malformed", b"old five\n\n"),
    ]  # fmt: skip
    talk = []
    for number, (says, body) in enumerate(asked):
        reply = witness.answer(body, NOW + number)
        told = {"status": reply.status, "content_type": reply.content_type}
        exact = reply.status == HTTPStatus.OK or reply.content_type.startswith("text/x")
        answer = {"body": spelled(reply.body)} if exact else {}
        talk.append(
            {"says": says, "time_s": NOW + number, "request": spelled(body), **told, **answer}
        )
    return talk
