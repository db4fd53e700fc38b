"""What a log checks before it takes a batch, and where it stands afterwards. Every store uses this.

A store reads `Standing` from its disk, calls `inspect` and `follow`, and writes what they return in
one transaction. All decisions are made here, so that no two stores can decide differently.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from attrs import evolve, field, frozen

from argo_core.errors import InvalidInput, LogConflict
from argo_core.ledger.canonical import MAX_BYTES, sha256_hex
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.entry import Entry, decode_entry
from argo_core.ledger.merkle import Frontier, Rows, leaf_hash
from argo_core.ledger.record import Batch, LogHead

MAX_BATCH = 10_000
MAX_CAPSULE_BYTES = 1_048_576
MAX_SEALED_BYTES = MAX_BYTES - 1_100
"""A reveal carries the body as a string, beside members that take less than the rest."""


@frozen
class Standing:
    """A log's state between batches. `log` is the name that it and all its entries bear."""

    log: str
    frontier: Frontier = Frontier()
    next_seq: Mapping[str, int] = field(factory=dict)
    last_decided_us: int | None = None

    def head(self) -> LogHead:
        """The same as others see it."""
        return LogHead(
            self.frontier.size, self.frontier.root(), dict(self.next_seq), self.last_decided_us
        )

    def checkpoint(self) -> Checkpoint:
        """What the log signs when it stands here."""
        return Checkpoint(self.log, self.frontier.size, self.frontier.root())


@frozen
class Inspected:
    """A batch that is right in itself, with its entries decoded and its leaf hashes.

    `bodies` are the decoded bodies of its commits, by commitment. The `wanted_` are what it refers
    to and does not bring: capsules by hash, and the indices of commits that it reveals.
    """

    batch: Batch
    entries: tuple[Entry, ...]
    leaves: tuple[bytes, ...]
    bodies: Mapping[str, Entry]
    wanted_capsules: AbstractSet[str]
    wanted_commits: AbstractSet[int]


@frozen
class Stored:
    """What a store has of what a batch wants: `capsules` by hash, `commits` by index."""

    capsules: AbstractSet[str] = frozenset()
    commits: Mapping[int, bytes] = field(factory=dict)


NOTHING_STORED = Stored()


def inspect(batch: Batch) -> Inspected:
    """Check all that can be said of a batch without knowing the log.

    Raises:
        InvalidInput: it is too large, an entry is not canonical or not of its kind, or a capsule
            or sealed body is too long, does not match its hash or is named by no entry.
    """
    if len(batch.entries) > MAX_BATCH:
        problem = f"it has {len(batch.entries)} entries"
        raise InvalidInput("batch", problem, f"append at most {MAX_BATCH} at once")
    entries = tuple(map(decode_entry, batch.entries))
    bodies = _bodies(batch, entries)
    told = (*entries, *bodies.values()) if bodies else entries
    named = {entry.text("inputs_sha256") for entry in told if "inputs_sha256" in entry.fields}
    welcome = named | _raws(told) if batch.capsules.keys() - named else named
    for digest, capsule in batch.capsules.items():
        name = f"capsule {digest[:64]}"
        if len(capsule) > MAX_CAPSULE_BYTES:
            problem = f"it has {len(capsule)} bytes"
            raise InvalidInput(name, problem, f"keep it within {MAX_CAPSULE_BYTES}")
        if sha256_hex(capsule) != digest:
            raise InvalidInput(name, "its bytes have another hash", "key it by its own SHA-256")
        if digest not in welcome:
            raise InvalidInput(name, "no entry of the batch names it", "send only what is named")
    reveals = [entry for entry in entries if entry.kind == "reveal"]
    return Inspected(
        batch=batch,
        entries=entries,
        leaves=tuple(map(leaf_hash, batch.entries)),
        bodies=bodies,
        wanted_capsules=named - batch.capsules.keys(),
        wanted_commits=frozenset(entry.number("commit_index") for entry in reveals),
    )


