"""What trading is told and tells, as the settings have it."""

import aiohttp

from argo_core.ports import Calendar, Clock
from argo_service.config.trading import ACCOUNT
from argo_service.config.tree import Settings
from argo_service.guarding import Guards
from argo_service.observing import Watch
from argo_service.trading.limits_in_force import LimitsInForce
from argo_service.trading.opened import Outlook
from argo_service.vendors import plug_in_liquidity, plug_in_stream


def outlook_of(
    settings: Settings,
    session: aiohttp.ClientSession,
    clock: Clock,
    *,
    calendar: Calendar,
    watch: Watch,
    guards: Guards,
) -> Outlook | None:
    """What whoever trades sees of the world; None where nothing is traded.

    Raises:
        InvalidSetting: the address of the market's stream is none.
    """
    if not settings.trading.enabled:
        return None
    turnstiles, keys = guards.turnstiles, guards.live.keys
    return Outlook(
        clock=clock,
        observer=watch.observer,
        calendar=calendar,
        tracer=watch.tracing.tracer,
        turnstile=turnstiles.get(ACCOUNT),
        liquidity=plug_in_liquidity(settings, session, clock, turnstiles, keys),
        stream=plug_in_stream(settings, session, clock, keys),
        limits=LimitsInForce(settings.trading.limits.rules()),
    )
