"""Where a start goes on: everything of the record that the desk takes up."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.consensus.opinion import SourceName
from argo_core.engine.inputs import Hidden, Started
from argo_core.engine.outside import Outside
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.record import LogHead


async def taken_up(
    outside: Outside,
    strategy: str,
    models: Mapping[SourceName, str],
    head: LogHead,
    now: datetime,
) -> Started:
    """What stands, and what of the strategy's own is to be scored and shown yet.

    Raises:
        LogError: the log cannot be read.
    """
    index, log = outside.index, outside.log
    unresolved = await index.unresolved()
    hidden = [
        Hidden(one.index, one.entry, sealed)
        for one in await index.unrevealed()
        if decode_entry(one.body).strategy == strategy
        and (sealed := await log.sealed(decode_entry(one.entry).text("commitment")))
    ]
    return Started(
        at=now,
        size=head.size,
        next_seq=head.next_seq.get(strategy, 0),
        models=models,
        standing=await index.latest(sealed=True),
        unresolved=tuple(one for one in unresolved if decode_entry(one.body).strategy == strategy),
        hidden=tuple(hidden),
    )
