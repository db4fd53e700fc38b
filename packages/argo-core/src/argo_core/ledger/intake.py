"""What a log checks before it takes a batch, and where it stands afterwards. Every store uses this.

A store reads `Standing` from its disk, calls `inspect` and `follow`, and writes what they return in
one transaction. All decisions are made here, so that no two stores can decide differently.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from attrs import evolve, field, frozen

from argo_core.errors import InvalidInput, LogConflict
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.record import Batch, LogHead

MAX_BATCH = 10_000
MAX_CAPSULE_BYTES = 1_048_576


@frozen
class Standing:
    """A log's state between batches. `log` is the name all its entries bear, None while empty."""

    frontier: Frontier = Frontier()
    log: str | None = None
    next_seq: Mapping[str, int] = field(factory=dict)
    last_decided_us: int | None = None

    def head(self) -> LogHead:
        """The same as others see it."""
        return LogHead(
            self.frontier.size, self.frontier.root(), dict(self.next_seq), self.last_decided_us
        )


@frozen
class Inspected:
    """A batch that is right in itself, with its entries decoded and its leaf hashes.

    `wanted` are the hashes of capsules that it names but does not bring.
    """

    batch: Batch
    entries: tuple[Entry, ...]
    leaves: tuple[bytes, ...]
    wanted: AbstractSet[str]


def inspect(batch: Batch) -> Inspected:
    """Check all that can be said of a batch without knowing the log.

    Raises:
        InvalidInput: it is too large, an entry is not canonical or not of its kind, or a capsule
            is too long, does not match its hash or is named by no entry.
    """
    if len(batch.entries) > MAX_BATCH:
        problem = f"it has {len(batch.entries)} entries"
        raise InvalidInput("batch", problem, f"append at most {MAX_BATCH} at once")
    entries = tuple(map(decode_entry, batch.entries))
    named = {entry.text("inputs_sha256") for entry in entries if "inputs_sha256" in entry.fields}
    for digest, capsule in batch.capsules.items():
        name = f"capsule {digest[:64]}"
        if len(capsule) > MAX_CAPSULE_BYTES:
            problem = f"it has {len(capsule)} bytes"
            raise InvalidInput(name, problem, f"keep it within {MAX_CAPSULE_BYTES}")
        if sha256_hex(capsule) != digest:
            raise InvalidInput(name, "its bytes have another hash", "key it by its own SHA-256")
        if digest not in named:
            raise InvalidInput(name, "no entry of the batch names it", "send only what is named")
    return Inspected(
        batch=batch,
        entries=entries,
        leaves=tuple(map(leaf_hash, batch.entries)),
        wanted=named - batch.capsules.keys(),
    )


def follow(
    standing: Standing, inspected: Inspected, known: AbstractSet[str] = frozenset()
) -> Standing:
    """Where the log stands once it has taken the batch; `known` are wanted capsules it has.

    Raises:
        InvalidInput: an entry bears another log's name, or names a capsule nobody has.
        LogConflict: the batch was built on another size, or a sequence has a gap.
    """
    size = standing.frontier.size
    if inspected.batch.first_index != size:
        problem = f"the batch starts at {inspected.batch.first_index} and the log ends at {size}"
        raise LogConflict(problem)
    log, newest = standing.log, standing.last_decided_us
    next_seq = dict(standing.next_seq)
    for entry in inspected.entries:
        log = log or entry.log
        if entry.log != log:
            raise InvalidInput(
                "log", f"{entry.log} is not {log}", "write each log to its own store"
            )
        expected = next_seq.get(entry.strategy, 0)
        if entry.seq != expected:
            raise LogConflict(f"{entry.strategy} is at seq {expected}, the entry has {entry.seq}")
        next_seq[entry.strategy] = expected + 1
        newest = entry.decided_us if newest is None else max(newest, entry.decided_us)
    absent = inspected.wanted - known
    if absent:
        problem = f"nobody has the capsule {min(absent)}"
        raise InvalidInput("inputs_sha256", problem, "send the capsule with the batch")
    return evolve(
        standing,
        frontier=standing.frontier.extend(inspected.leaves),
        log=log,
        next_seq=next_seq,
        last_decided_us=newest,
    )
