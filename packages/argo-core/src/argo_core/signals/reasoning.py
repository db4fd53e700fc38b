"""A signal in words, from its numbers alone; the same numbers always give the same words."""

from collections.abc import Iterable, Sequence

from argo_core.consensus.reasons import Direction, Reason
from argo_core.market.instrument import Symbol
from argo_core.signals.evidence import Evidence
from argo_core.signals.signal import Contribution

TEMPLATE_VERSION = "template-1"

_TITLES = {
    "massive": "Massive",
    "alpha_vantage": "Alpha Vantage",
    "grok": "Grok",
    "sonar": "Sonar",
}

_WHY = {
    Reason.WEAK: "the sources are not strong enough together",
    Reason.CONFLICT: "the sources contradict each other",
    Reason.NO_QUORUM: "too few sources have a say",
    Reason.NO_MARKET_DATA: "there is no price",
    Reason.STALE: "what is known is too old",
    Reason.MODEL_HOLD: "every source says hold",
    Reason.SOURCE_ERROR: "a source that is needed fails",
    Reason.MARKET_CLOSED: "the market is closed",
}


def template(
    *,
    symbol: Symbol,
    direction: Direction,
    reason: Reason,
    confidence_bp: int,
    contributions: Iterable[Contribution],
    evidence: Sequence[Evidence],
) -> str:
    """One line of printable ASCII: the verdict, who contributed what, and the evidence by number.

    Contributions are percentage points in the direction they pull, the largest first; the signed
    numbers are those of the signal, rounded to whole points.
    """
    head = f"{direction} {symbol} {points(abs(confidence_bp))} %"
    if direction is Direction.HOLD:
        head += f" ({_WHY.get(reason, reason)})"
    ranked = sorted(contributions, key=lambda part: (-abs(part.phi_bp), part.source))
    parts = ", ".join(f"{title(part.source)} {points(part.phi_bp):+d}" for part in ranked)
    facts = ", ".join(_cite(one) for one in evidence)
    sentences = [head + (f": {parts}" if parts else ""), facts]
    return " ".join(f"{sentence}." for sentence in sentences if sentence)


def title(source: str) -> str:
    """A source's name as people write it."""
    return _TITLES.get(source, source)


def points(basis_points: int) -> int:
    """Whole percentage points, as readers are shown them; halves go to the even one."""
    return round(basis_points / 100)


def _cite(fact: Evidence) -> str:
    unit = f" {fact.unit}" if fact.unit else ""
    return f"{fact.kind} {fact.value}{unit} [{fact.id}]"
