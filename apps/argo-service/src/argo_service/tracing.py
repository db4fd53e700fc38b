"""Tracing as the settings have it; what it needs is loaded by whoever traces alone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from attrs import frozen

from argo_adapters.observers.json_lines import Ids, no_ids
from argo_adapters.observers.metric_book import Exemplar, untraced
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import InvalidSetting
from argo_core.ports import Tracer
from argo_service.config import tracing as config
from argo_service.config.tree import Settings
from argo_service.known_secrets import KnownSecrets, known_in
from argo_service.version import VERSION

if TYPE_CHECKING:
    from argo_adapters.tracing.finished import Finished
    from argo_adapters.tracing.opened import OpenTracing


def nothing() -> Mapping[str, int]:
    """What became of spans where there are none."""
    return {}


@frozen
class Tracing:
    """A tracer, and what goes with it: spans of HTTP calls, ids for log lines and metrics.

    `counts` says how many spans were exported and dropped.
    """

    tracer: Tracer = UNTRACED
    http: tuple[aiohttp.TraceConfig, ...] = ()
    ids: Ids = no_ids
    exemplar: Exemplar = untraced
    counts: Callable[[], Mapping[str, int]] = nothing


NOTHING_TRACED = Tracing()


@asynccontextmanager
async def tracing(
    settings: Settings,
    keep: "Callable[[Finished], None] | None" = None,
    known: KnownSecrets | None = None,
) -> AsyncIterator[Tracing]:
    """Trace while the block lasts; `keep` is told of every span as it ends, wherever they go.

    What is `known` is blanked in spans, the secrets of the settings unless it is given.

    Raises:
        InvalidSetting: OpenTelemetry is wanted and not installed.
    """
    if settings.tracing.exporter == config.NONE and keep is None:
        yield NOTHING_TRACED
        return
    # It reads a hundred files.
    opened = await asyncio.to_thread(_opened, settings, keep, known or known_in(settings))
    from argo_adapters.tracing.otel_tracer import (  # noqa: PLC0415 - loaded by now, or not wanted
        exemplar_here,
        ids_here,
    )

    try:
        yield Tracing(opened.tracer, (opened.http,), ids_here, exemplar_here, lambda: opened.counts)
    finally:
        await asyncio.to_thread(opened.close)


def _opened(
    settings: Settings, keep: "Callable[[Finished], None] | None", known: KnownSecrets
) -> "OpenTracing":
    own = settings.tracing
    try:
        from argo_adapters.tracing.opened import (  # noqa: PLC0415 - whoever traces nothing has none
            OpenTracing,
            TracePlan,
            console,
            otlp,
        )

        plan = TracePlan(
            own.service, VERSION, own.sample, own.queue, own.told, known.redactor.blank
        )
        exporter = None
        if own.exporter == config.CONSOLE:
            exporter = console()
        elif own.exporter == config.OTLP:
            headers = config.headers_of(own.headers) if own.headers else {}
            exporter = otlp(own.endpoint, headers, own.timeout_s)
        opened = OpenTracing(plan, exporter, keep)
        if settings.redis.url is not None:
            opened.trace_redis()
        if settings.log.database_url is not None:
            opened.trace_postgres()
    except ImportError as error:
        problem = f"{error.name} is not installed"
        fix = "install argo-adapters[tracing], or set it to none"
        raise InvalidSetting("tracing.exporter", problem, fix) from error
    return opened
