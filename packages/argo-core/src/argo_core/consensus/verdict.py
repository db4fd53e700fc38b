"""From a view to a direction: quorum, threshold, and the reason in one word."""

from collections.abc import Collection

from attrs import frozen

from argo_core.consensus.opinion import STEPS, SourceName
from argo_core.consensus.pool import View
from argo_core.consensus.profile import Profile, SourcePolicy
from argo_core.consensus.reasons import Direction, Reason

LEAST_SOURCES = 2


@frozen
class Verdict:
    """BUY or SELL with the reason `signal`, or HOLD with the reason that stopped it."""

    direction: Direction
    reason: Reason


def looks(policy: SourcePolicy, weight: float) -> bool:
    """Whether an opinion that still has this `weight` speaks for a recent look at the market."""
    return policy.market_data and weight >= policy.weight / 2


def has_quorum(view: View, profile: Profile) -> bool:
    """Enough coverage, two sources at least, and one that has looked at the market lately.

    Lately means within one half-life of its refresh age, so that it still has half its weight.
    """
    return (
        view.coverage >= profile.quorum
        and len(view.shares) >= LEAST_SOURCES
        and any(looks(profile.sources[share.source], share.weight) for share in view.shares)
    )


def judge(view: View, profile: Profile, failed: Collection[SourceName] = ()) -> Verdict:
    """What the view amounts to. `failed` names sources whose last ask was an error."""
    if not has_quorum(view, profile):
        return Verdict(Direction.HOLD, _why_no_quorum(view, failed))
    if view.confidence_bp >= profile.theta_bp:
        return Verdict(Direction.BUY, Reason.SIGNAL)
    if view.confidence_bp <= -profile.theta_bp:
        return Verdict(Direction.SELL, Reason.SIGNAL)
    return Verdict(Direction.HOLD, _why_not_enough(view, profile))


def _why_no_quorum(view: View, failed: Collection[SourceName]) -> Reason:
    if any(name in failed for name in (*view.missing, *view.faded)):
        return Reason.SOURCE_ERROR
    return Reason.STALE if view.faded else Reason.NO_QUORUM


def _why_not_enough(view: View, profile: Profile) -> Reason:
    if view.buy == view.sell == 0:
        return Reason.MODEL_HOLD
    # Had everybody who spoke pointed the same way, this would have been a signal.
    united_bp = round(view.shrink * (view.buy + view.sell) * STEPS)
    torn = view.buy > 0 and view.sell > 0
    return Reason.CONFLICT if torn and united_bp >= profile.theta_bp else Reason.WEAK
