"""Exporting by command: everything that was verified, as the log's own files."""

from pathlib import Path

import pytest_asyncio

from alpine_service.adapters.secrets.ed25519 import Ed25519Signer
from alpine_service.domain.feed.tile import Bundle, Tile, bundles_of, tiles_of
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.operating import Operator
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import open_reader
from alpine_service.testing.small_log import SmallLog

COUNT = 600


async def _read(log: SmallLog, database: TestDatabase, witness: Ed25519Signer) -> None:
    keys = [witness.verifier_key]
    async with open_reader(log, database.app, witnesses=keys, api_key=None) as reader:
        await reader.catch_up()


@pytest_asyncio.fixture
async def filled(log: SmallLog, database: TestDatabase, witness: Ed25519Signer) -> SmallLog:
    """A log of which all is in the database."""
    log.add(strategy_members())
    for number in range(COUNT):
        log.add(signal_members(f"s-{number}", sources=("prices",), facts=0))
    await log.publish()
    async with log:
        await _read(log, database, witness)
    return log


def _named(log: SmallLog) -> dict[str, bytes]:
    """The files of the log by its own word."""
    record = log.record
    pieces: list[Tile | Bundle] = [*tiles_of(log.size), *bundles_of(log.size)]
    files = {
        one.path: record.bundle(one) if isinstance(one, Bundle) else record.hashes(one)
        for one in pieces
    }
    return files | {"checkpoint": log.checkpoint}


def _laid(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


async def test_an_export_is_what_the_log_serves(
    alpine: Operator, filled: SmallLog, tmp_path: Path
) -> None:
    folder = tmp_path / "static"
    done = await alpine("export", str(folder))

    assert _laid(folder) == _named(filled)
    assert f"{COUNT + 1} entries of {filled.name}" in done.out
    again = await alpine("export", str(folder), "--json")
    assert again.json["new"] == 0
    assert again.json["size"] == COUNT + 1


async def test_an_export_grows_with_the_log(
    alpine: Operator,
    filled: SmallLog,
    database: TestDatabase,
    witness: Ed25519Signer,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "static"
    await alpine("export", str(folder))
    before = _laid(folder)
    await filled.append(*(signal_members(f"t-{number}") for number in range(200)))
    async with filled:
        await _read(filled, database, witness)
    done = await alpine("export", str(folder), "--json")

    assert done.json["new"] == len(_laid(folder)) - len(before) + 1
    assert _laid(folder) == before | _named(filled)


_ALTERED = """
UPDATE entries SET data = (SELECT data FROM entries WHERE log_index = 1) WHERE log_index = 2
"""


async def test_what_was_altered_in_the_store_is_not_exported(
    alpine: Operator, filled: SmallLog, database: TestDatabase, tmp_path: Path
) -> None:
    assert filled.size == COUNT + 1
    await database.owner.execute(_ALTERED)
    folder = tmp_path / "static"
    done = await alpine("export", str(folder), code=1)

    assert done.errors == "alpine: the stored tile/0/000 is not that of the entries\n"
    assert not (folder / "checkpoint").exists()


async def test_files_of_another_log_are_not_overwritten(
    alpine: Operator, filled: SmallLog, tmp_path: Path
) -> None:
    folder = tmp_path / "static"
    await alpine("export", str(folder))
    tile = folder / Tile(0, 0).path
    tile.write_bytes(bytes(len(tile.read_bytes())))
    done = await alpine("export", str(folder), code=1)
    assert "another log's, or altered" in done.errors
    (folder / "checkpoint").write_bytes(b"none")
    tile.write_bytes(filled.record.hashes(Tile(0, 0)))
    assert "its checkpoint is none" in (await alpine("export", str(folder), code=1)).errors


async def test_a_folder_that_is_ahead_is_left_alone(
    alpine: Operator, filled: SmallLog, tmp_path: Path
) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    await filled.append(signal_members("later"))
    (folder / "checkpoint").write_bytes(filled.checkpoint)
    done = await alpine("export", str(folder), code=1)

    assert f"it has {COUNT + 2} entries of {filled.name} already" in done.errors


async def test_nothing_verified_is_nothing_to_export(alpine: Operator, tmp_path: Path) -> None:
    done = await alpine("export", str(tmp_path / "static"), code=1)

    assert "nothing was verified yet" in done.errors


async def test_a_folder_that_cannot_be_written_is_wrong_use(
    alpine: Operator, filled: SmallLog, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.touch()
    done = await alpine("export", str(taken), code=2)

    assert "name one that can be written to" in done.errors
