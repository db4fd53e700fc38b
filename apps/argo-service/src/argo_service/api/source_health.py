"""How well a vendor is, and where its guards and its budget stand."""

from typing import Final

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.resilience.breaker_table import State
from argo_service.api.health_bodies import BudgetBody, SourceHealthBody
from argo_service.shields import words_of
from argo_service.source_tally import SourceTally

HEALTHY, DEGRADED, UNHEALTHY, UNKNOWN = "healthy", "degraded", "unhealthy", "unknown"
_WELL: Final = 0.95
_BEARABLE: Final = 0.80


@frozen
class Pace:
    """Seconds a call: below the first a source is quick, and up to the second it is slow."""

    quick_s: float
    slow_s: float


def pace_of(profile: Profile, source: SourceName) -> Pace:
    """What to expect of a source, from when its asks are given up and from what it is.

    Of market data with a timeout of 4 s that is 200 and 500 ms. A language model takes as long as
    it takes, for words as for opinions; half of its timeout is where its breaker, too, begins to
    call it slow. Whoever has no opinions and writes no words is a feed of prices.
    """
    by_words = {words_of(name): policy for name, policy in profile.sources.items()}
    policy = profile.sources.get(source) or by_words.get(source)
    if policy is None:
        return Pace(profile.price_timeout_s / 20, profile.price_timeout_s / 8)
    if policy.paid_ai:
        return Pace(policy.timeout_s / 2, policy.timeout_s)
    return Pace(policy.timeout_s / 20, policy.timeout_s / 8)


def status_of(source: SourceTally, pace: Pace) -> str:
    """The source's status, see `SourceHealthBody`."""
    rate, latency_s = source.success_rate, source.recent_p50_s
    if source.breaker in {State.OPEN, State.FORCED_OPEN}:
        return UNHEALTHY
    if source.breaker is State.HALF_OPEN or source.exhausted:
        return DEGRADED
    if rate is None or latency_s is None:
        return UNKNOWN
    if rate > _WELL and latency_s < pace.quick_s:
        return HEALTHY
    if rate >= _BEARABLE and latency_s <= pace.slow_s:
        return DEGRADED
    return UNHEALTHY


def source_body(source: SourceTally, pace: Pace) -> SourceHealthBody:
    rate, latency_s, hit_rate = source.success_rate, source.recent_p50_s, source.hit_rate
    return SourceHealthBody(
        status=status_of(source, pace),
        success_rate=None if rate is None else round(rate, 4),
        latency_ms=None if latency_s is None else round(latency_s * 1000, 1),
        asks=source.asks,
        calls=source.calls,
        errors=source.errors,
        usd=source.usd,
        last_error=source.last_error,
        breaker=source.breaker.value,
        tokens=tuple(round(each, 2) for each in source.tokens),
        waited_s=round(source.waited_s, 3),
        rejected=source.rejected,
        spared=source.spared,
        cache_hit_rate=None if hit_rate is None else round(hit_rate, 4),
        budget=_budget(source),
    )


def _budget(source: SourceTally) -> BudgetBody | None:
    """None before anything was booked or refused."""
    booked, refused = source.budget, source.refused
    if booked is None:
        return None
    return BudgetBody(
        usd_spent=booked.spent.usd,
        usd_reserved=booked.reserved.usd,
        usd_allowed=booked.allowed.usd,
        tokens_spent=booked.spent.tokens,
        tokens_allowed=booked.allowed.tokens,
        calls_spent=booked.spent.calls,
        calls_allowed=booked.allowed.calls,
        resets_at=refused.resets_at if refused else booked.resets_at,
        refused=source.refusals,
        exhausted=source.exhausted,
    )
