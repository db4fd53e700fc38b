"""A turnstile before every vendor, as the settings have it."""

from collections.abc import Callable, Mapping

from argo_core.consensus.opinion import SourceName
from argo_core.engine.turnstile import GuardedTurnstile
from argo_core.ports import Clock, Observer, SharedBreaker, SharedLimits
from argo_service.config.tree import Settings

Turnstiles = Mapping[SourceName, GuardedTurnstile]


def build_turnstiles(
    settings: Settings,
    clock: Clock,
    *,
    chance: Callable[[], float],
    observer: Observer,
    shared_limits: SharedLimits | None = None,
    shared_breaker: SharedBreaker | None = None,
    instances: int = 1,
    pace: float = 1.0,
) -> Turnstiles:
    """One for each vendor, by its name; the fallback's is among them.

    `pace` is how many seconds of a simulated vendor pass in each of ours. A recording that is
    played faster has vendors that are faster too, and limits are counted in their seconds.
    """
    breakers = settings.breakers()
    return {
        name: GuardedTurnstile(
            name,
            limits=policy,
            breaker=breakers[name],
            clock=clock,
            chance=chance,
            observer=observer,
            shared_limits=shared_limits,
            shared_breaker=shared_breaker,
            instances=instances,
            pace=pace,
        )
        for name, policy in settings.limits().items()
    }
