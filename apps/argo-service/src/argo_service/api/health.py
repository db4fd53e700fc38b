"""`GET /api/v1/health`: is it alive, is it ready, is it well enough to take over?"""

import asyncio
from decimal import Decimal

import psutil  # type: ignore[import-untyped]  # it ships no types
from aiohttp import web

from argo_service.api import keys
from argo_service.api.health_bodies import (
    CheckBody,
    HealthBody,
    PerformanceBody,
    ServicesBody,
    SystemBody,
)
from argo_service.api.parameters import Parameters
from argo_service.api.probes import Level, check
from argo_service.api.publisher import ALONE
from argo_service.api.replies import json_reply
from argo_service.api.source_health import (
    DEGRADED,
    HEALTHY,
    UNHEALTHY,
    pace_of,
    source_body,
)
from argo_service.api.trading import trader_now
from argo_service.api.trading_health import trading_health
from argo_service.record_tally import RecordTally
from argo_service.source_tally import SourceTally
from argo_service.tally import Tally
from argo_service.version import VERSION

LEVELS = {"live": Level.LIVE, "ready": Level.READY, "deep": Level.DEEP}
UNUSED = "unused"
STORE_CHECKS = frozenset({"store", "write"})
_SHARED = {None: UNUSED, True: HEALTHY, False: DEGRADED}
_UNAVAILABLE = 503


async def health(request: web.Request) -> web.Response:
    """200 when every check of the level passes, otherwise 503 with the same body."""
    app = request.app
    clock, tally = app[keys.CLOCK], app[keys.TALLY]
    name = (
        Parameters.of(request.rel_url, {"level"}).choice("level", tuple(LEVELS), "ready") or "ready"
    )
    level = LEVELS[name]
    probes = [probe for probe in app[keys.PROBES] if probe.level <= level]
    checks = tuple(await asyncio.gather(*(check(probe, clock) for probe in probes)))
    services = system = None
    if level > Level.LIVE:
        services = _services(checks, tally, app)
        system = await asyncio.to_thread(_system)
    well = all(each.ok for each in checks)
    ailing = services is not None and _ails(services)
    post, store = app[keys.POST], app[keys.STORE]
    body = HealthBody(
        status=(DEGRADED if ailing else HEALTHY) if well else UNHEALTHY,
        level=name,
        version=VERSION,
        uptime=round(clock.monotonic() - app[keys.STARTED_S], 3),
        timestamp=clock.now(),
        checks=checks,
        services=services,
        system=system,
        colour=None if post is None else post.colour,
        role=ALONE if post is None else post.keeper.role.value,
        fence=None if store is None else store.fence,
    )
    return json_reply(body, status=200 if well else _UNAVAILABLE)


def _ails(services: ServicesBody) -> bool:
    states = {
        services.secrets,
        services.redis,
        services.witnesses,
        services.trading.status if services.trading else UNUSED,
        *(source.status for source in services.data_sources.values()),
    }
    return bool(states & {DEGRADED, UNHEALTHY})


def _services(checks: tuple[CheckBody, ...], tally: Tally, app: web.Application) -> ServicesBody:
    store = all(each.ok for each in checks if each.name in STORE_CHECKS)
    missing = app[keys.MISSING_KEYS]
    profile, desk = app[keys.ENGINE].profile, trader_now(app)
    names = sorted({*profile.sources, *tally.sources})
    return ServicesBody(
        api=HEALTHY,
        database=HEALTHY if store else UNHEALTHY,
        redis=_SHARED[tally.within_reach],
        witnesses=_witnesses(tally.record),
        secrets=DEGRADED if missing or tally.upkeep.ails else HEALTHY,
        missing_keys=tuple(missing),
        trading=None if desk is None else trading_health(desk, app[keys.CLOCK].now()),
        data_sources={
            name: source_body(tally.sources.get(name, SourceTally()), pace_of(profile, name))
            for name in names
        },
        performance=_performance(tally),
    )


def _witnesses(record: RecordTally) -> str:
    if record.is_long_pending:
        return DEGRADED
    awaited = record.pending_s is not None
    cosigned = record.published is not None and record.published.cosigned > 0
    return HEALTHY if awaited or cosigned else UNUSED


def _performance(tally: Tally) -> PerformanceBody:
    average, skip_rate, hit_rate = tally.average_cycle_s, tally.skip_rate, tally.hit_rate
    calls = tally.calls_per_cycle
    return PerformanceBody(
        average_generation_time=None if average is None else round(average, 4),
        skip_rate=None if skip_rate is None else round(skip_rate, 4),
        total_cycles=tally.cycles,
        total_signals=tally.signals,
        total_holds=tally.holds,
        total_skips=tally.skips,
        failed_cycles=tally.failed_cycles,
        missed_beats=tally.missed_beats,
        last_cycle=tally.last.number if tally.last else None,
        last_cycle_at=tally.last_cycle_at,
        cache_hit_rate=None if hit_rate is None else round(hit_rate, 4),
        total_calls=tally.calls,
        calls_per_cycle=None if calls is None else round(calls, 2),
        total_usd=tally.usd,
        usd_per_signal=_dollars(tally.usd_per_signal),
        usd_per_signal_recent=_dollars(tally.recent_usd_per_signal),
        words=dict(tally.words),
    )


def _dollars(usd: Decimal | None) -> Decimal | None:
    """To a hundredth of a cent of a cent; division would write 28 digits."""
    return None if usd is None else round(usd, 6)


def _system() -> SystemBody:
    # Without an interval this is the load since the question before, and does not wait.
    return SystemBody(
        cpu_percent=psutil.cpu_percent(interval=None),
        memory_percent=psutil.virtual_memory().percent,
        disk_percent=psutil.disk_usage(".").percent,
    )
