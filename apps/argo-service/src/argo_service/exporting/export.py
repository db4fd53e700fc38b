"""A log as static files, under the paths by which the service serves it.

The checkpoint is written last, so that whatever it covers is there before it says so. A folder that
has one is gone on with: its checkpoint must be a beginning of the log.
"""

import asyncio

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.note import MAX_NOTE_BYTES, Note, parse_note
from argo_core.ledger.tile import WIDTH, Tile, is_within
from argo_core.ledger.tile_proof import root_from
from argo_service.exporting.checked import CheckedLog, checked_log
from argo_service.exporting.files import Files
from argo_service.parts import Readable, WholeTiles, prove

CHECKPOINT = "checkpoint"
_LENGTH_BYTES = 2
_TILE_BYTES = WIDTH * HASH_BYTES
_LARGEST_BUNDLE = WIDTH * (MAX_BYTES + _LENGTH_BYTES)


@frozen
class Exported:
    """What an export left: `written` and `kept` count files."""

    size: int
    root: str
    written: int
    kept: int


async def export(log: Readable, note: Note, files: Files, *, proofs: bool = False) -> Exported:
    """Write the log as the checkpoint `note` has it; nothing is written that it does not cover.

    Raises:
        InvalidInput: the folder holds another log, another history, or more than the checkpoint.
        CannotWrite: the folder takes no file.
        LogError: the log cannot be read, or does not have the checkpoint's root.
    """
    head = parse_checkpoint(note.text)
    before = await asyncio.to_thread(_checkpoint_in, files)
    await _check_beginning(log, head, before)
    checked = await checked_log(log, head)
    for tile, data in checked.above():
        await asyncio.to_thread(files.put, tile.path, data)
    for tile in checked.tiles():
        if not await asyncio.to_thread(_is_there, files, tile, before):
            await _write(checked, tile, files)
    if proofs:
        await _write_proofs(checked, note, files)
    await asyncio.to_thread(files.settle)
    await asyncio.to_thread(files.put, CHECKPOINT, note.encode())
    return Exported(head.size, head.root.hex(), files.written, files.kept)


def _checkpoint_in(files: Files) -> Checkpoint | None:
    data = files.read(CHECKPOINT, MAX_NOTE_BYTES + 1)
    if data is None:
        return None
    try:
        return parse_checkpoint(parse_note(data).text)
    except InvalidInput as error:
        problem = f"the checkpoint in it is none: {error.problem}"
        raise InvalidInput(str(files.folder), problem, "export to another folder") from error


async def _check_beginning(log: Readable, head: Checkpoint, before: Checkpoint | None) -> None:
    if before is None:
        return
    if before.origin != head.origin:
        problem = f"the folder holds the log {before.origin}, this is {head.origin}"
        raise InvalidInput("folder", problem, "export each log to a folder of its own")
    if before.size > head.size:
        problem = f"the folder has {before.size} entries, the checkpoint {head.size}"
        fix = "wait until more is cosigned, or export with --pending"
        raise InvalidInput("folder", problem, fix)
    if await root_from(log.hashes, before.size) != before.root:
        problem = f"its first {before.size} entries are not this log's"
        fix = "keep it: of one of the two the history was changed; export to another folder"
        raise InvalidInput("folder", problem, fix)


def _is_there(files: Files, tile: Tile, before: Checkpoint | None) -> bool:
    """Whether an earlier export has checked and written a full tile and its bundle."""
    if before is None or tile.width < WIDTH or not is_within(tile, before.size):
        return False
    has_tile = files.has(tile.path, _TILE_BYTES, _TILE_BYTES)
    return has_tile and files.has(_bundle(tile), WIDTH * _LENGTH_BYTES + 1, _LARGEST_BUNDLE)


async def _write(checked: CheckedLog, tile: Tile, files: Files) -> None:
    hashes = await checked.tile(tile)
    bundle = await checked.bundle(tile, hashes)
    await asyncio.to_thread(files.put, tile.path, hashes)
    await asyncio.to_thread(files.put, _bundle(tile), bundle)


async def _write_proofs(checked: CheckedLog, note: Note, files: Files) -> None:
    # What one proof needs of level 0, the next does too.
    hashes = WholeTiles(checked.hashes, checked.head.size).hashes
    for index in range(checked.head.size):
        proof = await prove(hashes, note, index)
        await asyncio.to_thread(files.put, f"proof/{index}.tlog-proof", proof)


def _bundle(tile: Tile) -> str:
    return Tile(None, tile.index, tile.width).path
