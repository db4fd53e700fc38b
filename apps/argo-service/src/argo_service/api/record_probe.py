"""Whether the log is what it says of itself, as far as can be seen in a moment."""

from argo_core.errors import LogUnusable
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.tile import split_hashes
from argo_core.ports import SignalLog
from argo_service.api.probes import Level, Probe
from argo_service.parts import read_entries

NEWEST = 64
"""So many of the newest entries are hashed again."""


def self_check_probe(log: SignalLog) -> Probe:
    """A deep check: the head is signed, and the newest entries have the hashes it is made of."""

    async def look() -> str:
        head, note = await log.head(), await log.checkpoint()
        if note is None:
            return "the log is empty"
        newest = parse_checkpoint(note.text)
        # Somebody may have written between the two.
        if newest.size == head.size and newest.root != head.root:
            raise LogUnusable("the newest checkpoint has another root than the log; verify it")
        start, stop = max(0, newest.size - NEWEST), newest.size
        entries = await read_entries(log, start, stop)
        hashes = split_hashes(await log.hashes(0, start, stop), len(entries))
        if [leaf_hash(one) for one in entries] != list(hashes):
            raise LogUnusable(f"an entry from {start} to {stop} is not what was logged; verify it")
        return f"{len(entries)} entries up to {stop} are what was logged"

    return Probe("log_self_check", Level.DEEP, look)
