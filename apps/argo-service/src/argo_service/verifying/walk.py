"""From a log's checkpoint through all its bundles and tiles, a few at a time."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import TypeVar

from attrs import frozen

from argo_core.errors import InvalidInput, RecordError, Refuted, Unchecked
from argo_core.ledger.auditor import LogAuditor
from argo_core.ledger.canonical import MAX_BYTES
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint
from argo_core.ledger.merkle import HASH_BYTES
from argo_core.ledger.note import MAX_NOTE_BYTES, Note, Verify, parse_note
from argo_core.ledger.policy import Policy
from argo_core.ledger.tile import WIDTH, Tile, split_entries, tile_at
from argo_core.ledger.verdict import Report, failed
from argo_core.ledger.witnessed import open_witnessed
from argo_service.verifying.shelf import Shelf

ABREAST = 8
"""So many parts are fetched at once, and held: 134 megabytes at the very most."""
MAX_ENTRIES = 20_000_000
_MAX_BUNDLE_BYTES = WIDTH * (MAX_BYTES + 2)

Value = TypeVar("Value")


@frozen
class Reader:
    """Whom a reader trusts, and what it knows already.

    Without a `policy` a log is only checked against itself. `kept` are earlier checkpoints of it.
    """

    policy: Policy | None
    verify: Verify
    kept: tuple[Checkpoint, ...] = ()
    max_entries: int = MAX_ENTRIES


@frozen
class Walked:
    """What was found, and the checkpoint that was shown, if the log's key has signed it."""

    report: Report
    note: Note | None = None


async def walk(shelf: Shelf, reader: Reader, now: datetime) -> Walked:
    """Check everything that is on the shelf under its newest checkpoint."""
    try:
        data = await shelf.read("checkpoint", MAX_NOTE_BYTES)
        if data is None:
            raise Unchecked(f"{shelf.name} has no checkpoint: it is no log, or nothing is in it")
        if reader.policy is None:
            head, witnessed = _unsigned(data), None
        else:
            witnessed = open_witnessed(data, reader.policy, reader.verify, now)
            head = witnessed.checkpoint
    except RecordError as error:
        return Walked(failed(error))
    try:
        auditor = await _audit(shelf, head, reader)
        report = auditor.report(head, now, witnessed)
    except RecordError as error:
        report = failed(error)
    return Walked(report, None if witnessed is None else witnessed.note)


def _unsigned(data: bytes) -> Checkpoint:
    try:
        return parse_checkpoint(parse_note(data).text)
    except InvalidInput as error:
        raise Refuted(f"the checkpoint is malformed: {error}") from error


async def _audit(shelf: Shelf, head: Checkpoint, reader: Reader) -> LogAuditor:
    auditor = LogAuditor(head.origin, reader.kept)
    for one in reader.kept:
        # What is there now need not be read to know that something is gone.
        if one.size > head.size:
            raise Refuted(
                f"you kept a checkpoint of {one.size} entries and are shown one of {head.size}:"
                " it was rolled back, or an old state is replayed"
            )
        if one.size == head.size and one.root != head.root:
            raise Refuted(
                f"you kept another checkpoint of {one.size} entries: the log signed two histories,"
                " and both checkpoints are the evidence"
            )
    if head.size > reader.max_entries:
        most = f"{reader.max_entries:,}"
        raise Unchecked(f"the log has {head.size:,} entries; --max-entries allows {most}")
    step = ABREAST * WIDTH
    for start in range(0, head.size, step):
        places = range(start, min(head.size, start + step), WIDTH)
        bundles = [tile_at(None, place, head.size) for place in places]
        for entries in await together([_bundle(shelf, one) for one in bundles]):
            await _compare(shelf, auditor, auditor.take(entries))
    await _compare(shelf, auditor, auditor.rest())
    return auditor


async def _compare(
    shelf: Shelf, auditor: LogAuditor, expected: Sequence[tuple[Tile, bytes]]
) -> None:
    served = await together([_tile(shelf, tile) for tile, _ in expected])
    for (tile, data), found in zip(expected, served, strict=True):
        auditor.compare_tile(tile, data, found)


async def _bundle(shelf: Shelf, tile: Tile) -> tuple[bytes, ...]:
    data, width = await _part(shelf, tile, _MAX_BUNDLE_BYTES)
    try:
        return split_entries(data, width)[: tile.width]
    except InvalidInput as error:
        raise Refuted(f"{tile.path} is malformed: {error}") from error


async def _tile(shelf: Shelf, tile: Tile) -> bytes:
    data, width = await _part(shelf, tile, WIDTH * HASH_BYTES)
    return data if width == tile.width else data[: tile.width * HASH_BYTES]


async def _part(shelf: Shelf, tile: Tile, max_bytes: int) -> tuple[bytes, int]:
    """A tile's or bundle's bytes, and how wide it is; a log may drop partial ones once full."""
    for each in dict.fromkeys((tile, Tile(tile.level, tile.index))):
        data = await shelf.read(each.path, max_bytes)
        if data is not None:
            return data, each.width
    raise Unchecked(f"{tile.path} is missing; the checkpoint says that it is there")


async def together(asked: Sequence[Awaitable[Value]]) -> list[Value]:
    """All answers in order; when one fails, the others are not waited for."""
    tasks = [asyncio.ensure_future(one) for one in asked]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
