"""Writing a decision down as a signal: numbers, levels, words, evidence and the input capsule."""

from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from argo_core.codec.capsule import capsule as encode_capsule
from argo_core.consensus.opinion import STEPS
from argo_core.consensus.pool import Share
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction
from argo_core.engine.picture import Basis, Decision, Picture
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.signals.evidence import collect
from argo_core.signals.levels import levels
from argo_core.signals.reasoning import template
from argo_core.signals.signal import Contribution, Signal


def signal_id(strategy: str, symbol: str, decided_us: int) -> str:
    """32 hexadecimal digits that name this decision and no other."""
    return sha256(f"{strategy}\n{symbol}\n{decided_us}".encode()).hexdigest()[:32]


def inputs_of(symbol: Symbol, basis: Basis, profile: str, at: datetime) -> bytes:
    """The canonical bytes of the input capsule: what a decision at that moment is made of."""
    return encode_capsule(
        symbol=symbol,
        decided_at=at,
        quote=basis.quote,
        opinions=tuple(basis.opinions[name] for name in sorted(basis.opinions)),
        profile=profile,
        regime=basis.regime,
        sigma=basis.sigma,
        more={"phase": basis.phase.value, "failed": " ".join(sorted(basis.failed))},
    )


def draft(
    picture: Picture, decision: Decision, profile: Profile, strategy: str
) -> tuple[Signal, bytes]:
    """The signal and the canonical bytes of its input capsule."""
    basis, view = decision.basis, decision.view
    shares = view.shares if view else ()
    contributions = tuple(_contribution(share) for share in shares)
    counted = {share.source for share in shares}
    evidence = collect(o for o in basis.opinions.values() if o.source in counted)
    inputs = inputs_of(decision.symbol, basis, profile.name, decision.evaluated_at)
    entry = _entry_price(picture)
    stop, target = _levels(picture, decision, entry, profile)
    signal = Signal(
        id=signal_id(strategy, decision.symbol, to_micros(decision.evaluated_at)),
        symbol=decision.symbol,
        direction=decision.direction,
        reason=decision.reason,
        confidence_bp=decision.confidence_bp,
        coverage_bp=round(view.coverage * STEPS) if view else 0,
        agreement_bp=round(view.agreement * STEPS) if view else 0,
        entry=entry,
        stop=stop,
        target=target,
        horizon_s=profile.horizon_s,
        contributions=contributions,
        regime=basis.regime,
        profile=profile.name,
        reasoning=template(
            symbol=decision.symbol,
            direction=decision.direction,
            reason=decision.reason,
            confidence_bp=decision.confidence_bp,
            contributions=contributions,
            evidence=evidence,
        ),
        reasoning_source="template",
        evidence=evidence,
        inputs_sha256=sha256(inputs).hexdigest(),
        feed=basis.quote.feed if basis.quote else "none",
        decided_at=decision.evaluated_at,
    )
    return signal, inputs


def _contribution(share: Share) -> Contribution:
    return Contribution(share.source, share.phi_bp, share.strength, share.age_s, share.raw_sha256)


def _entry_price(picture: Picture) -> Decimal:
    """The price the signal speaks of; a withdrawal without a price repeats the standing one.

    Raises:
        InvalidInput: there is neither.
    """
    if picture.basis.quote is not None:
        return picture.instrument.on_tick(picture.basis.quote.price)
    if picture.standing is None:
        raise InvalidInput("picture", "it has no price", "draft a signal only on a price")
    return picture.standing.entry


def _levels(
    picture: Picture, decision: Decision, entry: Decimal, profile: Profile
) -> tuple[Decimal | None, Decimal | None]:
    if decision.direction is Direction.HOLD:
        return None, None
    both = levels(
        picture.instrument, decision.direction, entry, decision.basis.sigma, profile.horizon_s
    )
    return both.stop, both.target
