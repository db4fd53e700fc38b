"""Whether the workers that shall decide are there."""

from argo_core.engine.engine import Engine
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.tally import Tally


def cluster_probe(engine: Engine, tally: Tally) -> Probe:
    """A deep check: without workers this process decides everything, and may not keep the beat."""

    async def look() -> str:
        sharding, shards = engine.outside.sharding, engine.shards
        names = () if sharding is None else sharding.workers.names
        stuck = frozenset() if shards is None else shards.stuck
        if not set(names) - stuck:
            raise NotWell("no worker is there, and all is decided here; start some")
        late = f", {len(stuck)} of them late" if stuck else ""
        missed = f"{tally.missed_symbols:,} symbols missed a cycle so far"
        return f"{len(names)} workers{late}; {missed}"

    return Probe("cluster", Level.DEEP, look)
