"""From log entries and decisions to what readers are shown."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from attrs import frozen

from argo_core.codec.outcome import read_outcome
from argo_core.codec.signal import read_signal
from argo_core.consensus.reasons import Direction
from argo_core.engine.engine import Engine
from argo_core.engine.picture import Decision
from argo_core.ledger.canonical import sha256_hex
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.merkle import leaf_hash
from argo_core.ledger.record import LoggedEntry, LoggedSignal
from argo_core.market.quote import Quote
from argo_service.api.bodies import (
    CalibratedBody,
    ContributionBody,
    EvidenceBody,
    OutcomeBody,
    QuoteBody,
    ShareBody,
    SignalBody,
    ViewBody,
)
from argo_service.skill.beside import NOTHING, Calibrated, SoFar

_BP_PER_PERCENT = 100

ProseOf: TypeAlias = Callable[[str], tuple[str, str] | None]
"""A language model's words about the signal of that id, and who wrote them; None while there are
none.
"""


def percent(bp: int) -> float:
    """The magnitude of signed basis points, in percent."""
    return abs(bp) / _BP_PER_PERCENT


def no_prose(_signal_id: str) -> None:
    """Nobody writes any."""


@frozen
class Standing:
    """What happened to a signal after it was said; see `SignalBody`."""

    state: str = "unwitnessed"
    witnessed_at: datetime | None = None
    outcome: LoggedEntry | None = None


UNWITNESSED = Standing()


def signal_body(
    logged: LoggedSignal,
    prose_of: ProseOf = no_prose,
    standing: Standing = UNWITNESSED,
    so_far: SoFar = NOTHING,
) -> SignalBody:
    """A logged signal, with what it takes to check it later."""
    said, signal = decode_entry(logged.body), read_signal(logged.body)
    entry = said if logged.entry == logged.body else decode_entry(logged.entry)
    prose, prose_source = prose_of(signal.id) or (None, None)
    return SignalBody(
        id=signal.id,
        symbol=signal.symbol,
        direction=signal.direction,
        reason=signal.reason.value,
        confidence=percent(signal.confidence_bp),
        confidence_bp=signal.confidence_bp,
        coverage_bp=signal.coverage_bp,
        agreement_bp=signal.agreement_bp,
        entry=signal.entry,
        stop=signal.stop,
        target=signal.target,
        horizon_s=signal.horizon_s,
        decided_at=signal.decided_at,
        expires_at=signal.expires_at,
        regime=signal.regime.value,
        profile=signal.profile,
        feed=signal.feed,
        reasoning=signal.reasoning,
        reasoning_source=signal.reasoning_source,
        contributions=tuple(
            ContributionBody(each.source, each.phi_bp, each.strength, each.age_s, each.raw_sha256)
            for each in signal.contributions
        ),
        evidence=tuple(
            EvidenceBody(each.id, each.source, each.kind, each.value, each.unit, each.as_of)
            for each in signal.evidence
        ),
        inputs_sha256=signal.inputs_sha256,
        log=said.log,
        strategy=said.strategy,
        seq=said.seq,
        index=logged.index,
        signal_sha256=sha256_hex(logged.body),
        leaf_hash=leaf_hash(logged.entry).hex(),
        commitment=entry.text("commitment") if entry.kind == "commit" else None,
        revealed=logged.revealed,
        entry_path=f"/api/v1/entries/{logged.index}",
        proof_path=f"/proof/{logged.index}.tlog-proof",
        state=standing.state,
        witnessed_at=standing.witnessed_at,
        outcome=None if standing.outcome is None else outcome_body(standing.outcome),
        prose=prose,
        prose_source=prose_source,
        calibrated=_calibrated(so_far.calibrated(said.strategy, signal)),
    )


def _calibrated(known: Calibrated | None) -> CalibratedBody | None:
    return (
        None if known is None else CalibratedBody(known.probability, known.method, known.outcomes)
    )


def outcome_body(logged: LoggedEntry) -> OutcomeBody:
    """An outcome entry as it is shown."""
    entry = decode_entry(logged.data)
    outcome = read_outcome(entry)
    start, end = outcome.start, outcome.end
    return OutcomeBody(
        index=logged.index,
        rule=entry.text("rule"),
        result=outcome.result.value,
        return_bp=outcome.return_bp,
        official_at=outcome.official,
        start=start.price if start else None,
        start_at=start.at if start else None,
        end=end.price if end else None,
        end_at=end.at if end else None,
        prices=outcome.prices,
        longest_gap_s=outcome.gap.total_seconds(),
    )


def quote_body(quote: Quote, now: datetime) -> QuoteBody:
    age = round(quote.age_s(now), 3)
    return QuoteBody(quote.price, quote.bid, quote.ask, quote.at, age, quote.feed)


def view_body(engine: Engine, decision: Decision, now: datetime) -> ViewBody:
    """The last cycle's view, and for a HOLD what would have made a signal."""
    view = decision.view
    holds = decision.direction is Direction.HOLD
    return ViewBody(
        outcome=decision.outcome.value,
        direction=decision.direction,
        reason=decision.reason.value,
        confidence=percent(decision.confidence_bp),
        confidence_bp=decision.confidence_bp,
        coverage=round(view.coverage, 4) if view else 0.0,
        agreement=round(view.agreement, 4) if view else 0.0,
        contributions=tuple(
            ShareBody(share.source, share.phi_bp, share.strength, round(share.age_s, 3))
            for share in (view.shares if view else ())
        ),
        missing=tuple(view.missing) if view else (),
        faded=tuple(view.faded) if view else (),
        phase=decision.basis.phase.value,
        regime=decision.basis.regime.value,
        evaluated_at=decision.evaluated_at,
        age_s=round(max(0.0, (now - decision.evaluated_at).total_seconds()), 3),
        why=tuple(map(str, engine.why_not(decision.symbol))) if holds else (),
    )
