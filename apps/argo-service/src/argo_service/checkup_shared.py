"""Whether what processes share can be reached, and soon enough."""

from random import random

from argo_adapters.redis.link import RedisLink
from argo_core.errors import InvalidInput, SharedAway
from argo_core.events import Event
from argo_core.ports import Clock
from argo_service.config.redis import Redis
from argo_service.finding import Finding, State

# Long enough to tell a slow server from none.
PATIENCE_S = 5.0
_NAME = "shared state"


class _Nobody:
    """An observer for a single look, whose outcome is the finding itself."""

    def notice(self, event: Event) -> None:
        """Tell nobody."""


async def shared_findings(redis: Redis, clock: Clock) -> tuple[Finding, ...]:
    """One finding: the server answers in time, too late or not at all, or there is none to ask."""
    if redis.url is None:
        return (Finding(_NAME, State.GOOD, "none: this process remembers for itself alone"),)
    try:
        link = RedisLink(
            redis.url.reveal(),
            clock=clock,
            observer=_Nobody(),
            chance=random,
            timeout_s=PATIENCE_S,
            most_connections=1,
        )
    except InvalidInput as error:
        return (Finding(_NAME, State.FAULT, error.problem, f"correct ARGO_REDIS_URL: {error.fix}"),)
    try:
        # The first question opens the connection, the second shows what an answer takes.
        await link.command("PING")
        began = clock.monotonic()
        await link.command("PING")
        taken_s = clock.monotonic() - began
        version = await _version(link)
    except SharedAway as error:
        fix = "start the server, correct ARGO_REDIS_URL, or unset it: memory alone will do"
        return (Finding(_NAME, State.FAULT, f"{redis.where}: {error}", fix),)
    finally:
        await link.close()
    detail = (
        f"{redis.where}{version} answers in {taken_s * 1000:.1f} ms,"
        f" keys begin with {redis.namespace}"
    )
    if taken_s > redis.timeout_s:
        fix = f"raise redis.timeout_ms from {redis.timeout_ms}, or use a server nearer by"
        return (Finding(_NAME, State.WARNING, detail, fix),)
    return (Finding(_NAME, State.GOOD, detail),)


async def _version(link: RedisLink) -> str:
    """Which server of which version, where it says so to us; a role may forbid the question."""
    try:
        told = await link.command("INFO", "server")
    except SharedAway:
        return ""
    if not isinstance(told, dict):
        return ""
    plain = {_text(name): _text(value) for name, value in told.items()}
    for name in ("valkey", "redis"):
        if version := plain.get(f"{name}_version"):
            return f" ({name} {version[:20]})"
    return ""


def _text(value: object) -> str:
    said = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)
    return said if said.isprintable() else "?"
