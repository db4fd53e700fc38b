"""Proofs for whoever asks, made of the stored tiles."""

from attrs import frozen

from alpine_service.domain.feed.checkpoint import read_checkpoint
from alpine_service.domain.feed.note import LARGEST_COUNT
from alpine_service.domain.feed.proof_file import write_proof_file
from alpine_service.domain.feed.proving import plan_inclusion
from alpine_service.domain.feed.tile import read_tile
from alpine_service.errors import NotThere
from alpine_service.ports.feed import FeedStore, StoredCheckpoint


@frozen
class Proofs:
    """Makes proof files. The signatures in them are the log's and the witnesses', not ours."""

    _store: FeedStore

    async def proof_file(self, log_index: int) -> bytes:
        """What proves an entry under the newest checkpoint whose entries were all accepted.

        Raises:
            NotThere: no such checkpoint covers the entry yet.
        """
        checkpoint = await self._store.checkpoint()
        if checkpoint is None or not 0 <= log_index < checkpoint.size:
            raise NotThere("proof")
        plan = plan_inclusion(log_index, checkpoint.size)
        stored = await self._store.tiles(plan.tiles)
        proof = plan.fold({tile: read_tile(tile, data) for tile, data in stored.items()})
        note = await cosigned_note(self._store, checkpoint)
        return write_proof_file(log_index, proof, note)


async def cosigned_note(store: FeedStore, checkpoint: StoredCheckpoint) -> bytes:
    """The checkpoint's note, with our own witness's signature if it has given one."""
    signed = read_checkpoint(checkpoint.note)
    witness = await store.witness_head(signed.head.origin)
    if witness is None or witness.head != signed.head:
        return checkpoint.note
    ours = read_checkpoint(witness.note).note.lines[-1]
    by = {(line.name, line.key_id) for line in signed.note.lines}
    if (ours.name, ours.key_id) in by or len(signed.note.lines) == LARGEST_COUNT:
        return checkpoint.note
    return checkpoint.note + witness.note.splitlines(keepends=True)[-1]
