"""Whether a process beside another is where it should be, and by the right fence."""

from argo_core.ports import Clock
from argo_core.resilience.lease_table import Role
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.api.trading_health import trading_probe
from argo_service.record import OpenLog
from argo_service.standing_by.post import Post

_SETTLED = frozenset({Role.STANDBY, Role.PUBLISHING})


def standby_probes(post: Post, log: OpenLog, clock: Clock) -> tuple[Probe, ...]:
    """Deep checks: role, fence, and trading while this process trades."""

    async def role() -> str:
        keeper = post.keeper
        said = f"{post.colour} is {keeper.role} since {keeper.since:%H:%M:%S} UTC: {keeper.reason}"
        if keeper.role not in _SETTLED:
            raise NotWell(f"{said}; wait until it is standby or publishing")
        if keeper.problem:
            raise NotWell(f"{said}; the lease's store fails: {keeper.problem}")
        return said

    async def fence() -> str:
        keeper, own, newest = post.keeper, log.fence, await log.newest_fence()
        said = f"the newest fence is {newest}, ours {'none' if own is None else own}"
        publishes = keeper.role is Role.PUBLISHING
        if publishes and own != newest:
            raise NotWell(f"{said}, and we publish; stop whoever has opened the log since")
        if keeper.role is Role.STANDBY and own is not None:
            raise NotWell(f"{said}, and we stand by; start this process again")
        return said

    async def trading() -> str:
        taken = post.seat.taken
        if taken is None:
            return "this process does not trade now"
        return await trading_probe(taken.trader, clock).look()

    return (
        Probe("role", Level.DEEP, role),
        Probe("fence", Level.DEEP, fence),
        Probe("trading", Level.DEEP, trading),
    )
