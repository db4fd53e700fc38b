"""Decisions in short words, for both views."""

from argo_core.consensus.reasons import Direction
from argo_core.engine.engine import Engine
from argo_core.engine.picture import Decision, Outcome
from argo_core.market.instrument import Symbol
from argo_service.api.signal_views import ProseOf, no_prose
from argo_service.demo.stage import new_york


def sentence(engine: Engine, decision: Decision, prose_of: ProseOf = no_prose) -> str:
    """Why the symbol stands where it stands; a model's words begin with the model's name."""
    standing = engine.known.standing.get(decision.symbol)
    if decision.outcome in {Outcome.SIGNAL, Outcome.SKIP} and standing is not None:
        prose = prose_of(standing.id)
        if prose is not None:
            text, source = prose
            return f"{source}: {text}"
    if decision.outcome is Outcome.SIGNAL and decision.signal is not None:
        return decision.signal.reasoning
    if decision.outcome is Outcome.SKIP and standing is not None:
        since = new_york(standing.decided_at)
        return f"{standing.direction.value} of {since:%H:%M:%S} stands"
    said = decision.reason.value.replace("_", " ")
    changes = engine.why_not(decision.symbol)
    if not changes:
        return said
    # A lower threshold would always do; what a source would have had to say tells more.
    told = next((change for change in changes if change.source is not None), changes[0])
    return f"{said}; {told}"


def shown_direction(engine: Engine, symbol: Symbol) -> Direction:
    """What the record says of the symbol now; HOLD while it says nothing."""
    standing = engine.known.standing.get(symbol)
    return standing.direction if standing else Direction.HOLD
