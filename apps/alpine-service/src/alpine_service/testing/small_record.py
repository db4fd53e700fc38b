"""What a publisher keeps: entries, their tree in tiles, secret bodies. It signs what it is told."""

from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

from attrs import frozen

from alpine_service.domain.feed.canonical import Members, encode
from alpine_service.domain.feed.commitment import commitment
from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.proving import Plan, plan_consistency, plan_inclusion
from alpine_service.domain.feed.tile import LEVELS, WIDTH, Bundle, Tile, write_bundle
from alpine_service.domain.feed.tree import EMPTY_ROOT, Frontier, leaf_hash

BEGINNING_US = 1_772_452_800_000_000
"""2026-03-02T12:00:00Z, where the tests' clocks begin as well."""

SECOND_US = 1_000_000


@frozen
class Sealed:
    """What a commit keeps to itself until its reveal."""

    index: int
    commitment: str
    nonce: bytes
    body: bytes


class SmallRecord:
    """All entries of a log in memory, and every hash of its tiles."""

    def __init__(self, name: str, beginning_us: int = BEGINNING_US) -> None:
        self.name = name
        self.now_us = beginning_us
        self.entries: list[bytes] = []
        self.sealed: dict[int, Sealed] = {}
        self._levels: list[list[bytes]] = [[] for _ in range(LEVELS)]
        self._seqs: dict[str, int] = {}

    @property
    def size(self) -> int:
        return len(self.entries)

    def add(self, members: Members, strategy: str = "alpha", **common: str | int) -> Entry:
        """Take an entry in; a second passes. `common` replaces common members, as for a lie."""
        self.now_us += SECOND_US
        return self.add_bytes(encode({**members, **self._common(strategy), **common}))

    def add_bytes(self, data: bytes) -> Entry:
        """Take in bytes that are an entry."""
        entry = read_entry(self.size, data)
        self.add_anything(data)
        self._seqs[entry.strategy] = entry.seq + 1
        return entry

    def add_anything(self, data: bytes) -> int:
        """Take in bytes that need not be an entry, and return their index."""
        self.entries.append(data)
        hashed = leaf_hash(data)
        for level in self._levels:
            level.append(hashed)
            if len(level) % WIDTH:
                break
            hashed = Frontier().extended(level[-WIDTH:]).root()
        return self.size - 1

    def commit(self, signal: Members, strategy: str = "alpha", delay_s: int = 3600) -> Entry:
        """Take in the commit to a signal, and keep the signal until it is revealed."""
        self.now_us += SECOND_US
        body = encode({**signal, **self._common(strategy)})
        nonce = sha256(b"nonce" + self.size.to_bytes(8) + self.name.encode()).digest()
        committed = commitment(nonce, body)
        members: Members = {
            "kind": "commit",
            "commitment": committed,
            "reveal_after_us": self.now_us + delay_s * SECOND_US,
            **self._common(strategy),
        }
        entry = self.add_bytes(encode(members))
        self.sealed[entry.index] = Sealed(entry.index, committed, nonce, body)
        return entry

    def reveal(
        self, commit_index: int, /, strategy: str | None = None, **changes: str | int
    ) -> Entry:
        """Take in the reveal of a commit, by its own strategy unless another is to tell it."""
        sealed = self.sealed[commit_index]
        members: Members = {
            "kind": "reveal",
            "commitment": sealed.commitment,
            "commit_index": commit_index,
            "nonce": sealed.nonce.hex(),
            "body": sealed.body.decode(),
        }
        own = read_entry(commit_index, self.entries[commit_index]).strategy
        return self.add(members, strategy or own, **changes)

    def rewrite(self, entries: Sequence[bytes]) -> None:
        """Make it another history."""
        self.entries, self._levels = [], [[] for _ in range(LEVELS)]
        for data in entries:
            self.add_anything(data)

    def root(self, size: int) -> bytes:
        """The root over the first entries."""
        return Frontier().extended(self._levels[0][:size]).root() if size else EMPTY_ROOT

    def roots(self, sizes: Collection[int]) -> Mapping[int, bytes]:
        """The roots over the first entries, for each of the sizes, in one go."""
        found, frontier = {}, Frontier()
        for size in sorted(set(sizes)):
            frontier = frontier.extended(self._levels[0][frontier.size : size])
            found[size] = frontier.root() if size else EMPTY_ROOT
        return found

    def hashes(self, tile: Tile) -> bytes:
        """The bytes of a tile."""
        first = tile.index * WIDTH
        return b"".join(self._levels[tile.level][first : first + tile.width])

    def bundle(self, bundle: Bundle) -> bytes:
        """The bytes of a bundle."""
        return write_bundle(self.entries[bundle.first : bundle.first + bundle.width])

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        return self._fold(plan_inclusion(index, size))

    def consistency(self, old_size: int, size: int) -> tuple[bytes, ...]:
        return self._fold(plan_consistency(old_size, size))

    def _fold(self, plan: Plan) -> tuple[bytes, ...]:
        found: Mapping[Tile, Sequence[bytes]] = {
            tile: self._levels[tile.level][tile.index * WIDTH :][: tile.width]
            for tile in plan.tiles
        }
        return plan.fold(found)

    def _common(self, strategy: str) -> dict[str, str | int]:
        return {
            "v": 1,
            "log": self.name,
            "strategy": strategy,
            "seq": self._seqs.get(strategy, 0),
            "decided_us": self.now_us,
        }