def follow(
    standing: Standing, inspected: Inspected, stored: Stored = NOTHING_STORED
) -> tuple[Standing, Rows]:
    """Where the log stands once it has taken the batch, and the tile hashes above its leaves.

    Raises:
        InvalidInput: an entry bears another log's name, names a capsule nobody has, or reveals
            what was never committed to.
        LogConflict: the batch was built on another size, or a sequence has a gap.
    """
    size = standing.frontier.size
    if inspected.batch.first_index != size:
        problem = f"the batch starts at {inspected.batch.first_index} and the log ends at {size}"
        raise LogConflict(problem)
    newest = standing.last_decided_us
    next_seq = dict(standing.next_seq)
    for entry in inspected.entries:
        if entry.log != standing.log:
            fix = "write each log to its own store"
            raise InvalidInput("log", f"{entry.log} is not {standing.log}", fix)
        expected = next_seq.get(entry.strategy, 0)
        if entry.seq != expected:
            raise LogConflict(f"{entry.strategy} is at seq {expected}, the entry has {entry.seq}")
        next_seq[entry.strategy] = expected + 1
        newest = entry.decided_us if newest is None else max(newest, entry.decided_us)
        if entry.kind == "reveal":
            _check_reveal(entry, stored.commits.get(entry.number("commit_index")))
    absent = inspected.wanted_capsules - stored.capsules
    if absent:
        problem = f"nobody has the capsule {min(absent)}"
        raise InvalidInput("inputs_sha256", problem, "send the capsule with the batch")
    frontier, rows = standing.frontier.grow(inspected.leaves)
    following = evolve(standing, frontier=frontier, next_seq=next_seq, last_decided_us=newest)
    return following, rows


def _bodies(batch: Batch, entries: tuple[Entry, ...]) -> Mapping[str, Entry]:
    """The decoded bodies of the batch's commits, each checked against its commit."""
    told = [entry for entry in entries if entry.kind == "commit"]
    commits = {entry.text("commitment"): entry for entry in told}
    if len(commits) < len(told):
        problem = "two of its commits commit to the same"
        raise InvalidInput("commitment", problem, "commit to each body once")
    if commits.keys() != batch.sealed.keys():
        problem = "it does not bring just what its commits commit to"
        raise InvalidInput("sealed", problem, "send each body with its commit, and no other")
    bodies: dict[str, Entry] = {}
    for digest, commit in commits.items():
        sealed = batch.sealed[digest]
        if sealed.commitment != digest:
            raise InvalidInput("sealed", f"{digest} is of another body", "send what it commits to")
        body = decode_entry(sealed.body)
        escaped = len(sealed.body) + sealed.body.count(b'"') + sealed.body.count(b"\\")
        if escaped > MAX_SEALED_BYTES:
            problem = f"it takes {escaped} bytes as a string"
            raise InvalidInput("sealed", problem, f"keep it within {MAX_SEALED_BYTES}")
        if (body.kind, *_place(body)) != ("signal", *_place(commit)):
            problem = "the body is not the signal of its commit"
            raise InvalidInput("sealed", problem, "repeat log, strategy, seq and decided_us")
        bodies[digest] = body
    return bodies


def _place(entry: Entry) -> tuple[str, str, int, int]:
    return entry.log, entry.strategy, entry.seq, entry.decided_us


def _raws(entries: Iterable[Entry]) -> set[str]:
    """The hashes of vendors' replies that the entries name."""
    return {
        str(value)
        for entry in entries
        for name, value in entry.fields.items()
        if name.startswith("raw_")
    }


def _check_reveal(reveal: Entry, committed: bytes | None) -> None:
    commit = None if committed is None else decode_entry(committed)
    if (
        commit is None
        or commit.kind != "commit"
        or commit.strategy != reveal.strategy
        or commit.fields["commitment"] != reveal.fields["commitment"]
    ):
        problem = f"entry {reveal.number('commit_index')} does not commit to it"
        raise InvalidInput("commit_index", problem, "name the commit that is revealed")
