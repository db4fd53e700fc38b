"""The record itself: checkpoint, tiles, entry bundles, proofs and entries, for anybody to check."""

from typing import Final

from aiohttp import web

from argo_core.errors import InvalidInput
from argo_core.ledger.checkpoint import parse_checkpoint
from argo_core.ledger.decimal_line import read_number
from argo_core.ledger.note import Note
from argo_core.ledger.tile import is_within, parse_tile_path
from argo_core.ports import SignalLog
from argo_service.api import keys
from argo_service.api.errors import NotThere
from argo_service.api.parameters import Parameters
from argo_service.api.public_reply import ASK_AGAIN, BYTES, FOR_EVER, TEXT, public_reply
from argo_service.api.published import Published, shown_size, some_published
from argo_service.parts import WholeTiles, prove, read_entries, read_part

PROOF_SUFFIX: Final = ".tlog-proof"


async def checkpoint(request: web.Request) -> web.Response:
    """The newest published checkpoint with its cosignatures."""
    Parameters.of(request.rel_url, ())
    published = some_published(request.app[keys.PUBLICATION])
    return public_reply(request, published.note.encode(), TEXT, ASK_AGAIN)


async def tile(request: web.Request) -> web.Response:
    """Hashes of one level."""
    return await _part(request)


async def entry_bundle(request: web.Request) -> web.Response:
    """Entries, each behind its length."""
    return await _part(request)


async def proof_file(request: web.Request) -> web.Response:
    """One offline file that proves one entry."""
    Parameters.of(request.rel_url, ())
    published = some_published(request.app[keys.PUBLICATION])
    log = request.app[keys.LOG]
    index = _index_in_path(request.rel_url.raw_path, published.size)
    note = await _checkpoint_for(log, published, index)
    tiles = WholeTiles(log.hashes, published.size)
    return public_reply(request, await prove(tiles.hashes, note, index), TEXT, ASK_AGAIN)


async def entry(request: web.Request) -> web.Response:
    """The very bytes that were hashed."""
    Parameters.of(request.rel_url, ())
    index = read_number("index", request.match_info["index"])
    if index >= shown_size(request.app[keys.PUBLICATION]):
        raise NotThere(f"entry {index} is not published")
    (data,) = await read_entries(request.app[keys.LOG], index, index + 1)
    return public_reply(request, data, BYTES, FOR_EVER)


async def _part(request: web.Request) -> web.Response:
    Parameters.of(request.rel_url, ())
    path = request.rel_url.raw_path.removeprefix("/")
    try:
        # As it was sent: a path has one spelling, so that a cache keeps one copy.
        part = parse_tile_path(path)
    except InvalidInput as error:
        raise NotThere(f"{error.problem}; {error.fix}") from error
    if not is_within(part, shown_size(request.app[keys.PUBLICATION])):
        raise NotThere(f"{part.path} is not published")
    return public_reply(request, await read_part(request.app[keys.LOG], part), BYTES, FOR_EVER)


def _index_in_path(path: str, size: int) -> int:
    text = path.removeprefix("/proof/").removesuffix(PROOF_SUFFIX)
    try:
        index = read_number("index", text)
    except InvalidInput as error:
        raise NotThere(f"{error.problem}; {error.fix}") from error
    if index >= size:
        raise NotThere(f"entry {index} is not published")
    return index


async def _checkpoint_for(log: SignalLog, published: Published, index: int) -> Note:
    """The published checkpoint, or a cosigned one before it while witnesses are awaited."""
    if published.pending:
        cosigned = await log.checkpoint(cosigned=True)
        if cosigned is not None and index < parse_checkpoint(cosigned.text).size <= published.size:
            return cosigned
    return published.note
