"""The checks every running engine can be asked for."""

import math
from datetime import datetime

from argo_core.consensus.verdict import LEAST_SOURCES
from argo_core.engine.engine import Engine
from argo_core.ports import Clock, SignalLog
from argo_service.api.budget_probe import budget_probe
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.api.publication_probe import publication_probe
from argo_service.tally import Tally

MISSABLE_BEATS = 3
# A warm-up or a slow first answer is no illness yet.
PATIENCE_S = 15.0
HORIZON_DAYS = 30


def engine_probes(
    engine: Engine, log: SignalLog, tally: Tally, clock: Clock, calendar_until: datetime
) -> tuple[Probe, ...]:
    """Store, last cycle, source quorum, calendar horizon, paid AI's budgets, witnesses."""

    async def store() -> str:
        head = await log.head()
        return f"{head.size} entries, root {head.root.hex()[:16]}"

    async def last_cycle() -> str:
        if tally.heard_s is None:
            raise NotWell("no cycle has finished yet; wait for the first beat")
        age = clock.monotonic() - tally.heard_s
        limit = max(PATIENCE_S, MISSABLE_BEATS * engine.profile.beat_s)
        if age > limit:
            raise NotWell(
                f"the last cycle finished {age:.0f} s ago; look for cycle_failed in the log"
            )
        return f"cycle {tally.cycles} finished {age:.1f} s ago"

    async def source_quorum() -> str:
        answering = [name for name in engine.profile.sources if tally.source(name).answers]
        policies = [engine.profile.sources[name] for name in answering]
        weight = math.fsum(policy.weight for policy in policies)
        said = f"{', '.join(answering) or 'nobody'} answered last, weight {weight:.2f}"
        enough = weight >= engine.profile.quorum and len(answering) >= LEAST_SOURCES
        if not enough or not any(policy.market_data for policy in policies):
            raise NotWell(f"{said}: no quorum; see the sources' last errors")
        return said

    async def calendar_horizon() -> str:
        days = (calendar_until - clock.now()).days
        said = f"{days} days of sessions are known"
        if days < HORIZON_DAYS:
            raise NotWell(f"{said}; install a release with a newer session table")
        return said

    return (
        Probe("store", Level.READY, store),
        Probe("last_cycle", Level.READY, last_cycle),
        Probe("source_quorum", Level.DEEP, source_quorum),
        Probe("calendar_horizon", Level.DEEP, calendar_horizon),
        budget_probe(engine.profile, tally),
        publication_probe(tally),
    )
