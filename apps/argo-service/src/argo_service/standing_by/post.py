"""A process's post beside another: what wiring makes of the settings, and what the API shows."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from attrs import frozen

from argo_core.engine.keeper import Keeper
from argo_core.errors import LogFenced
from argo_core.ports import Clock, Observer
from argo_core.resilience.lease import LeasePolicy
from argo_service.config.standby import LAPSED
from argo_service.config.tree import Settings
from argo_service.publisher_lease import opened_lease
from argo_service.standing_by.seat import TradingSeat


@frozen
class Post:
    """Who keeps the lease, and where whoever trades sits."""

    colour: str
    keeper: Keeper
    seat: TradingSeat

    def refuse_to_write(self) -> None:
        """Raise unless this process holds the lease.

        Raises:
            LogFenced: it does not.
        """
        if not self.keeper.may_write():
            raise LogFenced("the publisher's lease is over; leave the log to who holds it")


@asynccontextmanager
async def opened_post(
    settings: Settings, clock: Clock, observer: Observer, chance: Callable[[], float]
) -> AsyncIterator[Post | None]:
    """The post of a process that has a standby, None of one that has none.

    Raises:
        InvalidSetting: the lease cannot be kept where the settings say.
        SharedAway: its file cannot be opened.
        LogError: its table cannot be made.
    """
    own = settings.standby
    if not own.enabled:
        yield None
        return
    holder = f"{own.colour} on {socket.gethostname()}, process {os.getpid()}"
    async with opened_lease(settings, clock, observer, chance) as lease:
        keeper = Keeper(
            lease,
            holder,
            clock=clock,
            observer=observer,
            policy=LeasePolicy.lasting(own.lease_s),
            eager=own.takes_over == LAPSED,
        )
        yield Post(own.colour, keeper, TradingSeat())
