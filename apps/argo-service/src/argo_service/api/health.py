"""`GET /api/v1/health`: is it alive, is it ready, is it well enough to take over?"""

import asyncio
from decimal import Decimal

import psutil  # type: ignore[import-untyped]  # it ships no types
from aiohttp import web

from argo_service.api import keys
from argo_service.api.bodies import (
    CheckBody,
    HealthBody,
    PerformanceBody,
    ServicesBody,
    SourceHealthBody,
    SystemBody,
)
from argo_service.api.parameters import Parameters
from argo_service.api.probes import Level, check
from argo_service.api.replies import json_reply
from argo_service.tally import SourceTally, Tally
from argo_service.version import VERSION

LEVELS = {"live": Level.LIVE, "ready": Level.READY, "deep": Level.DEEP}
HEALTHY, DEGRADED, UNHEALTHY, UNKNOWN = "healthy", "degraded", "unhealthy", "unknown"
STORE_CHECKS = frozenset({"store", "write"})
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
    body = HealthBody(
        status=(DEGRADED if ailing else HEALTHY) if well else UNHEALTHY,
        level=name,
        version=VERSION,
        uptime=round(clock.monotonic() - app[keys.STARTED_S], 3),
        timestamp=clock.now(),
        checks=checks,
        services=services,
        system=system,
    )
    return json_reply(body, status=200 if well else _UNAVAILABLE)


def status_of(success_rate: float | None, latency_s: float | None) -> str:
    """A source's status: more than 95 % within 200 ms is healthy, 80 % within 500 ms degraded."""
    if success_rate is None or latency_s is None:
        return UNKNOWN
    if success_rate > 0.95 and latency_s < 0.2:  # noqa: PLR2004 - the figures of the docstring
        return HEALTHY
    if success_rate >= 0.80 and latency_s <= 0.5:  # noqa: PLR2004 - the same
        return DEGRADED
    return UNHEALTHY


def _ails(services: ServicesBody) -> bool:
    states = {services.secrets, *(source.status for source in services.data_sources.values())}
    return bool(states & {DEGRADED, UNHEALTHY})


def _services(checks: tuple[CheckBody, ...], tally: Tally, app: web.Application) -> ServicesBody:
    store = all(each.ok for each in checks if each.name in STORE_CHECKS)
    missing = app[keys.MISSING_KEYS]
    names = sorted({*app[keys.ENGINE].profile.sources, *tally.sources})
    return ServicesBody(
        api=HEALTHY,
        database=HEALTHY if store else UNHEALTHY,
        secrets=DEGRADED if missing else HEALTHY,
        missing_keys=tuple(missing),
        data_sources={name: _source(tally.sources.get(name, SourceTally())) for name in names},
        performance=_performance(tally),
    )


def _source(source: SourceTally) -> SourceHealthBody:
    rate, latency_s = source.success_rate, source.recent_p50_s
    return SourceHealthBody(
        status=status_of(rate, latency_s),
        success_rate=None if rate is None else round(rate, 4),
        latency_ms=None if latency_s is None else round(latency_s * 1000, 1),
        asks=source.asks,
        calls=source.calls,
        errors=source.errors,
        usd=source.usd or Decimal(0),
        last_error=source.last_error,
    )


def _performance(tally: Tally) -> PerformanceBody:
    average, skip_rate = tally.average_cycle_s, tally.skip_rate
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
    )


def _system() -> SystemBody:
    # Without an interval this is the load since the question before, and does not wait.
    return SystemBody(
        cpu_percent=psutil.cpu_percent(interval=None),
        memory_percent=psutil.virtual_memory().percent,
        disk_percent=psutil.disk_usage(".").percent,
    )
