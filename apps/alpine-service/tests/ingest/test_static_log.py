"""The log as static files: what is stored is checked against what the log signed."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from attrs import define

from alpine_service.adapters.secrets.ed25519 import verify_ed25519
from alpine_service.domain.feed.tile import Bundle, Tile, bundles_of, tiles_of
from alpine_service.errors import Malformed, NotThere, Refuted
from alpine_service.ports.feed import FeedStore, StoredCheckpoint
from alpine_service.services.static_log import StaticLog
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog

COUNT = 300


@define
class Stored:
    """What a store would give of a log; the parts may be exchanged."""

    log: SmallLog
    entries: list[bytes]
    kept: StoredCheckpoint | None
    tiles_of: SmallLog

    async def between(self, start: int, end: int) -> Sequence[bytes]:
        return self.entries[start:end]

    async def tiles(self, tiles: Collection[Tile]) -> Mapping[Tile, bytes]:
        return {tile: self.tiles_of.record.hashes(tile) for tile in tiles}

    async def checkpoint(self) -> StoredCheckpoint | None:
        return self.kept

    async def witness_head(self, _log: str) -> None:
        return None

    async def files(self) -> dict[str, bytes]:
        store: FeedStore = self  # type: ignore[assignment]  # only what is asked of it is here
        static = StaticLog(store, self.between, self.log.key, verify_ed25519)
        return {path: data async for path, data in static.files()}


async def _log(symbol: str = "AAPL", count: int = COUNT) -> SmallLog:
    log = SmallLog()
    log.add(strategy_members())
    for number in range(count - 1):
        log.add(signal_members(f"s-{number}", symbol, sources=("prices",), facts=0))
    await log.publish()
    return log


@pytest.fixture
async def stored() -> Stored:
    log = await _log()
    kept = StoredCheckpoint(log.size, log.record.root(log.size), log.checkpoint, None)
    return Stored(log, list(log.entries), kept, log)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 600])
async def test_files_are_those_of_the_log_and_the_checkpoint_is_the_last(count: int) -> None:
    log = await _log(count=count)
    kept = StoredCheckpoint(log.size, log.record.root(log.size), log.checkpoint, None)
    files = await Stored(log, list(log.entries), kept, log).files()

    record = log.record
    pieces: list[Tile | Bundle] = [*tiles_of(count), *bundles_of(count)]
    assert files == {
        one.path: record.bundle(one) if isinstance(one, Bundle) else record.hashes(one)
        for one in pieces
    } | {"checkpoint": log.checkpoint}
    assert list(files)[-1] == "checkpoint"


async def test_a_checkpoint_by_another_key_is_refused(stored: Stored) -> None:
    stored.log = SmallLog(seed=b"\x02" * 32)

    with pytest.raises(Refuted, match="by the log's key"):
        await stored.files()


async def test_without_a_checkpoint_there_is_nothing(stored: Stored) -> None:
    stored.kept = None

    with pytest.raises(NotThere):
        await stored.files()


async def test_an_entry_that_is_missing_or_none_is_refused(stored: Stored) -> None:
    last = stored.entries.pop()
    with pytest.raises(Refuted, match="are missing"):
        await stored.files()
    stored.entries.append(last[:-1])
    with pytest.raises(Malformed):
        await stored.files()


async def test_an_entry_of_another_log_is_refused(stored: Stored) -> None:
    other = SmallLog(name="other.example/log")
    stored.entries[0] = other.add(strategy_members()).data

    with pytest.raises(Refuted, match="another log's name"):
        await stored.files()


async def test_tiles_that_are_not_those_of_the_entries_are_refused(stored: Stored) -> None:
    stored.tiles_of = await _log("MSFT")

    with pytest.raises(Refuted, match="is not that of the entries"):
        await stored.files()


async def test_another_history_that_fits_its_tiles_is_not_the_one_that_was_signed(
    stored: Stored,
) -> None:
    other = await _log("MSFT")
    stored.entries, stored.tiles_of = list(other.entries), other

    with pytest.raises(Refuted, match="not those of the checkpoint"):
        await stored.files()
