"""The engine's centre: what is known, and the time, give the decisions. Nothing else does."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from attrs import evolve

from argo_core.consensus.pool import View, pool
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.consensus.verdict import Verdict, judge
from argo_core.engine.draft import draft
from argo_core.engine.picture import Basis, Decision, Outcome, Picture
from argo_core.market.session import Phase
from argo_core.resilience.price_trigger import moved, outdates
from argo_core.signals.signal import Signal


def decide(
    pictures: Iterable[Picture], profile: Profile, strategy: str, now: datetime
) -> tuple[Decision, ...]:
    """A decision for each picture, in the order given."""
    return tuple(decide_one(picture, profile, strategy, now) for picture in pictures)


def decide_one(picture: Picture, profile: Profile, strategy: str, now: datetime) -> Decision:
    """Skip what cannot have changed, evaluate the rest, publish what readers must know."""
    if picture.last is not None and _unchanged(picture, picture.last, profile, now):
        return skipped(picture.last)
    basis = picture.basis
    view, verdict = _evaluate(basis, profile, now)
    decision = Decision(
        symbol=picture.instrument.symbol,
        outcome=Outcome.HOLD if verdict.direction is Direction.HOLD else Outcome.SKIP,
        direction=verdict.direction,
        reason=verdict.reason,
        confidence_bp=view.confidence_bp if view else 0,
        view=view,
        basis=basis,
        evaluated_at=now,
    )
    if not _worth_publishing(decision, picture.standing, profile, now):
        return decision
    signal, capsule = draft(picture, decision, profile, strategy)
    return evolve(decision, outcome=Outcome.SIGNAL, signal=signal, capsule=capsule)


def skipped(last: Decision) -> Decision:
    """What is said of a symbol of which nothing can have changed since that evaluation."""
    # Written out because `evolve` takes twice as long, and most symbols are skipped.
    return Decision(
        symbol=last.symbol,
        outcome=Outcome.SKIP,
        direction=last.direction,
        reason=Reason.UNCHANGED,
        confidence_bp=last.confidence_bp,
        view=last.view,
        basis=last.basis,
        evaluated_at=last.evaluated_at,
    )


def _evaluate(basis: Basis, profile: Profile, now: datetime) -> tuple[View | None, Verdict]:
    blocked = _no_market(basis, profile, now)
    if blocked is not None:
        return None, Verdict(Direction.HOLD, blocked)
    view = pool(basis.opinions.values(), profile, now)
    return view, judge(view, profile, basis.failed)


def _no_market(basis: Basis, profile: Profile, now: datetime) -> Reason | None:
    if basis.phase is not Phase.REGULAR:
        return Reason.MARKET_CLOSED
    if basis.quote is None:
        return Reason.NO_MARKET_DATA
    return Reason.STALE if basis.quote.age_s(now) > profile.max_quote_age_s else None


def _unchanged(picture: Picture, last: Decision, profile: Profile, now: datetime) -> bool:
    """Whether nothing new is known and nothing has expired since the last evaluation."""
    basis = picture.basis
    return (
        basis.phase is last.basis.phase
        and basis.failed == last.basis.failed
        and basis.opinions == last.basis.opinions
        and moved(_price(last.basis), _price(basis)) < profile.publish_move
        and _no_market(basis, profile, now)
        is _no_market(last.basis, profile, last.evaluated_at)
        is None
        and not (picture.standing is not None and now >= picture.standing.expires_at)
        and not _fading(basis, last.evaluated_at, profile, now)
    )


def _price(basis: Basis) -> Decimal | None:
    return None if basis.quote is None else basis.quote.price


def _fading(basis: Basis, since: datetime, profile: Profile, now: datetime) -> bool:
    """Whether an opinion has lost weight since then; a fully faded one has no more to lose."""
    for opinion in basis.opinions.values():
        policy = profile.sources[opinion.source]
        if policy.refresh_after_s < opinion.age_s(now) and opinion.age_s(since) <= policy.max_age_s:
            return True
    return False


def _worth_publishing(
    decision: Decision, standing: Signal | None, profile: Profile, now: datetime
) -> bool:
    stands = Direction.HOLD if standing is None else standing.direction
    if decision.direction is not stands:
        return True
    if standing is None or stands is Direction.HOLD:
        return False
    price_moved = outdates(standing.entry, _price(decision.basis), profile.publish_move)
    step = abs(abs(decision.confidence_bp) - abs(standing.confidence_bp))
    return (
        now >= standing.expires_at
        or price_moved
        or (step >= profile.publish_step_bp and _heard_since(decision, standing))
    )


def _heard_since(decision: Decision, standing: Signal) -> bool:
    """Whether an opinion counts now that the standing signal did not know."""
    known = {(part.source, part.raw_sha256) for part in standing.contributions}
    shares = decision.view.shares if decision.view else ()
    return any((share.source, share.raw_sha256) not in known for share in shares)
