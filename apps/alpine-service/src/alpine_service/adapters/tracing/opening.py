"""Traces as the operator wants them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import aiohttp
from attrs import frozen

from alpine_service.errors import InvalidSetting
from alpine_service.ports.health import Probe
from alpine_service.ports.tracing import UNTRACED, Tracer

NONE, CONSOLE = "none", "console"
_SETTING = "ALPINE_TRACES"


@frozen
class Tracing:
    """`client` is for sessions that ask services which are to continue our traces."""

    tracer: Tracer = UNTRACED
    client: Sequence[aiohttp.TraceConfig] = ()
    probes: Sequence[Probe] = ()


UNKEPT = Tracing()


@frozen
class Subject:
    """Whose traces these are."""

    instance: str
    version: str
    build: str


@asynccontextmanager
async def open_tracing(where: str, share: float, subject: Subject) -> AsyncIterator[Tracing]:
    """Traces to `where`, of which a share is taken, while the block is open.

    Raises:
        InvalidSetting: they are wanted, and the extra `tracing` is not installed.
    """
    if where == NONE:
        yield UNKEPT
        return
    try:
        # Not before it is wanted, because it takes longer to be read than all the rest of ours.
        from alpine_service.adapters.tracing.otel import opened  # noqa: PLC0415
    except ImportError as error:
        fix = "install alpine-service[tracing], or set it to none"
        raise InvalidSetting(_SETTING, f"{error.name} is not installed", fix) from error
    async with opened(where, share, subject) as tracing:
        yield tracing
