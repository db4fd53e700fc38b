"""The checks every running engine can be asked for."""

import math
from collections.abc import Callable
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


def never() -> float | None:
    """Of a process without a standby: it never stands by."""
    return None


def engine_probes(
    engine: Engine,
    log: SignalLog,
    tally: Tally,
    clock: Clock,
    calendar_until: datetime,
    *,
    shadowed_s: Callable[[], float | None] = never,
) -> tuple[Probe, ...]:
    """Store, last cycle, source quorum, calendar horizon, paid AI's budgets, witnesses.

    `shadowed_s` is the monotonic moment of the last beat of standing by.
    """

    async def store() -> str:
        head = await log.head()
        return f"{head.size} entries, root {head.root.hex()[:16]}"

    async def last_cycle() -> str:
        moments = [one for one in (tally.heard_s, shadowed_s()) if one is not None]
        if not moments:
            raise NotWell("no cycle has finished yet; wait for the first beat")
        age = clock.monotonic() - max(moments)
        limit = max(PATIENCE_S, MISSABLE_BEATS * engine.profile.beat_s)
        if age > limit:
            raise NotWell(
                f"the last cycle finished {age:.0f} s ago; look for cycle_failed in the log"
            )
        if not tally.cycles:
            return f"a beat of standing by finished {age:.1f} s ago"
        return f"cycle {tally.cycles} finished {age:.1f} s ago"

    async def source_quorum() -> str:
        # What another process was told is as good, and then this one was not told it again.
        told = {name for mine in engine.known.opinions.values() for name in mine}
        answering = [
            name
            for name in engine.profile.sources
            if tally.source(name).answers or (name in told and not tally.source(name).asks)
        ]
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
