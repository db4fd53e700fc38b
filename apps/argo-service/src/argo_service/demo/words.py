"""Decisions in short words, for both views."""

from argo_core.consensus.reasons import Direction
from argo_core.engine.engine import Engine
from argo_core.engine.picture import Decision, Outcome
from argo_core.market.instrument import Symbol


def sentence(engine: Engine, decision: Decision) -> str:
    """Why the symbol stands where it stands."""
    standing = engine.known.standing.get(decision.symbol)
    if decision.outcome is Outcome.SIGNAL and decision.signal is not None:
        return decision.signal.reasoning
    if decision.outcome is Outcome.SKIP and standing is not None:
        return f"{standing.direction.value} of {standing.decided_at:%H:%M:%S} stands"
    changes = engine.why_not(decision.symbol)
    said = decision.reason.value.replace("_", " ")
    return f"{said}; {changes[0]}" if changes else said


def shown_direction(engine: Engine, symbol: Symbol) -> Direction:
    """What the record says of the symbol now; HOLD while it says nothing."""
    standing = engine.known.standing.get(symbol)
    return standing.direction if standing else Direction.HOLD
