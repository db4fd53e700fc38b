"""Checks of the parts: each says what it saw, or raises why it is not well."""

from collections.abc import Awaitable, Callable
from enum import IntEnum

from attrs import frozen

from argo_core.errors import ArgoError
from argo_core.ports import Clock
from argo_service.api.health_bodies import CheckBody

TIMEOUT_S = 2.0


class Level(IntEnum):
    """How deep a health check looks; each includes those before."""

    LIVE = 1
    READY = 2
    DEEP = 3


@frozen
class Probe:
    """A named check, made from `level` on. `look` returns what it saw."""

    name: str
    level: Level
    look: Callable[[], Awaitable[str]]


async def check(probe: Probe, clock: Clock) -> CheckBody:
    """Look, for at most two seconds."""
    try:
        async with clock.timeout(TIMEOUT_S):
            seen = await probe.look()
    except ArgoError as error:
        return CheckBody(probe.name, ok=False, detail=str(error))
    except TimeoutError:
        return CheckBody(probe.name, ok=False, detail=f"no answer within {TIMEOUT_S:g} s")
    return CheckBody(probe.name, ok=True, detail=seen)
