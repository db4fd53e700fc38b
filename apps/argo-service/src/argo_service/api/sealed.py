"""`GET /api/v1/bodies`: what the log has only committed to, for those who may know it early."""

from aiohttp import web

from argo_core.errors import LogUnusable
from argo_core.ledger.decimal_line import read_number
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.strict_base64 import write_base64
from argo_core.market.moment import from_micros
from argo_core.ports import SignalLog
from argo_service.api import keys
from argo_service.api.bodies import BodiesBody, SealedBody
from argo_service.api.parameters import Parameters
from argo_service.api.published import log_body, shown_size
from argo_service.api.replies import json_reply
from argo_service.parts import kind_of, read_entries

# Of so many entries those that are commitments are looked through at a time.
WINDOW = 1_000


async def bodies(request: web.Request) -> web.Response:
    """The bodies of the commitments among the published entries from an index on."""
    parameters = Parameters.of(request.rel_url, ("from", "limit"))
    start, limit = read_number("from", parameters.given.get("from", "0")), parameters.limit()
    log, publication = request.app[keys.LOG], request.app[keys.PUBLICATION]
    size = shown_size(publication)
    found: list[SealedBody] = []
    place, stop = start, min(size, start + WINDOW)
    for data in await read_entries(log, place, stop) if place < stop else ():
        if len(found) == limit:
            break
        body = await _body(log, place, data)
        found += [body] if body else []
        place += 1
    answer = BodiesBody(tuple(found), place, log_body(publication, log.key))
    return json_reply(answer)


async def _body(log: SignalLog, index: int, data: bytes) -> SealedBody | None:
    if kind_of(data) != "commit":
        return None
    entry = decode_entry(data)
    commitment = entry.text("commitment")
    sealed = await log.sealed(commitment)
    if sealed is None:
        raise LogUnusable(f"what entry {index} commits to is not there")
    return SealedBody(
        index=index,
        commitment=commitment,
        body=write_base64(sealed.body),
        nonce=write_base64(sealed.nonce),
        reveal_after=from_micros(entry.number("reveal_after_us")),
    )
