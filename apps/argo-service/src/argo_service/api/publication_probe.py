"""Whether what is published is cosigned as the policy asks."""

from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.tally import Tally


def publication_probe(tally: Tally) -> Probe:
    """A deep check; a checkpoint that has just been published may wait for its witnesses."""

    async def look() -> str:
        record = tally.record
        if record.published is None:
            return "nothing is published yet"
        size, cosigned = record.published.size, record.published.cosigned
        said = f"{size} entries are public, cosigned by {cosigned}"
        if record.is_long_pending:
            failures = "; ".join(
                f"{one.witness}: {one.problem}" for one in record.refusals.values()
            )
            since = f"and for {record.pending_s:.0f} s that is no quorum"
            raise NotWell(f"{said}, {since} ({failures or 'no witness has failed'})")
        return said

    return Probe("publication", Level.DEEP, look)
